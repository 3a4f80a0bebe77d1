import type { Due, DueCharge, Stretch } from '../../app/billing-strategy.ts'
import { decimal } from '../money.ts'
import { billedParts, earlier, isBefore, later, type Span } from './days.ts'
import type { Grid, MakeGrid } from './grid.ts'

/** A period of a stretch that has days to bill. */
export interface Period {
  /** All of its days, those outside of the stretch included: what a share is a share of. */
  readonly whole: Span
  /** The days to bill, in order and apart from each other. */
  readonly parts: readonly [Span, ...Span[]]
}

export interface Rules {
  readonly grid: MakeGrid
  /** Whether a period is due from its first billed day on, or once it or the stretch has ended. */
  readonly due: 'in_advance' | 'in_arrears'
  /** What a period costs: charges in the order of their days, from its first billed day to its last. */
  readonly bill: (stretch: Stretch, period: Period) => readonly DueCharge[]
}

/** Bills a stretch period by period. */
export function dueBy(rules: Rules, stretch: Stretch, from: Temporal.PlainDate, until: Temporal.PlainDate): Due {
  const { first, end } = stretch
  if (end && !isBefore(first, end)) return { charges: [], settledUntil: first, next: null }
  if (isBefore(until, first)) return { charges: [], settledUntil: first, next: first }
  const grid = rules.grid(first, stretch.offer.periodMonths)
  const start = isBefore(first, from) ? grid.holding(earlier(from, end)) : 0
  const charges = isBefore(first, from) ? [] : initialCharge(stretch)
  let settledUntil = later(first, grid.startOf(start))
  for (const period of billedPeriods(stretch, grid, start)) {
    const dueOn = rules.due === 'in_advance' ? period.parts[0].first : earlier(period.whole.end, end)
    if (isBefore(until, dueOn)) return { charges, settledUntil, next: dueOn }
    const billed = rules.bill(stretch, period)
    charges.push(...billed.filter(charge => !isBefore(charge.first, from)))
    settledUntil = period.parts.at(-1)?.end ?? settledUntil
  }
  return { charges, settledUntil, next: null }
}

/** The periods that have days to bill, until the stretch ends or is not billed any more until further notice. */
function* billedPeriods(stretch: Stretch, grid: Grid, start: number): Generator<Period> {
  let whole = { first: grid.startOf(start), end: grid.startOf(start + 1) }
  const stop = stretch.unbilled.findLast(({ end }) => end === null)?.first ?? stretch.end
  for (let next = start + 2; !stop || isBefore(whole.first, earlier(stop, stretch.end)); next++) {
    const [part, ...others] = partsOf(stretch, whole)
    if (part) yield { whole, parts: [part, ...others] }
    whole = { first: whole.end, end: grid.startOf(next) }
  }
}

const partsOf = ({ first, end, unbilled }: Stretch, whole: Span): readonly Span[] => {
  const span = { first: later(whole.first, first), end: earlier(whole.end, end) }
  return unbilled.length > 0 ? billedParts(span, unbilled) : isBefore(span.first, span.end) ? [span] : []
}

function initialCharge(stretch: Stretch): DueCharge[] {
  if (!stretch.begins) return []
  const fee = stretch.initialFeeOn(stretch.first)
  if (!decimal(fee).gt(0)) return []
  return [{ kind: 'initial', first: stretch.first, end: stretch.first.add({ days: 1 }), quantity: '1', unit: 'once', unitPrice: fee }]
}
