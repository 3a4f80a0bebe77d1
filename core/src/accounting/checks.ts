import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import type { Period } from './period.ts'

/** A document that cannot be booked. */
export interface Problem extends Record<string, unknown> {
  readonly piece: string
  /** `currency`: not the provider's; `sum`: its lines do not add up to what it says. */
  readonly why: 'currency' | 'sum'
}

/** What keeps the entries of a period from being exported, a few of them. One statement. */
export async function problemsIn(db: Tx, { from, to }: Period): Promise<readonly Problem[]> {
  const { currency } = currentScope().registry.config.provider
  const { rows } = await db.execute<Problem>(sql`
    SELECT piece, why FROM (
      SELECT i.issued_on AS day, i.number AS piece, CASE WHEN i.currency <> ${currency} THEN 'currency' ELSE 'sum' END AS why
      FROM invoice i CROSS JOIN LATERAL (
        SELECT coalesce(sum(r.net), 0) AS net, coalesce(sum(r.vat), 0) AS vat FROM (
          SELECT sum(l.net) AS net, round(sum(l.net) * l.vat_rate / 100, coin.minor_digits(i.currency)) AS vat FROM invoice_line l WHERE l.invoice_id = i.id GROUP BY l.vat_rate) r) t
      WHERE i.state = 'issued' AND i.issued_on BETWEEN ${from}::date AND ${to}::date AND (i.currency <> ${currency} OR (i.net, i.vat) IS DISTINCT FROM (t.net, t.vat))
      UNION ALL
      SELECT p.received_on, 'P' || p.id, 'currency' FROM payment p WHERE p.received_on BETWEEN ${from}::date AND ${to}::date AND p.currency <> ${currency}) e
    ORDER BY day, piece LIMIT 20`)
  return rows
}

/** Throws when something in the period cannot be booked, and names it. */
export async function checkPeriod(db: Tx, period: Period): Promise<void> {
  const problems = await problemsIn(db, period)
  const first = problems.find(({ why }) => why === 'sum') ?? problems[0]
  if (!first) return
  const pieces = problems.flatMap(({ piece, why }) => (why === first.why ? [piece] : [])).join(', ')
  throw first.why === 'sum'
    ? new CoinError('refused', 'The lines of these do not add up to their totals: {{pieces}}. Nothing is exported.', {
        values: { pieces },
        hint: 'Somebody changed them past Coin.',
      })
    : new CoinError('refused', 'These are in another currency than the books: {{pieces}}. Nothing is exported.', {
        values: { pieces },
        hint: 'Book them by hand, and export the days before and after them.',
      })
}
