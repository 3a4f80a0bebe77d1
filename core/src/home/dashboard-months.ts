import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** What the months add up to, the oldest first; the last one is the running month, as far as it went. */
export interface MonthFigures {
  /** First days, ISO. */
  readonly months: readonly string[]
  readonly members: readonly number[]
  /** By offer, the largest first. */
  readonly offers: readonly { readonly id: number; readonly name: string; readonly counts: readonly number[] }[]
  /** Decimal numbers, of the provider's currency. */
  readonly billed: readonly string[]
  readonly received: readonly string[]
  /** Addresses that subscribers held, for the months since a pool has any; at most the last thirteen. */
  readonly pools: readonly { readonly id: number; readonly taken: readonly number[] }[]
}

/** How many months are drawn, and from how many of them space is forecast. */
const months = 24
const forecastFrom = 13

interface Delta extends Record<string, unknown> {
  readonly of: number
  readonly name: string
  /** How many months ago, 0 for the running one; what is older counts for the oldest. */
  readonly ago: number
  readonly delta: number
}

/** Counts them now. Four statements; with a million rows it takes a second or two. */
export async function countMonths(db: Tx, currency: string): Promise<MonthFigures> {
  const { rows: days } = await db.execute<{ first: string }>(
    sql`SELECT (date_trunc('month', coin.today()) - make_interval(months => n))::date AS first FROM generate_series(${months - 1}::int, 0, -1) AS n`,
  )
  const { rows: people } = await db.execute<Delta>(sql`
    SELECT 0 AS of, '' AS name, ${ago(sql`day`)} AS ago, sum(delta)::float8 AS delta FROM (
      SELECT joined_on AS day, 1 AS delta FROM member WHERE status = 'member' OR (status = 'not_member' AND resigned_on IS NOT NULL)
      UNION ALL SELECT resigned_on + 1, -1 FROM member WHERE status <> 'pending' AND resigned_on IS NOT NULL) AS edges WHERE day <= coin.today() GROUP BY 3`)
  const { rows: held } = await db.execute<Delta>(sql`
    SELECT offer_id AS of, o.name, ago, delta FROM (
      SELECT offer_id, ${ago(sql`day`)} AS ago, sum(delta)::float8 AS delta FROM (
        SELECT d.offer_id, lower(d.during) AS day, 1 AS delta FROM subscription_offer d JOIN subscription s ON s.id = d.subscription_id
          WHERE s.resigned_on IS NULL OR lower(d.during) <= s.resigned_on
        UNION ALL SELECT d.offer_id, least(upper(d.during), s.resigned_on + 1), -1 FROM subscription_offer d JOIN subscription s ON s.id = d.subscription_id
          WHERE (s.resigned_on IS NULL OR lower(d.during) <= s.resigned_on) AND (s.resigned_on IS NOT NULL OR NOT upper_inf(d.during))) AS edges
      WHERE day <= coin.today() GROUP BY 1, 2) AS e JOIN offer o ON o.id = offer_id`)
  const { rows: money } = await db.execute<{ ago: number; billed: string; received: string }>(sql`
    SELECT ago, sum(billed)::text AS billed, sum(received)::text AS received FROM (
      SELECT ${ago(sql`issued_on`)} AS ago, sum(total) AS billed, 0.00 AS received FROM invoice WHERE state = 'issued' AND currency = ${currency} AND issued_on >= ${days[0]?.first}::date GROUP BY 1
      UNION ALL SELECT ${ago(sql`received_on`)}, 0, sum(amount) FROM payment WHERE currency = ${currency} AND received_on BETWEEN ${days[0]?.first}::date AND coin.today() GROUP BY 1) AS e
    GROUP BY 1`)
  const { rows: space } = await db.execute<Delta>(sql`
    SELECT pool_id AS of, '' AS name, ${ago(sql`day`)} AS ago, sum(delta)::float8 AS delta FROM (
      SELECT pool_id, lower(during)::date AS day, coin.address_count(prefix) AS delta FROM ip_assignment
      UNION ALL SELECT pool_id, upper(during)::date, -coin.address_count(prefix) FROM ip_assignment WHERE NOT upper_inf(during)) AS edges GROUP BY 1, 3`)
  const firsts = days.map(({ first }) => first)
  const amounts = (key: 'billed' | 'received') => firsts.map((_, at) => money.find(row => row.ago === months - 1 - at)?.[key] ?? '0.00')
  return {
    months: firsts,
    members: running(people),
    offers: byWhat(held)
      .map(({ of, name, own }) => ({ id: of, name, counts: running(own) }))
      .filter(({ counts }) => counts.some(count => count > 0))
      .sort((one, other) => (other.counts.at(-1) ?? 0) - (one.counts.at(-1) ?? 0) || one.id - other.id),
    billed: amounts('billed'),
    received: amounts('received'),
    pools: byWhat(space).map(({ of, own }) => ({ id: of, taken: running(own).slice(-Math.min(forecastFrom, known(own))) })),
  }
}

/** How many months ago a day was; what is before the oldest month counts for it. */
const ago = (day: SQL) =>
  sql`least(${months - 1}, greatest(0, ((extract(year FROM coin.today()) - extract(year FROM ${day})) * 12 + extract(month FROM coin.today()) - extract(month FROM ${day}))))::int`

const byWhat = (rows: readonly Delta[]) =>
  [...Map.groupBy(rows, ({ of }) => of)].map(([of, own]) => ({ of, name: own[0]?.name ?? '', own }))

/** How many months there is something to say about. */
const known = (own: readonly Delta[]) => Math.max(...own.map(row => row.ago)) + 1

/** What changed from month to month, added up. */
function running(rows: readonly Delta[]): number[] {
  let sum = 0
  return Array.from({ length: months }, (_, at) => {
    sum += rows.filter(({ ago: of }) => of === months - 1 - at).reduce((total, { delta }) => total + delta, 0)
    return sum
  })
}

/** The figures as they were counted last, when that was in the last day and in this month; else counted now. One statement, as a rule. */
export async function monthFigures(db: Tx, currency: string): Promise<MonthFigures> {
  const { rows } = await db.execute<{ figures: MonthFigures }>(sql`
    SELECT figures FROM coin.month_figures WHERE counted_at > clock_timestamp() - interval '1 day'
      AND figures #>> '{months,-1}' = date_trunc('month', coin.today())::date::text`)
  return rows[0]?.figures ?? countMonths(db, currency)
}

/** Counts them and keeps them. */
export async function keepMonths(tx: Tx, currency: string): Promise<void> {
  const figures = await countMonths(tx, currency)
  await tx.execute(sql`INSERT INTO coin.month_figures (figures) VALUES (${JSON.stringify(figures)}::jsonb)
    ON CONFLICT (only_one) DO UPDATE SET counted_at = clock_timestamp(), figures = excluded.figures`)
}
