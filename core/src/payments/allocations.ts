import { type SQL, sql } from 'drizzle-orm'
import { decimal } from '../billing/money.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { amountAbove } from './amount.ts'

/** What pays, and what is paid: a payment or a credit note, and an invoice or money that went out. */
export type ByHand = ({ readonly fromPayment: number } | { readonly fromCreditNote: number }) &
  ({ readonly toInvoice: number } | { readonly toPayment: number }) & {
    /** Above zero, a decimal number; as much as fits unless given. */
    readonly amount?: string | undefined
  }

/** Applies the rules to all that is open of these members. The database does it by itself after most changes. */
export async function allocateOpen(tx: Tx, memberIds: readonly number[]): Promise<void> {
  await tx.execute(sql`SELECT coin.allocate_payments(${sql.param(memberIds)}::bigint[])`)
}

/** Waits for whoever allocates for the same members. Taken before their invoices and payments, in the order of ids, as the rules do. */
export async function lockMembers(tx: Tx, ids: SQL): Promise<void> {
  await tx.execute(sql`SELECT FROM member WHERE id IN (${ids}) ORDER BY id FOR NO KEY UPDATE`)
}

/**
 * Allocates by hand: the rules leave it alone. What they allocated of both sides makes room, and is allocated again where there is room
 * left. Throws, at `amount`, when more is asked for than either side has. Returns the allocation's id.
 */
export async function allocateByHand(tx: Tx, given: ByHand): Promise<number> {
  const from = 'fromPayment' in given ? paymentSide(given.fromPayment) : invoiceSide(given.fromCreditNote)
  const to = 'toInvoice' in given ? invoiceSide(given.toInvoice) : paymentSide(given.toPayment)
  await lockMembers(tx, sql`${from.members} UNION ${to.members}`)
  const [source, target] = [await from.read(tx), await to.read(tx)]
  const most = decimal(source.free).lt(target.free) ? source.free : target.free
  const amount = amountAbove(given.amount ?? most, source.currency)
  if (amount.gt(source.free))
    throw invalid('amount', 'Only {{left}} {{currency}} of this is left to allocate.', { left: source.free, currency: source.currency })
  if (amount.gt(target.free))
    throw invalid('amount', 'Only {{left}} {{currency}} is left to cover there.', { left: target.free, currency: target.currency })
  await tx.execute(sql`DELETE FROM payment_allocation a WHERE (${from.makesRoom}) OR (${to.makesRoom})`)
  const { rows } = await tx.execute<{ id: number }>(sql`
    INSERT INTO payment_allocation (from_payment, from_credit_note, to_invoice, to_payment, amount, by_hand)
    VALUES (${'fromPayment' in given ? given.fromPayment : null}, ${'fromCreditNote' in given ? given.fromCreditNote : null},
      ${'toInvoice' in given ? given.toInvoice : null}, ${'toPayment' in given ? given.toPayment : null}, ${amount.toFixed(2)}, true) RETURNING id`)
  await allocateOpen(tx, [source.memberId])
  return (rows[0] as { id: number }).id
}

/**
 * Takes one allocation back: both sides are open again. They stay so until they are allocated by hand, or the rules look at this member
 * again: at the next payment or invoice.
 */
export async function takeBackAllocation(tx: Tx, id: number): Promise<void> {
  await lockMembers(
    tx,
    sql`SELECT coalesce(p.member_id, n.member_id) FROM payment_allocation a LEFT JOIN payment p ON p.id = a.from_payment LEFT JOIN invoice n ON n.id = a.from_credit_note WHERE a.id = ${id}`,
  )
  const { rowCount } = await tx.execute(sql`DELETE FROM payment_allocation WHERE id = ${id}`)
  if (!rowCount) throw new CoinError('not_found', 'This allocation was taken back already.')
}

/** Drops what the rules allocated for a member, except on invoices in dispute, and applies them anew. */
export async function reallocate(tx: Tx, memberId: number): Promise<void> {
  await lockMembers(tx, sql`${memberId}::bigint`)
  await tx.execute(sql`
    DELETE FROM payment_allocation a WHERE NOT by_hand
      AND (from_payment IN (SELECT id FROM payment WHERE member_id = ${memberId}) OR from_credit_note IN (SELECT id FROM invoice WHERE member_id = ${memberId}))
      AND NOT EXISTS (SELECT FROM invoice i WHERE i.id = a.to_invoice AND i.disputed_on IS NOT NULL)`)
  await allocateOpen(tx, [memberId])
}

interface Side {
  readonly memberId: number
  readonly currency: string
  /** What is not allocated by hand, and not given back. */
  readonly free: string
}

// what a return or a refund took of the payment that it undoes is gone
const paymentSide = (id: number) => ({
  members: sql`SELECT member_id FROM payment WHERE id = ${id}`,
  makesRoom: sql`NOT a.by_hand AND (a.from_payment = ${id} OR a.to_payment = ${id})
    AND NOT EXISTS (SELECT FROM payment r WHERE r.id = a.to_payment AND r.reverses_id = a.from_payment)`,
  read: (tx: Tx): Promise<Side> =>
    readSide(
      tx,
      sql`SELECT member_id AS "memberId", currency, (abs(amount) - coalesce((SELECT sum(a.amount) FROM payment_allocation a LEFT JOIN payment r ON r.id = a.to_payment
        WHERE (a.from_payment = p.id OR a.to_payment = p.id) AND (a.by_hand OR r.reverses_id = a.from_payment)), 0))::text AS free
        FROM payment p WHERE id = ${id} FOR NO KEY UPDATE`,
    ),
})

const invoiceSide = (id: number) => ({
  members: sql`SELECT member_id FROM invoice WHERE id = ${id}`,
  makesRoom: sql`NOT a.by_hand AND (a.to_invoice = ${id} OR a.from_credit_note = ${id})`,
  read: (tx: Tx): Promise<Side> =>
    readSide(
      tx,
      sql`SELECT member_id AS "memberId", currency, (abs(total) - coalesce((SELECT sum(a.amount) FROM payment_allocation a
        WHERE (a.to_invoice = i.id OR a.from_credit_note = i.id) AND a.by_hand), 0))::text AS free
        FROM invoice i WHERE id = ${id} AND state = 'issued' FOR NO KEY UPDATE`,
    ),
})

async function readSide(tx: Tx, statement: SQL): Promise<Side> {
  const { rows } = await tx.execute<Side & Record<string, unknown>>(statement)
  const [side] = rows
  if (!side) throw new CoinError('not_found', 'This is not there any more.')
  return side
}
