import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { memberMatches } from '../members/queries.ts'
import type { RunState } from './run.ts'
import type { SetAside } from './set-aside.ts'
import type { BilledLine } from './work-out.ts'

/** A run with what came of it. Amounts are decimal numbers with VAT. */
export interface RunRow extends Record<string, unknown> {
  readonly id: number
  readonly date: string
  readonly state: RunState
  readonly previewed: boolean
  readonly issues: boolean
  /** Members there were to look at, and how many were. */
  readonly members: number
  readonly looked: number
  readonly startedBy: string
  readonly startedAt: string
  readonly finishedAt: string | null
  /** Invoices and credit notes that it made, drafts among them, or would make. */
  readonly invoices: number
  readonly drafts: number
  /** Members whom it billed something, or would; of several currencies, in that of most of them. */
  readonly billed: number
  readonly totals: readonly { readonly currency: string; readonly total: string }[]
  /** Members who were set aside. */
  readonly failed: number
  readonly changed: number
}

const columns = sql`r.id, r.date, r.state, r.previewed, r.issues, r.members, (SELECT coalesce(sum(looked), 0)::int FROM billing_run_lane l WHERE l.run_id = r.id) AS looked, r.started_by AS "startedBy", to_json(r.started_at) #>> '{}' AS "startedAt",
  to_json(r.finished_at) #>> '{}' AS "finishedAt", a.failed, a.changed, coalesce(CASE WHEN r.state IN ('previewing', 'preview', 'dropped') THEN a.proposed ELSE i.billed END, 0) AS billed, coalesce(i.drafts, 0) AS drafts,
  coalesce(CASE WHEN r.state IN ('previewing', 'preview', 'dropped') THEN m.invoices ELSE i.invoices END, 0) AS invoices,
  coalesce(CASE WHEN r.state IN ('previewing', 'preview', 'dropped') THEN m.totals ELSE i.totals END, '[]') AS totals`
const sums = sql`jsonb_agg(jsonb_build_object('currency', currency, 'total', total::text) ORDER BY currency)`
// what is shown to one member is one invoice nearly always, and its total a column of its own
const from = sql`billing_run r
  CROSS JOIN LATERAL (SELECT sum(n)::int AS invoices, max(billed)::int AS billed, sum(drafts)::int AS drafts, ${sums} AS totals FROM (
    SELECT currency, count(*) AS n, count(DISTINCT member_id) AS billed, count(*) FILTER (WHERE state = 'draft') AS drafts, sum(total) AS total FROM invoice WHERE run_id = r.id GROUP BY currency) c) i
  CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'failed')::int AS failed, count(*) FILTER (WHERE state = 'changed')::int AS changed,
      count(*) FILTER (WHERE state = 'proposed')::int AS proposed
    FROM billing_run_member WHERE run_id = r.id AND (state IN ('failed', 'changed') OR (state = 'proposed' AND r.state IN ('previewing', 'preview', 'dropped')))) a
  CROSS JOIN LATERAL (SELECT sum(n)::int AS invoices, ${sums} AS totals FROM (
    SELECT currency, count(*) AS n, sum(total) AS total FROM (
      SELECT currency, total FROM billing_run_member WHERE run_id = r.id AND state = 'proposed' AND total IS NOT NULL
      UNION ALL SELECT d.currency, d.total FROM billing_run_member m CROSS JOIN LATERAL jsonb_to_recordset(m.proposal) AS d (currency text, total numeric)
      WHERE m.run_id = r.id AND m.state = 'proposed' AND m.total IS NULL) s GROUP BY currency) c WHERE r.state IN ('previewing', 'preview', 'dropped')) m`

/** The runs, newest first. */
export async function listRuns(
  db: Tx,
  { limit = 50, before }: { readonly limit?: number; readonly before?: number } = {},
): Promise<RunRow[]> {
  const { rows } = await db.execute<RunRow>(sql`
    SELECT ${columns} FROM ${from} WHERE r.id < ${before ?? Number.MAX_SAFE_INTEGER} ORDER BY r.id DESC LIMIT ${limit}`)
  return rows
}

/** One run. Throws `not_found`. */
export async function findRun(db: Tx, id: number): Promise<RunRow> {
  const { rows } = await db.execute<RunRow>(sql`SELECT ${columns} FROM ${from} WHERE r.id = ${id}`)
  if (!rows[0]) throw new CoinError('not_found', 'There is no billing run {{id}}.', { values: { id } })
  return rows[0]
}

/** What a page shows of a dry run: who applies it says it again, so that nobody bills what somebody else had worked out again. */
export const shownToken = ({ invoices, totals, failed }: RunRow): string =>
  [invoices, failed, ...totals.map(({ currency, total }) => `${currency}${total}`)].join(' ')

/** A member whom a run set aside. */
export interface SetAsideRow extends Record<string, unknown> {
  readonly memberId: number
  readonly member: string
  readonly state: 'failed' | 'changed'
  readonly error: SetAside | null
  readonly attempts: number
  readonly at: string
  /** The offer that the reason names, if it is one of the member's. */
  readonly offerId: number | null
}

/** Who was set aside: who failed, then who was no longer as shown. */
export async function setAsideOf(db: Tx, runId: number, limit = 100): Promise<SetAsideRow[]> {
  const { rows } = await db.execute<SetAsideRow>(sql`
    SELECT m.member_id AS "memberId", member.display_name AS member, m.state, m.error, m.attempts, to_json(m.at) #>> '{}' AS at,
      (SELECT o.id FROM subscription s JOIN subscription_offer so ON so.subscription_id = s.id JOIN offer o ON o.id = so.offer_id
        WHERE s.member_id = m.member_id AND o.name = m.error #>> '{values,offer}' ORDER BY so.during DESC LIMIT 1) AS "offerId"
    FROM billing_run_member m JOIN member ON member.id = m.member_id WHERE m.run_id = ${runId} AND m.state IN ('failed', 'changed')
    ORDER BY m.state DESC, m.member_id LIMIT ${limit}`)
  return rows
}

/** What a run would bill one member: drafts with their lines, as they would be stored. */
export interface Proposal extends Record<string, unknown> {
  readonly memberId: number
  readonly member: string
  readonly drafts: readonly {
    readonly memberId: number
    readonly currency: string
    readonly net: string
    readonly vat: string
    readonly total: string
    readonly lines: readonly (BilledLine & { readonly first: string; readonly end: string })[]
  }[]
}

interface Wanted {
  /** Those of members with a higher id. */
  readonly after?: number
  readonly limit?: number
  readonly state?: 'proposed' | 'changed'
  /** What a member's name, address or reference holds. */
  readonly search?: string
}

/** The proposals of a run in the order of the members' ids. */
export async function proposalsOf(
  db: Tx,
  runId: number,
  { after = 0, limit = 50, state = 'proposed', search = '' }: Wanted = {},
): Promise<Proposal[]> {
  const { rows } = await db.execute<Proposal>(sql`
    SELECT m.member_id AS "memberId", member.display_name AS member, m.proposal AS drafts
    FROM billing_run_member m JOIN member ON member.id = m.member_id
    WHERE m.run_id = ${runId} AND m.state = ${state} AND m.member_id > ${after} AND ${search === '' ? sql`true` : memberMatches(search)} ORDER BY m.member_id LIMIT ${limit}`)
  return rows
}
