import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import { issueInvoices, makeCreditNote } from '../billing/issue.ts'
import type { Tx } from '../db/database.ts'

/** A bill of one line, for a fee or a donation. */
export interface NewBill {
  readonly memberId: number
  readonly amount: string
  /** In the member's language. */
  readonly description: string
  /** How the amount comes about, in the member's language. */
  readonly explanation?: string
  /** The days it is about, both included. */
  readonly period?: { readonly first: string; readonly last: string }
  /** A sentence to the member, printed. */
  readonly note?: string
  /** Not due before this day. */
  readonly notBefore: string
}

/** Drafts a bill for each, in two statements however many there are. Returns their ids in the same order. Neither fees nor donations bear VAT. */
export async function draftBills(tx: Tx, kind: 'fee' | 'donation', bills: readonly NewBill[]): Promise<readonly number[]> {
  const { billing, provider } = currentScope().registry.config
  const mention = kind === 'fee' ? billing.vatMention : ''
  const { rows } = await tx.execute<{ id: number }>(sql`
    INSERT INTO invoice (id, member_id, kind, currency, note, due_on)
    SELECT nextval(pg_get_serial_sequence('invoice', 'id')), b."memberId", ${kind}, ${provider.currency}, coalesce(b.note, ''), greatest(coin.today() + ${billing.paymentDays}::int, b."notBefore")
    FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(bills)}::jsonb) AS ("memberId" bigint, note text, "notBefore" date)) WITH ORDINALITY AS b ("memberId", note, "notBefore", n) ORDER BY n
    RETURNING id`)
  const lines = bills.map((bill, index) => ({
    invoice: rows[index]?.id,
    ...bill,
    period: bill.period && `[${bill.period.first},${bill.period.last}]`,
  }))
  await tx.execute(sql`
    INSERT INTO invoice_line (invoice_id, position, description, explanation, period, unit_price, net, vat_mention)
    SELECT invoice, 1, description, coalesce(explanation, ''), period, amount, round(amount, coin.minor_digits(${provider.currency})), ${mention}
    FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS (invoice bigint, description text, explanation text, period daterange, amount numeric)`)
  return rows.map(({ id }) => id)
}

/** Gives all of a bill back by a credit note, which covers first what is still due of it. */
export async function cancelBill(tx: Tx, invoiceId: number): Promise<void> {
  await issueInvoices(tx, [await makeCreditNote(tx, invoiceId, 'all')])
}
