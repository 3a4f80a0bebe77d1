import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { lockMembers } from '../payments/allocations.ts'
import { type FeeLine, feesOf, type Standing, standingOf } from './queries.ts'
import { addFee, changeFeeAmount } from './rules.ts'

/** What a member may do about the fee: nothing, pay the one that waits, or ask for the next one. */
export type Own = Standing & {
  readonly fees: readonly FeeLine[]
  /** The oldest fee that waits for its payment. */
  readonly waiting: FeeLine | undefined
  readonly mayRenew: boolean
}

/** A member's own fees. */
export async function ownFees(db: Tx, memberId: number): Promise<Own> {
  const standing = await standingOf(db, memberId)
  if (!standing) throw new CoinError('not_found', 'This member does not exist.')
  const fees = await feesOf(db, memberId)
  const waiting = fees.findLast(({ state }) => state !== 'paid' && state !== 'withdrawn')
  return {
    ...standing,
    fees,
    waiting,
    mayRenew: !waiting && standing.status === 'member' && standing.resignedOn === null && isTime(standing),
  }
}

/** Whether the amount of a fee can still be another: nothing was paid of it. */
export const amountIsFree = ({ due, amount }: FeeLine): boolean => Number(due) === Number(amount)

/** A member chooses an amount: of the fee that waits, or of a new one. Returns the bill to pay. */
export async function chooseOwnFee(tx: Tx, memberId: number, amount: string): Promise<number> {
  // sent twice at once, the second finds the fee that the first made
  await lockMembers(tx, sql`SELECT ${memberId}::bigint`)
  const { waiting, mayRenew } = await ownFees(tx, memberId)
  if (waiting) {
    await changeFeeAmount(tx, waiting.id, amount)
    const changed = (await feesOf(tx, memberId)).find(({ id }) => id === waiting.id)
    return changed?.invoiceId ?? waiting.invoiceId
  }
  if (!mayRenew) throw new CoinError('refused', 'There is no fee to pay now.', { hint: 'We write to you when the next one is due.' })
  return (await addFee(tx, { memberId, amount })).invoiceId
}

/** As long before the end as the first call goes out: three months unless the settings say otherwise. */
function isTime({ ends, today }: Standing): boolean {
  if (ends === null) return true
  const earliest = Math.min(0, ...currentScope().registry.config.fees.reminderMonths)
  return Temporal.PlainDate.compare(today, Temporal.PlainDate.from(ends).add({ months: earliest })) >= 0
}
