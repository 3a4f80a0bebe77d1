import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { Note, PostButton } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { lockDraft } from './draft.ts'
import { invoiceOf } from './invoice-of.ts'
import { invoicePath } from './invoice-path.ts'

const fits = ({ kind, total }: Row) => (kind === 'credit_note' ? Number(total) <= 0 : Number(total) >= 0)

/** Says that a draft's total is on the wrong side of zero for what it is, and offers to make it the other. */
export function KindNote({ row }: { row: Row }) {
  if (row.state !== 'draft' || fits(row)) return null
  const credit = row.kind === 'credit_note'
  return (
    <Note tone="drift">
      <p>
        {credit
          ? t('Its total is above zero: it cannot be issued as a credit note.')
          : t('Its total is below zero: it can be issued only as a credit note.')}
      </p>
      {(credit || row.kind === 'invoice') && mayEverywhere(currentScope().actor, 'invoice.change') && (
        <PostButton small action={invoicePath(row.id, 'kind')} fields={{ kind: credit ? 'invoice' : 'credit_note' }}>
          {credit ? t('Make it an invoice') : t('Make it a credit note')}
        </PostButton>
      )}
    </Note>
  )
}

/** Makes a draft invoice a credit note, or the other way round. */
export const kindView: View = {
  path: '/admin/invoices/:id{[0-9]+}/kind',
  access: 'invoice.change',
  async post(c) {
    const { id } = await invoiceOf(c, currentScope().db)
    const { kind } = await c.req.parseBody()
    if (kind !== 'invoice' && kind !== 'credit_note')
      throw new CoinError('invalid', 'What was sent cannot be read.', { hint: 'Open the page again and send it from there.' })
    await c.var.coin.transaction(c.var.actor, async tx => {
      await lockDraft(tx, id)
      await tx.execute(sql`UPDATE invoice SET kind = ${kind} WHERE id = ${id} AND kind IN ('invoice', 'credit_note')`)
    })
    return redirectTo(c, invoicePath(id), kind === 'invoice' ? t('It is an invoice now.') : t('It is a credit note now.'))
  },
}
