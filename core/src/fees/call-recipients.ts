import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** Why somebody gets no call for the fee. */
export type Spared = 'not_member' | 'resigned' | 'opted_out' | 'recent'

/** A member with what a call says and how it goes. */
export interface Called extends Record<string, unknown> {
  readonly id: number
  readonly name: string
  readonly greeting: string
  readonly email: string
  readonly language: string
  readonly openpgpKey: string
  /** The last fee that was paid, and its last day; null without any. */
  readonly feeId: number | null
  readonly until: string | null
  /** The oldest fee that waits for its payment. */
  readonly bill: {
    readonly invoiceId: number
    readonly number: string
    readonly first: string
    readonly last: string
    readonly due: string
    readonly currency: string
  } | null
  /** Null: gets one. */
  readonly spared: Spared | null
  /** When the last call went out. */
  readonly called: string | null
}

/** The rule of who gets no call today, for a member `m`, whoever sends it. */
const spared = sql`CASE WHEN m.resigned_on IS NOT NULL THEN 'resigned' WHEN m.status <> 'member' THEN 'not_member' WHEN NOT m.fee_reminders THEN 'opted_out'
  WHEN EXISTS (SELECT FROM fee_reminder r WHERE r.member_id = m.id AND r.quiet @> coin.today()) THEN 'recent' END`

/** The last paid fee of each member: `member_id`, `fee_id`, `ends`. */
const lastPaid = sql`SELECT DISTINCT ON (p.member_id) p.member_id, p.id AS fee_id, upper(p.during) - 1 AS ends
  FROM membership_fee_paid p WHERE p.withdrawn_on IS NULL ORDER BY p.member_id, upper(p.during) DESC`

/** Members, by name, with what a call would say to each. `which` speaks of `m` (the member) and `last` (the last paid fee: `fee_id`, `ends`). */
export async function calledMembers(db: Tx, which: SQL): Promise<readonly Called[]> {
  const { rows } = await db.execute<Called>(sql`
    SELECT m.id, m.display_name AS name, m.email, m.language, m.openpgp_key AS "openpgpKey", last.fee_id AS "feeId", last.ends AS until, ${spared} AS spared,
      coalesce(nullif(m.nickname, ''), CASE WHEN m.kind = 'natural' THEN nullif(m.first_name, '') END, m.display_name) AS greeting,
      (SELECT max(r.sent_on) FROM fee_reminder r WHERE r.member_id = m.id) AS called,
      (SELECT jsonb_build_object('invoiceId', i.id, 'number', i.number, 'first', lower(f.during), 'last', upper(f.during) - 1, 'due', (i.total - i.allocated)::text, 'currency', f.currency)
        FROM membership_fee f JOIN invoice i ON i.id = f.invoice_id
        WHERE f.member_id = m.id AND f.withdrawn_on IS NULL AND i.settled_on IS NULL ORDER BY f.during LIMIT 1) AS bill
    FROM member m LEFT JOIN (${lastPaid}) last ON last.member_id = m.id WHERE ${which} ORDER BY m.display_name, m.id`)
  return rows
}

/** Of some ids. */
export const amongMembers = (ids: readonly number[]): SQL => sql`m.id = ANY (${sql.param([...ids])}::bigint[])`

/** Members whose fees, paid or not, end before a day, or who never had any. */
export const endingBefore = (day: string): SQL => sql`m.status = 'member' AND m.resigned_on IS NULL
  AND NOT EXISTS (SELECT FROM membership_fee e WHERE e.member_id = m.id AND e.withdrawn_on IS NULL AND upper(e.during) > ${day}::date)`

/** Members who have not paid for a day. */
export const notPaidFor = (day: string): SQL =>
  sql`m.status = 'member' AND m.resigned_on IS NULL AND (last.ends IS NULL OR last.ends < ${day}::date)`

// of the months that have come since the last paid day only the last one counts, and one that passed by more than a month is let go
const dueSql = (months: readonly number[]): SQL => sql`
  SELECT m.id, last.fee_id, c.months, m.email FROM member m JOIN (${lastPaid}) last ON last.member_id = m.id
  CROSS JOIN LATERAL (SELECT o.months, (last.ends + make_interval(months => o.months))::date AS day FROM unnest(${sql.param([...months])}::int[]) AS o (months)
    WHERE last.ends + make_interval(months => o.months) <= coin.today() ORDER BY o.months DESC LIMIT 1) c
  WHERE ${spared} IS NULL AND coin.today() < c.day + interval '1 month'
    AND NOT EXISTS (SELECT FROM fee_reminder r WHERE r.fee_id = last.fee_id AND r.months = c.months)`

/** The members whom the calendar calls today. `months` count from the last day that is paid for. */
export async function dueNow(db: Tx, months: readonly number[]): Promise<readonly number[]> {
  const { rows } = await db.execute<{ id: number }>(dueSql(months))
  return rows.map(({ id }) => id)
}

/** Writes down that they are called. Returns those whom nobody else calls at the same time. */
export const markDue = (tx: Tx, months: readonly number[], gapDays: number, sentBy: string): Promise<readonly number[]> =>
  mark(tx, gapDays, sentBy, dueSql(months))

/** The same for chosen members, by hand, as far as they may be called today. */
export const markChosen = (tx: Tx, ids: readonly number[], gapDays: number, sentBy: string): Promise<readonly number[]> =>
  mark(
    tx,
    gapDays,
    sentBy,
    sql`SELECT m.id, last.fee_id, NULL::int AS months, m.email FROM member m LEFT JOIN (${lastPaid}) last ON last.member_id = m.id WHERE ${amongMembers(ids)} AND ${spared} IS NULL`,
  )

// two at once: the second waits for the first, then finds the days taken
async function mark(tx: Tx, gapDays: number, sentBy: string, due: SQL): Promise<readonly number[]> {
  const { rows } = await tx.execute<{ member_id: number }>(sql`
    INSERT INTO fee_reminder (member_id, fee_id, sent_on, months, quiet, recipient, sent_by)
    SELECT d.id, d.fee_id, coin.today(), d.months, daterange(coin.today(), coin.today() + ${gapDays}::int), d.email, ${sentBy} FROM (${due}) d ORDER BY d.id
    ON CONFLICT DO NOTHING RETURNING member_id`)
  return rows.map(row => row.member_id)
}
