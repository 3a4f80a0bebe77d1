import { type SQL, sql } from 'drizzle-orm'
import type { ReminderStage } from '../app/reminders-config.ts'
import { currentScope } from '../app/scope.ts'
import { type Decimal, decimal } from '../billing/money.ts'
import type { Tx } from '../db/database.ts'

/** Why somebody gets no reminder today. */
export type Spared = 'paused' | 'recent' | 'small' | 'covered'

export interface LateInvoice {
  readonly id: number
  readonly number: string
  readonly kind: 'invoice' | 'fee'
  readonly currency: string
  /** What is open of it. */
  readonly due: string
  readonly dueOn: string
}

/** A member who is late, with what a reminder would say and do. */
export interface Debtor {
  readonly memberId: number
  readonly name: string
  readonly greeting: string
  readonly email: string
  readonly language: string
  readonly openpgpKey: string
  /** The longest overdue first. */
  readonly invoices: readonly LateInvoice[]
  readonly totals: readonly { readonly currency: string; readonly amount: string }[]
  /** Of the subscriptions that they bill. */
  readonly references: readonly string[]
  /** Since the oldest was due. */
  readonly days: number
  /** Where the member stands, from one. */
  readonly stage: number
  /** It was not reached before, and more than late fees is owed: its fee is due. */
  readonly reached: boolean
  readonly terms: ReminderStage
  /** What this stage suspends, or proposes to. */
  readonly suspends: readonly { readonly id: number; readonly reference: string }[]
  /** Null: gets one. */
  readonly spared: Spared | null
  /** The last one sent, and the first day on which another may be. */
  readonly last: string | null
  readonly again: string | null
  readonly pause: { readonly until: string | null; readonly reason: string } | null
}

interface Row extends Record<string, unknown> {
  readonly memberId: number
  readonly name: string
  readonly greeting: string
  readonly email: string
  readonly language: string
  readonly openpgpKey: string
  readonly invoices: readonly LateInvoice[]
  readonly references: readonly string[]
  readonly days: number
  readonly sent: number
  readonly onlyLateFees: boolean
  readonly suspends: Debtor['suspends']
  readonly credit: Readonly<Record<string, string>> | null
  readonly last: string | null
  readonly again: string | null
  readonly recent: boolean
  readonly pause: Debtor['pause']
}

/** All members. */
export const everybody = sql`true`
/** Of some ids. */
export const among = (ids: readonly number[]): SQL => sql`m.id = ANY (${sql.param([...ids])}::bigint[])`

/** An issued invoice `i` of a member `m` that may be reminded of. Donations are promises, and who wants no calls for the fee gets none here. */
const isLate = sql`i.state = 'issued' AND i.allocated <> i.total AND i.total > 0 AND i.due_on < coin.today() AND i.disputed_on IS NULL
  AND (i.kind = 'invoice' OR (i.kind = 'fee' AND m.fee_reminders))`

/**
 * Members who are late by so many days at least (by the first stage's unless given), the most urgent first. `which` speaks of `m`, the member.
 * One statement.
 */
export async function debtors(db: Tx, which: SQL, fromDays?: number): Promise<readonly Debtor[]> {
  const { stages, everyDays } = currentScope().registry.config.reminders
  const least = fromDays ?? stages[0]?.afterDays ?? 1
  const { rows } = await db.execute<Row>(sql`
    WITH late AS MATERIALIZED (
      SELECT i.member_id, i.id, i.number, i.kind, i.currency, i.due_on, i.total - i.allocated AS due,
        EXISTS (SELECT FROM reminder r WHERE r.fee_invoice_id = i.id) AS is_late_fee
      FROM invoice i JOIN member m ON m.id = i.member_id WHERE ${isLate} AND ${which}),
    debtor AS MATERIALIZED (
      SELECT member_id, coin.today() - min(due_on) AS days, array_agg(id) AS ids, bool_and(is_late_fee) AS only_late_fees,
        jsonb_agg(jsonb_build_object('id', id, 'number', number, 'kind', kind, 'currency', currency, 'due', due::text, 'dueOn', due_on) ORDER BY due_on, id) AS invoices
      FROM late GROUP BY member_id HAVING coin.today() - min(due_on) >= ${least}::int),
    billed AS MATERIALIZED (
      SELECT DISTINCT d.member_id, d.ids, s.id, s.reference, s.started_on, s.resigned_on
      FROM debtor d CROSS JOIN LATERAL unnest(d.ids) x (id) JOIN invoice_line l ON l.invoice_id = x.id JOIN subscription s ON s.id = l.subscription_id),
    subscribed AS MATERIALIZED (
      SELECT b.member_id, jsonb_agg(b.reference ORDER BY b.id) AS references, jsonb_agg(jsonb_build_object('id', b.id, 'reference', b.reference) ORDER BY b.id) FILTER (
        WHERE b.started_on <= coin.today() AND (b.resigned_on IS NULL OR b.resigned_on >= coin.today())
          AND NOT EXISTS (SELECT FROM subscription_suspension p WHERE p.subscription_id = b.id AND p.during @> coin.today())
          AND NOT EXISTS (SELECT FROM reminder_suspension w WHERE w.subscription_id = b.id AND (w.state IN ('proposed', 'made')
            OR (w.state = 'declined' AND EXISTS (SELECT FROM reminder_invoice x WHERE x.reminder_id = w.reminder_id AND x.invoice_id = ANY (b.ids)))))) AS suspends
      FROM billed b GROUP BY b.member_id)
    SELECT m.id AS "memberId", m.display_name AS name, m.email, m.language, m.openpgp_key AS "openpgpKey", d.days, d.invoices, d.only_late_fees AS "onlyLateFees",
      coalesce(nullif(m.nickname, ''), CASE WHEN m.kind = 'natural' THEN nullif(m.first_name, '') END, m.display_name) AS greeting,
      coalesce(b.references, '[]') AS references, coalesce(b.suspends, '[]') AS suspends,
      coalesce((SELECT max(r.stage) FROM reminder r JOIN reminder_invoice x ON x.reminder_id = r.id WHERE r.member_id = m.id AND x.invoice_id = ANY (d.ids)), 0) AS sent,
      (SELECT jsonb_object_agg(c.currency, c.amount::text) FROM (
        SELECT currency, sum(open) AS amount FROM (
          SELECT p.currency, p.amount - p.allocated AS open FROM payment p WHERE p.member_id = m.id AND p.allocated <> p.amount
          UNION ALL SELECT n.currency, n.allocated - n.total FROM invoice n
          WHERE n.member_id = m.id AND n.state = 'issued' AND n.allocated <> n.total AND n.total < 0 AND n.disputed_on IS NULL) o GROUP BY 1) c) AS credit,
      g.last, g.again, coalesce(g.recent, false) AS recent,
      (SELECT jsonb_build_object('until', p.until, 'reason', p.reason) FROM reminder_pause p WHERE p.member_id = m.id AND (p.until IS NULL OR p.until >= coin.today())) AS pause
    FROM debtor d JOIN member m ON m.id = d.member_id LEFT JOIN subscribed b ON b.member_id = d.member_id
    LEFT JOIN LATERAL (
      SELECT max(r.sent_on) AS last, max(greatest(upper(r.quiet), r.sent_on + ${everyDays}::int)) AS again,
        bool_or(greatest(upper(r.quiet), r.sent_on + ${everyDays}::int) > coin.today()) AS recent
      FROM reminder r WHERE r.member_id = m.id) g ON true
    ORDER BY d.days DESC, m.id`)
  return rows.map(debtor)
}

function debtor({ sent, credit, recent, onlyLateFees, ...row }: Row): Debtor {
  const { stages, atLeast } = currentScope().registry.config.reminders
  const due = Math.max(1, stages.filter(({ afterDays }) => afterDays <= row.days).length)
  // one after the other: who was never reminded gets the first one, however late
  const stage = Math.min(due, sent + 1)
  const terms = stages[stage - 1] as ReminderStage
  const totals = totalsOf(row.invoices)
  const enough = (left: Decimal) => left.gt(0) && left.gte(atLeast)
  const worthIt = totals.some(({ amount }) => enough(decimal(amount)))
  const owed = totals.some(({ amount, currency }) => enough(decimal(amount).minus(credit?.[currency] ?? 0)))
  return {
    ...row,
    totals,
    stage,
    reached: stage > sent && !onlyLateFees,
    terms,
    suspends: terms.suspend === false ? [] : row.suspends,
    spared: row.pause ? 'paused' : recent ? 'recent' : !worthIt ? 'small' : !owed ? 'covered' : null,
  }
}

function totalsOf(invoices: readonly LateInvoice[]): Debtor['totals'] {
  const sums = new Map<string, Decimal>()
  for (const { currency, due } of invoices) sums.set(currency, (sums.get(currency) ?? decimal(0)).plus(due))
  return [...sums].map(([currency, sum]) => ({ currency, amount: sum.toFixed(2) }))
}
