import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { currentScope } from '../../app/scope.ts'
import { decimal } from '../../billing/money.ts'
import type { Tx } from '../../db/database.ts'
import { invalid } from '../../errors.ts'
import type { Sequence } from './tables.ts'
import { isTargetDay, targetDayFrom } from './target-day.ts'

/** What would be collected from one member. */
export interface Collectable extends Record<string, unknown> {
  readonly memberId: number
  readonly member: string
  readonly mandateId: number
  readonly reference: string
  readonly sequence: Sequence
  readonly amount: string
  readonly invoices: readonly { readonly id: number; readonly number: string; readonly amount: string }[]
}

/** What a collection on a day would be. The same token is the same collection. */
export interface Proposal {
  readonly day: string
  readonly rows: readonly Collectable[]
  readonly total: string
  readonly token: string
}

const todayOf = async (tx: Tx): Promise<Temporal.PlainDate> => {
  const { rows } = await tx.execute<{ today: string }>(sql`SELECT coin.today() AS today`)
  return Temporal.PlainDate.from((rows[0] as { today: string }).today)
}

/** The first day on which members can be collected from who are told today. */
export const firstDay = async (tx: Tx): Promise<string> => {
  const { prenotificationDays } = currentScope().registry.config.payments.directDebit
  return targetDayFrom((await todayOf(tx)).add({ days: prenotificationDays })).toString()
}

/** Refuses, at `collectOn`, a day that comes too soon or on which banks do not settle. */
export async function checkDay(tx: Tx, day: string): Promise<void> {
  const first = await firstDay(tx)
  const { prenotificationDays } = currentScope().registry.config.payments.directDebit
  const given = Temporal.PlainDate.from(day)
  if (Temporal.PlainDate.compare(given, first) < 0)
    throw invalid('collectOn', 'Members are told {{days}} days before: {{first}} is the first day.', { days: prenotificationDays, first })
  if (!isTargetDay(given))
    throw invalid('collectOn', 'Banks do not settle on this day: the next one is {{next}}.', { next: targetDayFrom(given).toString() })
  if (given.year > Number(first.slice(0, 4)) + 1) throw invalid('collectOn', 'This day is more than a year away.')
}

/**
 * What would be collected on a day: everything that is open in euros and due by then of members with a mandate, except what is in dispute or
 * waits in another batch.
 */
export async function collectableOn(tx: Tx, day: string): Promise<Proposal> {
  const { rows } = await tx.execute<Collectable>(sql`
    SELECT m.id AS "memberId", m.display_name AS member, d.id AS "mandateId", d.reference, sum(i.total - i.allocated)::text AS amount,
      CASE WHEN d.sequence = 'FRST' AND EXISTS (SELECT FROM sepa_collection c WHERE c.mandate_id = d.id AND c.state = 'pending') THEN 'RCUR' ELSE d.sequence END AS sequence,
      jsonb_agg(jsonb_build_object('id', i.id, 'number', i.number, 'amount', (i.total - i.allocated)::text) ORDER BY i.issued_on, i.id) AS invoices
    FROM sepa_mandate d JOIN member m ON m.id = d.member_id
    JOIN invoice i ON i.member_id = m.id AND i.state = 'issued' AND i.allocated <> i.total AND i.total > 0 AND i.currency = 'EUR' AND i.disputed_on IS NULL AND i.due_on <= ${day}::date
    WHERE coin.mandate_usable(d, ${day}::date) AND NOT EXISTS (SELECT FROM sepa_collection_invoice o WHERE o.invoice_id = i.id AND o.live)
      AND NOT (d.sequence = 'OOFF' AND EXISTS (SELECT FROM sepa_collection c WHERE c.mandate_id = d.id AND c.state = 'pending'))
    GROUP BY m.id, d.id ORDER BY m.display_name, m.id`)
  const token = createHash('sha256')
    .update(
      JSON.stringify([
        day,
        rows.map(({ mandateId, sequence, invoices }) => [mandateId, sequence, invoices.map(({ id, amount }) => [id, amount])]),
      ]),
    )
    .digest('hex')
    .slice(0, 32)
  return { day, rows, total: rows.reduce((sum, { amount }) => sum.plus(amount), decimal(0)).toFixed(2), token }
}
