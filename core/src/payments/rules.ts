import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import { decimal } from '../billing/money.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { allocateOpen, lockMembers } from './allocations.ts'
import { amountAbove, amountOf } from './amount.ts'
import type { PaymentMethod } from './tables.ts'

export interface NewPayment {
  readonly memberId: number
  /** A decimal number; below zero for money that went out. */
  readonly amount: string
  /** ISO; today unless given. */
  readonly receivedOn?: string | undefined
  /** A transfer unless given. */
  readonly method?: PaymentMethod | undefined
  /** The provider's unless given. */
  readonly currency?: string | undefined
  /** What the payer wrote, a cheque's number. */
  readonly reference?: string | undefined
  readonly comment?: string | undefined
  /** The invoice it was given for: it is covered first. */
  readonly invoiceId?: number | null | undefined
  /** Of money that went out: the payment that it undoes. */
  readonly reversesId?: number | null | undefined
}

/** Records one payment. It covers what is open at once. Returns its id. */
export async function recordPayment(tx: Tx, payment: NewPayment): Promise<number> {
  const [id] = await recordPayments(tx, [payment])
  return id as number
}

/** Records payments in one statement, and returns their ids in the same order. What they cover follows in the database. */
export async function recordPayments(tx: Tx, given: readonly NewPayment[]): Promise<number[]> {
  if (given.length === 0) return []
  const own = currentScope().registry.config.provider.currency
  const rows = given.map(payment => {
    const currency = payment.currency ?? own
    return { ...payment, currency, amount: amountOf(payment.amount, currency).toFixed(2) }
  })
  const { rows: made } = await tx.execute<{ id: number }>(sql`
    INSERT INTO payment (member_id, amount, currency, received_on, method, reference, comment, invoice_id, reverses_id)
    SELECT p."memberId", p.amount, p.currency, coalesce(p."receivedOn", coin.today()), coalesce(p.method, 'transfer'), coalesce(p.reference, ''),
      coalesce(p.comment, ''), p."invoiceId", p."reversesId"
    FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS ("memberId" bigint, amount numeric, currency text, "receivedOn" date, method text,
      reference text, comment text, "invoiceId" bigint, "reversesId" bigint)) WITH ORDINALITY
      AS p ("memberId", amount, currency, "receivedOn", method, reference, comment, "invoiceId", "reversesId", n)
    ORDER BY p.n RETURNING id`)
  const ids = made.map(({ id }) => id)
  if (given.some(({ reversesId }) => reversesId)) await releaseReversed(tx, ids)
  return ids
}

/** Money that went back pays nothing any more, what a person chose included: the rules only take back what they allocated themselves. */
async function releaseReversed(tx: Tx, ids: readonly number[]): Promise<void> {
  const { rows } = await tx.execute<{ member_id: number }>(sql`
    DELETE FROM payment_allocation a USING payment r
    WHERE r.id = ANY (${sql.param(ids)}::bigint[]) AND r.reverses_id = a.from_payment AND r.allocated <> r.amount AND a.by_hand AND a.to_payment IS DISTINCT FROM r.id
    RETURNING r.member_id`)
  if (rows.length > 0)
    await allocateOpen(
      tx,
      rows.map(row => row.member_id),
    )
}

/** What undoes a payment, in part or as a whole. */
export interface Reversal extends Pick<NewPayment, 'receivedOn' | 'method' | 'reference' | 'comment'> {
  readonly paymentId: number
  /** Above zero; all that is left of the payment unless given. */
  readonly amount?: string | undefined
}

/**
 * Pays a payment back, in part or as a whole. What is not allocated of it goes first, then what it covers, the newest first: those invoices are open again.
 * Throws when more is given back than was received. Returns the refund's id.
 */
export async function refund(tx: Tx, { paymentId, amount, method, ...rest }: Reversal): Promise<number> {
  const payment = await lockReversible(tx, paymentId)
  const most = decimal(payment.left)
  const asked = amount === undefined ? most : amountAbove(amount, payment.currency)
  if (most.lte(0)) throw new CoinError('refused', 'All of this payment was paid back or returned already.')
  if (asked.gt(most)) {
    throw invalid('amount', 'At most {{left}} {{currency}} of this payment is left to pay back.', {
      left: payment.left,
      currency: payment.currency,
    })
  }
  return recordPayment(tx, {
    ...rest,
    memberId: payment.member_id,
    amount: asked.neg().toFixed(2),
    currency: payment.currency,
    method: method ?? payment.method,
    reversesId: paymentId,
  })
}

/** The bank took a direct debit back. As `refund`. */
export const returnDirectDebit = (tx: Tx, reversal: Omit<Reversal, 'method'>): Promise<number> =>
  refund(tx, { ...reversal, method: 'direct_debit' })

interface Reversible extends Record<string, unknown> {
  readonly member_id: number
  readonly currency: string
  readonly method: PaymentMethod
  readonly left: string
}

async function lockReversible(tx: Tx, id: number): Promise<Reversible> {
  await lockMembers(tx, sql`SELECT member_id FROM payment WHERE id = ${id}`)
  const { rows } = await tx.execute<Reversible & { amount: string }>(sql`
    SELECT member_id, currency, method, amount::text, (amount + coalesce((SELECT sum(r.amount) FROM payment r WHERE r.reverses_id = p.id), 0))::text AS left
    FROM payment p WHERE id = ${id} FOR NO KEY UPDATE`)
  const [payment] = rows
  if (!payment) throw gone()
  if (decimal(payment.amount).lt(0))
    throw new CoinError('refused', 'This money went out: there is nothing to pay back.', { hint: 'Remove it if it is a mistake.' })
  return payment
}

export const gone = () => new CoinError('not_found', 'This payment is not there any more.')
