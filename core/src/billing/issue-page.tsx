import { readVersion } from '../admin/form.tsx'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { Confirm, Facts, formatDate, formatMoney, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { invoiceOf, noInvoice, readInvoice } from './invoice-of.ts'
import { invoicePath } from './invoice-path.ts'
import { invoiceTitle, kindWord } from './invoice-words.tsx'
import { issueInvoices } from './issue.ts'

/** The last step before a draft gets its number. */
export const issuePage: View = {
  path: '/admin/invoices/:id{[0-9]+}/issue',
  access: 'invoice.issue',
  async get(c) {
    const { db, registry } = currentScope()
    const invoice = await invoiceOf(c, db)
    if (invoice.state === 'issued') return redirectTo(c, invoicePath(invoice.id), t('It was issued already.'))
    const { paymentDays } = registry.config.billing
    return (
      <Confirm
        title={t('Issue the draft {{id}}?', { id: String(invoice.id) })}
        crumbs={[
          { label: t('Invoices'), href: sitePath('/admin/invoices') },
          { label: invoiceTitle(invoice), href: invoicePath(invoice.id) },
        ]}
        action={invoicePath(invoice.id, 'issue')}
        submit={t('Issue')}
        back={invoicePath(invoice.id)}
        hidden={{ version: String(invoice.version) }}
      >
        <p>
          {t(
            'It gets the next number and today’s date, and is frozen. This cannot be taken back: what is wrong is then mended by a credit note.',
          )}
        </p>
        <Facts
          items={[
            { label: t('Member'), value: invoice.memberName },
            { label: t('Kind'), value: kindWord(invoice.kind) },
            { label: t('Total'), value: formatMoney(invoice.total, invoice.currency) },
            {
              label: t('Due'),
              value: invoice.dueOn ? formatDate(invoice.dueOn) : t('{{count}} days after its issue', { count: paymentDays }),
            },
          ]}
        />
        {registry.config.billing.document.mail && <p class="quiet">{t('Its PDF is made next, and sent to the member.')}</p>}
      </Confirm>
    )
  },
  async post(c) {
    const version = await readVersion(c)
    const { id } = await invoiceOf(c, currentScope().db)
    const number = await c.var.coin.transaction(c.var.actor, async tx => {
      const draft = await readInvoice(tx, id, true)
      if (!draft) throw noInvoice()
      if (draft.state === 'draft' && version !== undefined && draft.version !== version)
        throw new CoinError('conflict', 'The draft was changed meanwhile.', { hint: 'Look at it as it is now, then issue it.' })
      await issueInvoices(tx, [id])
      return (await readInvoice(tx, id))?.number ?? ''
    })
    return redirectTo(c, invoicePath(id), t('It is issued as {{number}}.', { number }))
  },
}
