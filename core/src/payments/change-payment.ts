import { eq, sql } from 'drizzle-orm'
import { decimal } from '../billing/money.ts'
import type { Tx } from '../db/database.ts'
import { databaseFailure } from '../db/errors.ts'
import { CoinError, invalid } from '../errors.ts'
import { lockMembers } from './allocations.ts'
import { amountOf } from './amount.ts'
import { gone, type NewPayment } from './rules.ts'
import { payments } from './tables.ts'

/** What may be changed of a payment; the currency stays. */
export type PaymentChange = Partial<Omit<NewPayment, 'currency' | 'reversesId'>>

/** Changes a payment. What the rules allocated of it is allocated anew; throws when less is left than a person allocated, or was given back. */
export async function changePayment(tx: Tx, id: number, change: PaymentChange): Promise<void> {
  await lockMembers(tx, sql`SELECT member_id FROM payment WHERE id = ${id}`)
  const [before] = await tx.select().from(payments).where(eq(payments.id, id)).for('no key update')
  if (!before) throw gone()
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const after = { ...before, ...given, ...(change.amount !== undefined && { amount: amountOf(change.amount, before.currency).toFixed(2) }) }
  if ((['memberId', 'amount', 'receivedOn', 'invoiceId'] as const).some(name => before[name] !== after[name])) {
    await tx.execute(sql`DELETE FROM payment_allocation WHERE NOT by_hand AND (from_payment = ${id} OR to_payment = ${id})`)
    await requireRoom(tx, id, after.amount, before.currency)
  }
  const { memberId, amount, receivedOn, method, reference, comment, invoiceId } = after
  await tx.update(payments).set({ memberId, amount, receivedOn, method, reference, comment, invoiceId }).where(eq(payments.id, id))
}

async function requireRoom(tx: Tx, id: number, amount: string, currency: string): Promise<void> {
  const { rows } = await tx.execute<{ taken: string }>(sql`
    SELECT greatest(abs(allocated), -coalesce((SELECT sum(r.amount) FROM payment r WHERE r.reverses_id = p.id), 0))::text AS taken FROM payment p WHERE id = ${id}`)
  const taken = rows[0]?.taken ?? '0'
  if (decimal(amount).abs().lt(taken))
    throw invalid('amount', '{{taken}} {{currency}} of it is allocated by hand, or was given back: take that back first.', {
      taken,
      currency,
    })
}

/** Removes a payment that was recorded by mistake. What it covered is open again. Throws when something stands on it, such as a bank statement. */
export async function removePayment(tx: Tx, id: number): Promise<void> {
  await lockMembers(tx, sql`SELECT member_id FROM payment WHERE id = ${id}`)
  try {
    // a savepoint, so that the transaction outlives the refusal
    await tx.transaction(inner => inner.delete(payments).where(eq(payments.id, id)))
  } catch (error) {
    const failure = databaseFailure(error)
    if (failure?.code !== '23503' || failure.constraint === 'payment_reverses') throw error
    throw new CoinError('refused', 'This payment comes from a bank statement or a direct debit.', {
      hint: 'Undo it there, or pay it back here.',
      constraint: failure.constraint ?? '',
      cause: error,
    })
  }
}
