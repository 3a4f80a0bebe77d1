import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { Confirm, formatMoney, Note, sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { type ChosenDrafts, chosenDrafts, removeDrafts } from './chosen-drafts.ts'
import { retryDocuments } from './document-retry.ts'
import { invoiceTitle } from './invoice-words.tsx'
import { issueInvoices } from './issue.ts'

const deeds = { issue: 'invoice.issue', 'issue-all': 'invoice.issue', remove: 'invoice.remove', retry: 'invoice.change' } as const
type Deed = keyof typeof deeds

/** What is done with chosen invoices: shown first, and done when it is sent once more and the drafts are still as they were. */
export const chosenPage: View = {
  path: '/admin/invoices/chosen',
  access: 'invoice.view',
  async post(c) {
    const form = await c.req.parseBody({ all: true })
    const deed = deedOf(form.do)
    if (!mayEverywhere(c.var.actor, deeds[deed]))
      throw new CoinError('forbidden', 'You may not open this page.', { hint: 'Ask somebody who works for the provider.' })
    const ids = [form.id ?? []].flat().map(Number)
    if (ids.some(id => !Number.isSafeInteger(id))) throw unreadable()
    if (ids.length === 0 && deed !== 'issue-all') return redirectTo(c, listPath(deed), t('Choose at least one.'), 'fail')
    if (deed === 'retry') {
      const count = await c.var.coin.transaction(c.var.actor, tx => retryDocuments(tx, ids))
      return redirectTo(c, listPath(deed), t('{{count}} are tried again.', { count }))
    }
    const which = deed === 'issue-all' ? 'all' : ids
    const to = deed === 'remove' ? 'remove' : 'issue'
    if (typeof form.token !== 'string') {
      const drafts = await chosenDrafts(currentScope().db, which, to)
      return drafts.ids.length > 0 ? (
        <ReviewPage deed={deed} drafts={drafts} />
      ) : (
        redirectTo(c, listPath(deed), t('None of them is a draft that can be issued.'), 'fail')
      )
    }
    const token = form.token
    const result = await c.var.coin.transaction(c.var.actor, async tx => {
      const drafts = await chosenDrafts(tx, which, to, true)
      if (drafts.token !== token) return drafts
      await (to === 'remove' ? removeDrafts(tx, drafts.ids) : issueInvoices(tx, drafts.ids))
      return drafts.ids.length
    })
    if (typeof result !== 'number') {
      c.status(409)
      return <ReviewPage deed={deed} drafts={result} moved />
    }
    const message =
      deed === 'remove' ? t('{{count}} drafts are deleted.', { count: result }) : t('{{count}} invoices are issued.', { count: result })
    return redirectTo(c, listPath(deed), message)
  },
}

function deedOf(text: unknown): Deed {
  if (typeof text === 'string' && text in deeds) return text as Deed
  throw unreadable()
}

const unreadable = () => new CoinError('invalid', 'What was sent cannot be read.', { hint: 'Open the page again and send it from there.' })

const listPath = (deed: Deed) => `${sitePath('/admin/invoices')}?view=${deed === 'retry' ? 'unsent' : 'drafts'}`

function ReviewPage({ deed, drafts, moved }: { deed: Deed; drafts: ChosenDrafts; moved?: boolean }) {
  const { ids, token, totals, shown, unfit } = drafts
  const count = ids.length
  const removes = deed === 'remove'
  return (
    <Confirm
      title={removes ? t('Delete {{count}} drafts?', { count }) : t('Issue {{count}} drafts?', { count })}
      crumbs={[{ label: t('Invoices'), href: listPath(deed) }]}
      action={sitePath('/admin/invoices/chosen')}
      submit={removes ? t('Delete') : t('Issue')}
      back={listPath(deed)}
      hidden={{ do: deed, token, ...(deed !== 'issue-all' && { id: ids.map(String) }) }}
    >
      {moved && <Note tone="drift">{t('The drafts were changed meanwhile. This is how they are now.')}</Note>}
      <p>
        {removes
          ? t('They have no number, so none is missing. What they bill of subscriptions is due again, and comes back with the next run.')
          : t('Each gets the next number and today’s date, and is frozen. This cannot be taken back.')}
      </p>
      <p class="strong">{totals.map(({ currency, amount }) => formatMoney(amount, currency)).join(' · ')}</p>
      {unfit > 0 && !removes && (
        <Note tone="drift">
          {t('{{count}} more cannot be issued: they have no line, or their total is on the wrong side of zero.', { count: unfit })}
        </Note>
      )}
      <ul>
        {shown.map(draft => (
          <li class="text-break">
            {t('{{label}}: {{text}}', {
              label: `${invoiceTitle(draft)}, ${draft.memberName}`,
              text: formatMoney(draft.total, draft.currency),
            })}
          </li>
        ))}
      </ul>
      {count > shown.length && <p class="quiet">{t('and {{count}} more', { count: count - shown.length })}</p>}
    </Confirm>
  )
}
