import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError, type FieldError } from '../errors.ts'
import { errorOf, Field, Form, Page, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { type InvoiceHeadRow, invoiceOf, readInvoice } from './invoice-of.ts'
import { invoicePath } from './invoice-path.ts'
import { invoiceTitle } from './invoice-words.tsx'

/** Puts an invoice in dispute, with the reason, or ends the dispute. */
export const disputePage: View = {
  path: '/admin/invoices/:id{[0-9]+}/dispute',
  access: 'invoice.change',
  async get(c) {
    return <DisputePage invoice={disputable(await invoiceOf(c, currentScope().db))} />
  },
  async post(c) {
    const invoice = disputable(await invoiceOf(c, currentScope().db))
    const { reason, disputed } = await c.req.parseBody()
    const text = typeof reason === 'string' ? reason.replace(/\r\n?/g, '\n').trim() : ''
    const ends = disputed === 'yes'
    if (text === '' && !ends) {
      c.status(422)
      return <DisputePage invoice={invoice} errors={[{ field: 'reason', message: 'Say what it is about.' }]} />
    }
    await c.var.coin.transaction(c.var.actor, async tx => {
      const now = await readInvoice(tx, invoice.id, true)
      if (((now?.disputedOn ?? null) !== null) !== ends)
        throw new CoinError('conflict', 'Somebody else did this meanwhile.', { hint: 'Look at the invoice as it is now.' })
      await tx.execute(
        sql`UPDATE invoice SET disputed_on = ${ends ? sql`NULL` : sql`coin.today()`}, dispute_reason = ${text} WHERE id = ${invoice.id}`,
      )
    })
    return redirectTo(c, invoicePath(invoice.id), ends ? t('The dispute is over.') : t('It is in dispute.'))
  },
}

function disputable(invoice: InvoiceHeadRow): InvoiceHeadRow {
  if (invoice.state === 'issued' && invoice.kind !== 'credit_note') return invoice
  throw new CoinError('refused', 'Only an issued invoice is disputed.', { hint: 'Change or delete the draft.' })
}

function DisputePage({ invoice, errors = [] }: { invoice: InvoiceHeadRow; errors?: readonly FieldError[] }) {
  const disputed = invoice.disputedOn !== null
  return (
    <Page
      title={
        disputed
          ? t('End the dispute of {{number}}', { number: invoice.number })
          : t('Mark {{number}} as in dispute', { number: invoice.number })
      }
      errors={errors}
      crumbs={[
        { label: t('Invoices'), href: sitePath('/admin/invoices') },
        { label: invoiceTitle(invoice), href: invoicePath(invoice.id) },
      ]}
    >
      <Form
        action={invoicePath(invoice.id, 'dispute')}
        submit={disputed ? t('End the dispute') : t('Mark as in dispute')}
        cancel={invoicePath(invoice.id)}
        hidden={{ disputed: disputed ? 'yes' : 'no' }}
      >
        <Field
          name="reason"
          label={disputed ? t('How it ended') : t('What it is about')}
          kind="textarea"
          optional={disputed}
          hint={disputed ? t('Kept in the history.') : t('Reminders stop while it is in dispute. The member does not see this.')}
          error={errorOf(errors, 'reason')}
        />
      </Form>
    </Page>
  )
}
