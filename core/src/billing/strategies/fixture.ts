import fc from 'fast-check'
import type { Days, Due, Stretch } from '../../app/billing-strategy.ts'

export const day = (iso: string): Temporal.PlainDate => Temporal.PlainDate.from(iso)

interface Given extends Partial<Omit<Stretch, 'first' | 'end' | 'offer' | 'unbilled'>> {
  readonly first: string
  readonly end?: string
  readonly months?: number
  readonly fee?: string
  readonly unbilled?: readonly (readonly [first: string, end: string | null])[]
}

/** A stretch of an offer at 4 a month that costs nothing to begin, unless given. */
export function stretchOf({ first, end, months = 1, fee = '4', unbilled = [], ...given }: Given): Stretch {
  return {
    subscription: { id: 1, reference: 'SUB-0001', startedOn: day(first) },
    offer: { id: 1, name: 'Line', reference: 'line', periodMonths: months, currency: 'EUR' },
    first: day(first),
    end: end === undefined ? null : day(end),
    begins: false,
    unbilled: unbilled.map(([from, to]) => ({ first: day(from), end: to === null ? null : day(to) })),
    feeOn: () => ({ unitPrice: fee, listPrice: fee, since: '2020-01-01' }),
    initialFeeOn: () => '0',
    usage: () => '0',
    ...given,
  }
}

/** Charges as one reads them: `2026-10-09..2026-11-01 0.74 period`. */
export const written = ({ charges }: Due): string[] =>
  charges.map(({ first, end, quantity, unit, kind }) => `${first}..${end} ${quantity} ${kind === unit ? kind : `${kind} ${unit}`}`)

const dayAfter = (origin: Temporal.PlainDate, days: number) => origin.add({ days })

/** Any stretch at all, and three days of runs around it, in order. */
export const anyStretch = fc
  .record({
    origin: fc.oneof(fc.nat(1460), fc.constantFrom(30, 58, 394, 424, 789)),
    months: fc.oneof(fc.constantFrom(1, 2, 3, 12), fc.integer({ min: 1, max: 24 })),
    length: fc.option(fc.oneof(fc.integer({ min: -2, max: 70 }), fc.integer({ min: 0, max: 900 }))),
    gaps: fc.array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 120 })), { maxLength: 4 }),
    before: fc.integer({ min: -30, max: 60 }),
    isOpen: fc.boolean(),
    begins: fc.boolean(),
    initial: fc.constantFrom('0', '0.00', '50.00'),
    runs: fc.array(fc.oneof(fc.integer({ min: -40, max: 120 }), fc.integer({ min: 0, max: 900 })), { minLength: 3, maxLength: 3 }),
  })
  .map(({ origin, months, length, gaps, before, isOpen, begins, initial, runs }) => {
    const first = dayAfter(day('2023-01-01'), origin)
    let at = before
    const unbilled = gaps.map(([apart, lasting], index): Days => {
      const start = at + (index === 0 ? 0 : apart)
      at = start + lasting
      return { first: dayAfter(first, start), end: isOpen && index === gaps.length - 1 ? null : dayAfter(first, at) }
    })
    const stretch: Stretch = {
      ...stretchOf({ first: first.toString(), months, begins, initialFeeOn: () => initial }),
      end: length === null ? null : dayAfter(first, length),
      unbilled,
      feeOn: on => ({ unitPrice: `${on.year}.${on.dayOfYear}`, listPrice: '1', since: '2020-01-01' }),
      usage: (_, from, until) => String(from.until(until).days),
    }
    const untils = runs.sort((one, other) => one - other).map(days => dayAfter(first, days)) as [
      Temporal.PlainDate,
      Temporal.PlainDate,
      Temporal.PlainDate,
    ]
    return { stretch, untils }
  })
