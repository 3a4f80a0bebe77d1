import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'

/** What is known of a member before a fee is made. */
export interface Fellow extends Record<string, unknown> {
  readonly id: number
  readonly name: string
  readonly language: string
  /** The last day of the last fee, paid or not; null without any. */
  readonly ends: string | null
  /** The first day of the next one. */
  readonly next: string
}

/**
 * The members of these ids. A next fee begins the day after the last one, as long as calls for it still go out; later it begins today, because
 * nobody pays for time away.
 */
export async function fellows(tx: Tx, ids: readonly number[]): Promise<ReadonlyMap<number, Fellow>> {
  const { reminderMonths } = currentScope().registry.config.fees
  const grace = Math.max(0, ...reminderMonths) + 1
  const { rows } = await tx.execute<Fellow>(sql`
    SELECT m.id, m.display_name AS name, m.language, l.ends,
      CASE WHEN l.ends + make_interval(months => ${grace}::int) > coin.today() THEN l.ends + 1 ELSE coin.today() END AS next
    FROM member m CROSS JOIN LATERAL (
      SELECT max(upper(f.during) - 1) AS ends FROM membership_fee f WHERE f.member_id = m.id AND f.withdrawn_on IS NULL) l
    WHERE m.id = ANY (${sql.param([...ids])}::bigint[])`)
  return new Map(rows.map(row => [row.id, row]))
}

/** The last day of a fee that begins on `first`: 5 March to 4 March for a year. */
export const lastDay = (first: string, months: number = currentScope().registry.config.fees.months): string =>
  Temporal.PlainDate.from(first).add({ months }).subtract({ days: 1 }).toString()

/** The day on which something is done, where the provider is. */
export async function today(tx: Tx): Promise<string> {
  const { rows } = await tx.execute<{ today: string }>(sql`SELECT coin.today() AS today`)
  return rows[0]?.today ?? ''
}
