import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { paidFees } from './queries.ts'

/** Somebody who is a member on the day of the roll. */
export interface Voter extends Record<string, unknown> {
  readonly id: number
  readonly name: string
  readonly joinedOn: string
  readonly paidUp: boolean
  /** The last day of the fee that covers the day. */
  readonly until: string | null
}

/** Who is a member on a day, by last name, and whether a paid fee covered it: then, when the day is past. */
export async function votingRoll(db: Tx, date: string): Promise<readonly Voter[]> {
  const { rows } = await db.execute<Voter>(sql`
    SELECT m.id, m.display_name AS name, m.joined_on AS "joinedOn", p.until IS NOT NULL AS "paidUp", p.until
    FROM member m CROSS JOIN LATERAL (SELECT max(upper(f.during) - 1) AS until FROM (${paidFees(sql`m.id`, sql`${date}::date`)}) f) p
    WHERE m.joined_on <= ${date}::date AND CASE WHEN m.resigned_on IS NULL THEN m.status = 'member' ELSE m.status <> 'pending' AND m.resigned_on >= ${date}::date END
    ORDER BY coin.fold(CASE m.kind WHEN 'legal' THEN m.organization_name ELSE m.last_name || ' ' || m.first_name END), m.id`)
  return rows
}

/** How many of so many a share is, rounded up: a quarter of 137 is 35. `percent` from 0 to 100. */
export const quorumOf = (percent: number, voters: number): number => Math.ceil((percent * voters) / 100)
