import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { lockMembers } from '../payments/allocations.ts'
import { amongMembers, calledMembers, endingBefore } from './call-recipients.ts'
import { fellows, lastDay } from './periods.ts'
import { type AddedFee, addFees } from './rules.ts'

/** A fee that would be called for: whose, for which days, and how much. */
export interface Renewal {
  readonly memberId: number
  readonly name: string
  readonly first: string
  readonly last: string
  readonly amount: string
}

/** The next fees of the members whose fees end before a day, or who never had any; of some of them when ids are given. By name. */
export async function renewalsBefore(db: Tx, until: string, ids?: readonly number[]): Promise<readonly Renewal[]> {
  const which = ids ? sql`${endingBefore(until)} AND ${amongMembers(ids)}` : endingBefore(until)
  const members = await calledMembers(db, which)
  const { amount } = currentScope().registry.config.fees
  const known = await fellows(
    db,
    members.map(({ id }) => id),
  )
  return members.flatMap(({ id, name }) => {
    const first = known.get(id)?.next
    return first === undefined ? [] : [{ memberId: id, name, first, last: lastDay(first), amount }]
  })
}

/** Makes those fees with their bills, of these members as far as they still have none. */
export async function renewBefore(tx: Tx, until: string, ids: readonly number[]): Promise<readonly AddedFee[]> {
  if (ids.length === 0) return []
  await lockMembers(tx, sql`SELECT unnest(${sql.param([...ids])}::bigint[])`)
  const renewals = await renewalsBefore(tx, until, ids)
  return addFees(
    tx,
    renewals.map(({ memberId, first, last, amount }) => ({ memberId, from: first, until: last, amount })),
  )
}
