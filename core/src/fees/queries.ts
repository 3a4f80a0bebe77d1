import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** A fee as pages show it. `state`: of its bill, or withdrawn. */
export interface FeeLine extends Record<string, unknown> {
  readonly id: number
  readonly first: string
  readonly last: string
  readonly amount: string
  readonly currency: string
  readonly invoiceId: number
  readonly number: string
  /** What is still due of it. */
  readonly due: string
  readonly paidOn: string | null
  readonly state: FeeState
}
export type FeeState = 'paid' | 'due' | 'partly_paid' | 'overdue' | 'withdrawn'

/** The state of a fee `f` by its bill `i`. */
export const feeState = (
  f: SQL,
  i: SQL,
): SQL => sql`CASE WHEN ${f}.withdrawn_on IS NOT NULL THEN 'withdrawn' WHEN ${i}.settled_on IS NOT NULL THEN 'paid'
  WHEN ${i}.due_on < coin.today() THEN 'overdue' WHEN ${i}.allocated > 0 THEN 'partly_paid' ELSE 'due' END`

/** The fees of a member, the last first. */
export async function feesOf(db: Tx, memberId: number): Promise<readonly FeeLine[]> {
  const { rows } = await db.execute<FeeLine>(sql`
    SELECT f.id, lower(f.during) AS first, upper(f.during) - 1 AS last, f.amount, f.currency, f.invoice_id AS "invoiceId", i.number,
      (i.total - i.allocated)::text AS due, p.paid_on AS "paidOn", ${feeState(sql`f`, sql`i`)} AS state
    FROM membership_fee f JOIN invoice i ON i.id = f.invoice_id LEFT JOIN membership_fee_paid p ON p.id = f.id
    WHERE f.member_id = ${memberId} ORDER BY lower(f.during) DESC, f.id DESC`)
  return rows
}

/** Where a member stands. */
export interface Standing extends Record<string, unknown> {
  readonly status: string
  readonly resignedOn: string | null
  /** Whether a paid fee covers today. */
  readonly paidUp: boolean
  /** The last day that is paid for; null when none ever was. */
  readonly until: string | null
  /** The last day of any fee that was not withdrawn. */
  readonly ends: string | null
  readonly today: string
  /** When they were last called for the fee. */
  readonly called: string | null
}

/** Where a member stands today. */
export async function standingOf(db: Tx, memberId: number): Promise<Standing | undefined> {
  const { rows } = await db.execute<Standing>(sql`
    SELECT m.status, m.resigned_on AS "resignedOn", coin.paid_up(m.id, coin.today()) AS "paidUp", coin.today() AS today,
      (SELECT max(upper(p.during) - 1) FROM membership_fee_paid p WHERE p.member_id = m.id AND p.withdrawn_on IS NULL) AS until,
      (SELECT max(upper(f.during) - 1) FROM membership_fee f WHERE f.member_id = m.id AND f.withdrawn_on IS NULL) AS ends,
      (SELECT max(r.sent_on) FROM fee_reminder r WHERE r.member_id = m.id) AS called
    FROM member m WHERE m.id = ${memberId}`)
  return rows[0]
}

/** How many members there are, and how many of them no paid fee covers today. */
export async function unpaidCount(db: Tx): Promise<{ readonly members: number; readonly unpaid: number }> {
  const { rows } = await db.execute<{ members: number; unpaid: number }>(sql`
    SELECT count(*)::int AS members, (count(*) FILTER (WHERE NOT EXISTS (${paidFees(sql`member.id`, sql`coin.today()`)})))::int AS unpaid
    FROM member WHERE status = 'member'`)
  return rows[0] ?? { members: 0, unpaid: 0 }
}

/** The paid fees of a member that cover a day; of a past day, as it was then. As `coin.paid_up`, for many members at once. */
export const paidFees = (memberId: SQL, day: SQL): SQL => sql`
  SELECT p.during FROM membership_fee_paid p WHERE p.member_id = ${memberId} AND p.during @> ${day}
    AND p.paid_on <= least(${day}, coin.today()) AND (p.withdrawn_on IS NULL OR p.withdrawn_on > ${day})`
