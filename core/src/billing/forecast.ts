import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { type FeeStep, feeSteps } from './fee-steps.ts'
import { reasonOf, type SetAside } from './set-aside.ts'
import { type OfferTerms, readOffers, readTerms, type Terms } from './terms.ts'
import { type BilledLine, workOutTerms } from './work-out.ts'

/** What the next run bills one subscription, as things are now. */
export interface Forecast {
  readonly id: number
  readonly reference: string
  readonly memberId: number
  readonly lines: readonly ForecastLine[]
  /** Why the run would set the member aside. */
  readonly refusal: SetAside | undefined
  /** What a period costs from today on. */
  readonly fees: readonly FeeStep[]
}

export interface ForecastLine extends BilledLine {
  readonly currency: string
}

/** Up to when the next run bills, ISO: the first day of the next month. */
export async function nextRunDay(tx: Tx): Promise<string> {
  const { rows } = await tx.execute<{ day: string }>(
    sql`SELECT (date_trunc('month', coin.today()) + interval '1 month')::date::text AS day`,
  )
  return rows[0]?.day ?? ''
}

/**
 * Works out what a run up to `until` would bill these subscriptions, without a lock: what `tx` sees, its own changes among it. A constant number of
 * statements.
 */
export async function forecast(tx: Tx, ids: readonly number[], until: string): Promise<readonly Forecast[]> {
  if (ids.length === 0) return []
  const { rows: states } = await tx.execute<{ id: number; from: string | null; due: boolean; language: string; today: string }>(sql`
    SELECT b.subscription_id AS id, CASE WHEN NOT (b.recheck OR r.priced) THEN b.settled_until END AS from, b.recheck OR r.priced OR b.next_on <= ${until}::date IS TRUE AS due,
      m.language, coin.today()::text AS today
    FROM billing_state b JOIN member m ON m.id = b.member_id
    CROSS JOIN LATERAL (SELECT b.settled_until IS NOT NULL AND EXISTS (
      SELECT FROM subscription_offer o JOIN billing_recheck_offer p USING (offer_id) WHERE o.subscription_id = b.subscription_id) AS priced) r
    WHERE b.subscription_id = ANY (${sql.param(ids)}::bigint[]) ORDER BY b.subscription_id`)
  if (states.length === 0) return []
  const offers = await readOffers(tx)
  const terms = new Map((await readTerms(tx, states)).map(each => [each.id, each]))
  return states.flatMap(({ id, due, language, today }) => {
    const own = terms.get(id)
    return own ? [forecastOf(own, offers, { until, due, language, today })] : []
  })
}

interface Asked {
  readonly until: string
  /** A run would look at it. */
  readonly due: boolean
  readonly language: string
  readonly today: string
}

function forecastOf(terms: Terms, offers: ReadonlyMap<number, OfferTerms>, { until, due, language, today }: Asked): Forecast {
  const { suspensionStopsBilling } = currentScope().registry.config.billing
  const { bills, failures } = due
    ? workOutTerms([terms], offers, new Map([[terms.memberId, language]]), until)
    : { bills: [], failures: [] }
  const [failure] = failures
  return {
    id: terms.id,
    reference: terms.reference,
    memberId: terms.memberId,
    lines: bills.flatMap(({ drafts }) =>
      drafts.flatMap(({ currency, lines }) => lines.map(({ charge: _, ...line }) => ({ ...line, currency }))),
    ),
    refusal: failure && reasonOf(failure.error),
    fees: feeSteps(terms, offers, suspensionStopsBilling, today),
  }
}
