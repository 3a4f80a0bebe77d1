import type { PlannedFee } from '../app/plan.ts'
import { isCoinError } from '../errors.ts'
import { stretchesOf } from './stretches.ts'
import type { OfferTerms, StoredDays, Terms } from './terms.ts'

/** What a period costs from a day on (ISO), without VAT; null: nothing is billed, or nobody can say what. */
export interface FeeStep {
  readonly from: string
  readonly fee: PlannedFee | null
}

/** What a period of a subscription costs from `today` on, a step for each day on which that changes. Pure. */
export function feeSteps(
  terms: Terms,
  offers: ReadonlyMap<number, OfferTerms>,
  suspensionStops: boolean,
  today: string,
): readonly FeeStep[] {
  const stretches = stretchesOf(terms, offers, suspensionStops)
  const feeOn = (day: string): PlannedFee | null => {
    const date = Temporal.PlainDate.from(day)
    const found = stretches.find(({ stretch: { first, end } }) => !isBefore(date, first) && (end === null || isBefore(date, end)))
    const stopped = found?.stretch.unbilled.some(({ first, end }) => !isBefore(date, first) && (end === null || isBefore(date, end)))
    if (!found || stopped) return null
    const { offer, stretch } = found
    try {
      return { amount: stretch.feeOn(date).unitPrice, currency: offer.currency, months: offer.periodMonths }
    } catch (error) {
      // an offer without a price
      if (isCoinError(error)) return null
      throw error
    }
  }
  const steps: FeeStep[] = []
  for (const day of daysOf(terms, offers, today)) {
    const fee = feeOn(day)
    if (steps.length === 0 || !sameFee(steps.at(-1)?.fee ?? null, fee)) steps.push({ from: day, fee })
  }
  return steps
}

/** What a period costs on a day, by its steps. */
export const feeIn = (steps: readonly FeeStep[], day: string): PlannedFee | null => steps.findLast(({ from }) => from <= day)?.fee ?? null

export const sameFee = (a: PlannedFee | null, b: PlannedFee | null): boolean =>
  a === b || (a !== null && b !== null && a.amount === b.amount && a.currency === b.currency && a.months === b.months)

const isBefore = (a: Temporal.PlainDate, b: Temporal.PlainDate) => Temporal.PlainDate.compare(a, b) < 0

/** More than this are not looked at: years ahead for any real subscription. */
const mostDays = 60

function daysOf(
  { offers: held, discounts, freePrices, suspensions, resignedOn }: Terms,
  offers: ReadonlyMap<number, OfferTerms>,
  today: string,
): string[] {
  const bounds = ({ first, end }: StoredDays) => (end === null ? [first] : [first, end])
  const days = [
    today,
    ...[...held, ...discounts, ...freePrices, ...suspensions].flatMap(bounds),
    ...held.flatMap(({ offerId }) => offers.get(offerId)?.prices.map(({ from }) => from) ?? []),
    ...(resignedOn === null ? [] : [Temporal.PlainDate.from(resignedOn).add({ days: 1 }).toString()]),
  ]
  return [...new Set(days)]
    .filter(day => day >= today)
    .sort()
    .slice(0, mostDays)
}
