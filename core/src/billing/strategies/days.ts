import type { Days } from '../../app/billing-strategy.ts'

/** Days from `first` until the day before `end`. */
export interface Span extends Days {
  readonly end: Temporal.PlainDate
}

/** Compared by hand: ten times faster than `Temporal.PlainDate.compare`, and a run compares days more often than anything else. */
export const isBefore = (one: Temporal.PlainDate, other: Temporal.PlainDate): boolean =>
  (one.year - other.year || one.month - other.month || one.day - other.day) < 0

export const earlier = (one: Temporal.PlainDate, other: Temporal.PlainDate | null): Temporal.PlainDate =>
  other && isBefore(other, one) ? other : one

export const later = (one: Temporal.PlainDate, other: Temporal.PlainDate): Temporal.PlainDate => (isBefore(one, other) ? other : one)

/** Counted by the calendar's rules: `until` makes an object for each answer. */
export const daysIn = ({ first, end }: Span): number => dayNumber(end) - dayNumber(first)

/** What is left of some days without those that are not billed, in order and apart from each other. */
export function billedParts(span: Span, unbilled: readonly Days[]): Span[] {
  const parts: Span[] = []
  let { first } = span
  for (const gap of unbilled) {
    if (!isBefore(gap.first, span.end)) break
    if (isBefore(first, gap.first)) parts.push({ first, end: gap.first })
    if (gap.end === null) return parts
    first = later(first, gap.end)
  }
  if (isBefore(first, span.end)) parts.push({ first, end: span.end })
  return parts
}

/** Days since the end of February of the year 0: years that begin in March have their leap day last. */
function dayNumber({ year, month, day }: Temporal.PlainDate): number {
  const marchYear = month > 2 ? year : year - 1
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day
}
