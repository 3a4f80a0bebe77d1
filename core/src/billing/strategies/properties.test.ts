import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DueCharge, Stretch } from '../../app/billing-strategy.ts'
import { decimal } from '../money.ts'
import { anniversary } from './anniversary.ts'
import { daysIn } from './days.ts'
import { anyStretch } from './fixture.ts'
import { inAdvance } from './in-advance.ts'
import { inArrears } from './in-arrears.ts'
import { strategies } from './index.ts'
import { usageStrategy } from './usage.ts'

const { compare } = Temporal.PlainDate
const all = [...strategies, usageStrategy({ name: 'calls', label: 'Calls', source: 'calls', unit: 'min', included: '30' })]
const text = (charges: readonly DueCharge[]) => charges.map(charge => JSON.stringify(charge))
const subscribed = (charges: readonly DueCharge[]) => charges.filter(({ kind }) => kind !== 'initial')

describe.each(all.map(strategy => [strategy.name, strategy] as const))('%s', (_, strategy) => {
  const holds = (property: (given: { stretch: Stretch; untils: [Temporal.PlainDate, Temporal.PlainDate, Temporal.PlainDate] }) => void) =>
    fc.assert(fc.property(anyStretch, property))

  test('gives in several runs what it gives in one', () => {
    holds(({ stretch, untils }) => {
      let from = stretch.first
      const kept: DueCharge[] = []
      for (const until of untils) {
        const { charges, settledUntil } = strategy.due(stretch, from, until)
        expect(charges.every(({ first }) => compare(first, from) >= 0)).toBe(true)
        kept.push(...charges.filter(({ first }) => compare(first, settledUntil) < 0))
        if (until === untils[2]) kept.push(...charges.filter(({ first }) => compare(first, settledUntil) >= 0))
        from = settledUntil
      }
      expect(text(kept)).toEqual(text(strategy.due(stretch, stretch.first, untils[2]).charges))
    })
  })

  test('only adds as time goes by, and says when', () => {
    holds(({ stretch, untils: [one, other, last] }) => {
      const now = strategy.due(stretch, stretch.first, one)
      const then = strategy.due(stretch, stretch.first, other)
      expect(text(then.charges)).toEqual(expect.arrayContaining(text(now.charges)))
      expect(text(then.charges).slice(0, now.charges.length)).toEqual(text(now.charges))
      if (now.next === null) expect(strategy.due(stretch, stretch.first, last)).toEqual(now)
      else {
        expect(compare(now.next, one)).toBe(1)
        expect(strategy.due(stretch, stretch.first, now.next.subtract({ days: 1 })).charges).toEqual(now.charges)
        const more = strategy.due(stretch, stretch.first, now.next).charges.length > now.charges.length
        expect(more || compare(now.next, stretch.first) === 0).toBe(true)
      }
    })
  })

  test('settles up to a day that no charge lies across', () => {
    holds(({ stretch, untils: [one, , last] }) => {
      const { charges, settledUntil } = strategy.due(stretch, stretch.first, one)
      const before = (each: readonly DueCharge[]) => text(each.filter(({ first }) => compare(first, settledUntil) < 0))
      expect(before(strategy.due(stretch, stretch.first, last).charges)).toEqual(before(charges))
      for (const { first, end } of subscribed(charges))
        expect(compare(first, settledUntil) < 0 ? compare(end, settledUntil) : -1).toBeLessThanOrEqual(0)
      expect(settledUntil.toString()).toBe((subscribed(charges).at(-1)?.end ?? stretch.first).toString())
    })
  })

  test('charges the beginning once, on its day', () => {
    holds(({ stretch, untils: [one] }) => {
      const isDue = stretch.begins && stretch.initialFeeOn(stretch.first) === '50.00' && compare(stretch.first, one) <= 0
      const isThere = stretch.end === null || compare(stretch.first, stretch.end) < 0
      const initial = strategy.due(stretch, stretch.first, one).charges.filter(({ kind }) => kind === 'initial')
      expect(initial).toEqual(
        isDue && isThere
          ? [
              {
                kind: 'initial',
                first: stretch.first,
                end: stretch.first.add({ days: 1 }),
                quantity: '1',
                unit: 'once',
                unitPrice: '50.00',
              },
            ]
          : [],
      )
    })
  })
})

describe.each([inAdvance, inArrears, anniversary].map(strategy => [strategy.name, strategy] as const))('%s', (name, strategy) => {
  test('bills the days that one counts by hand', () => {
    fc.assert(
      fc.property(anyStretch, ({ stretch, untils: [, until] }) => {
        const charges = subscribed(strategy.due(stretch, stretch.first, until).charges)
        const read = charges.map(
          ({ first, end, days, fee }) => `${first}..${end} ${days ? `${days.counted}/${days.of}` : 'whole'} ${fee?.unitPrice}`,
        )
        expect(read).toEqual(byHand(stretch, until, name))
      }),
    )
  })

  test('bills the parts of a period as the whole, but for the rounding of each', () => {
    fc.assert(
      fc.property(anyStretch, fc.integer({ min: 1, max: 99_999 }), ({ stretch, untils: [, , until] }, cents) => {
        const fee = decimal(cents).div(100)
        for (const { days, quantity, first, end } of subscribed(strategy.due(stretch, stretch.first, until).charges)) {
          if (!days) continue
          expect(days.counted).toBe(first.until(end).days)
          const exact = fee.times(days.counted).div(days.of)
          const billed = fee.times(quantity).round(2)
          // a share that would round to nothing is a hundredth
          const slack = fee.times(days.counted / days.of < 0.005 ? '0.01' : '0.005').plus('0.005')
          expect(billed.minus(exact).abs().lte(slack)).toBe(true)
        }
      }),
    )
  })
})

test('days are counted as the calendar does', () => {
  fc.assert(
    fc.property(fc.integer({ min: -800_000, max: 2_000_000 }), fc.nat(2_000), (from, length) => {
      const first = Temporal.PlainDate.from('1970-01-01').add({ days: from })
      expect(daysIn({ first, end: first.add({ days: length }) })).toBe(length)
    }),
    { numRuns: 500 },
  )
})

/** The same, day after day, the slow way. */
function byHand({ first, end, offer, unbilled }: Stretch, until: Temporal.PlainDate, name: string): string[] {
  const origin = name === 'anniversary' ? first : first.with({ day: 1 })
  const found: string[] = []
  for (let n = 0; ; n++) {
    const from = origin.add({ months: n * offer.periodMonths })
    const to = origin.add({ months: (n + 1) * offer.periodMonths })
    if (compare(from, until) > 0) return found
    const stop = end && compare(end, to) < 0 ? end : to
    const billed: Temporal.PlainDate[] = []
    for (let at = from; compare(at, stop) < 0; at = at.add({ days: 1 })) {
      const isUnbilled = unbilled.some(gap => compare(at, gap.first) >= 0 && (gap.end === null || compare(at, gap.end) < 0))
      if (compare(at, first) >= 0 && !isUnbilled) billed.push(at)
    }
    const [start] = billed
    if (!start || compare(name === 'in_arrears' ? stop : start, until) > 0) continue
    const price = `${start.year}.${start.dayOfYear}`
    let part: Temporal.PlainDate[] = []
    for (const [index, at] of billed.entries()) {
      part.push(at)
      const next = at.add({ days: 1 })
      const following = billed[index + 1]
      if (following && compare(following, next) === 0) continue
      const isWhole = part.length === from.until(to).days
      found.push(`${part[0]}..${next} ${isWhole ? 'whole' : `${part.length}/${from.until(to).days}`} ${price}`)
      part = []
    }
  }
}
