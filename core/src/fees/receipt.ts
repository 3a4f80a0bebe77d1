import { type SQL, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { invoiceDocument } from '../billing/invoice-document.ts'
import { renderInvoicePdf } from '../billing/render-invoice.ts'
import { CoinError } from '../errors.ts'
import { formatDate } from '../ui/index.ts'

/** The receipt of a paid fee, for the member who paid it. It is made when it is asked for: the call for the fee is the file that is kept. */
export const receiptView: View = {
  path: '/membership/:id{[0-9]+}/receipt',
  access: 'member',
  get: c => receiptOf(c, sql`AND f.member_id = ${currentScope().actor.memberId ?? 0}`),
}

/** The same for staff. */
export const staffReceiptView: View = {
  path: '/admin/fees/:id{[0-9]+}/receipt',
  access: 'fee.view',
  get: c => receiptOf(c, sql``),
}

async function receiptOf(c: Context, whose: SQL): Promise<Response> {
  const { db } = currentScope()
  const id = Number(c.req.param('id'))
  const { rows } = await db.execute<{ invoiceId: number; paidOn: string }>(sql`
    SELECT f.invoice_id AS "invoiceId", f.paid_on AS "paidOn" FROM membership_fee_paid f
    WHERE f.id = ${Number.isSafeInteger(id) ? id : 0} AND f.withdrawn_on IS NULL ${whose}`)
  const [paid] = rows
  if (!paid) throw new CoinError('not_found', 'There is no receipt: this fee is not paid, or not yours.')
  const document = await invoiceDocument(db, paid.invoiceId)
  const paymentTerms = withinScope({ locale: document.language, app: 'fees' }, () =>
    t('Received on {{date}}. Thank you.', { date: formatDate(paid.paidOn) }),
  )
  const content = await renderInvoicePdf({ ...document, kind: 'receipt', paymentTerms })
  c.header('Content-Disposition', `attachment; filename="receipt-${document.number.replace(/[^\w.-]/g, '-')}.pdf"`)
  c.header('Cache-Control', 'no-store')
  return c.body(new Uint8Array(content), 200, { 'Content-Type': 'application/pdf' })
}
