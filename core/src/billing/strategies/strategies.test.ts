import { describe, expect, test } from 'vitest'
import { decimal, roundMoney } from '../money.ts'
import { anniversary } from './anniversary.ts'
import { day, stretchOf, written } from './fixture.ts'
import { freePrice, inAdvance } from './in-advance.ts'
import { inArrears } from './in-arrears.ts'
import { usage, usageStrategy } from './usage.ts'
import { wholePeriods } from './whole-periods.ts'

const start = day('2020-01-01')

describe('in advance', () => {
  test('9 to 31 October are 0.74 of 4, and November comes with the run of its 1st', () => {
    const stretch = stretchOf({ first: '2026-10-09' })
    const due = inAdvance.due(stretch, start, day('2026-11-01'))
    expect(written(due)).toEqual(['2026-10-09..2026-11-01 0.74 period', '2026-11-01..2026-12-01 1 period'])
    expect(due.charges[0]?.days).toEqual({ counted: 23, of: 31 })
    expect(roundMoney(decimal('0.74').times('4'), 'EUR').toFixed(2)).toBe('2.96')
    expect(due.charges[1]).not.toHaveProperty('days')
    expect([due.settledUntil.toString(), due.next?.toString()]).toEqual(['2026-12-01', '2026-12-01'])
  })

  test('a quarter that begins on 15 January is January to March, from the 15th', () => {
    const due = inAdvance.due(stretchOf({ first: '2026-01-15', months: 3 }), start, day('2026-03-31'))
    expect(written(due)).toEqual(['2026-01-15..2026-04-01 0.84 period'])
    expect(due.charges[0]?.days).toEqual({ counted: 76, of: 90 })
    expect(due.next?.toString()).toBe('2026-04-01')
  })

  test('whoever leaves a year early pays for its days alone, in a leap year too', () => {
    const left = stretchOf({ first: '2024-01-01', end: '2024-03-01', months: 12 })
    const due = inAdvance.due(left, start, day('2024-02-01'))
    expect(written(due)).toEqual(['2024-01-01..2024-03-01 0.16 period'])
    expect(due.charges[0]?.days).toEqual({ counted: 60, of: 366 })
    expect(due.next).toBeNull()
  })

  test('the first invoice adds the initial fee, and one day is a stretch', () => {
    const stretch = stretchOf({ first: '2026-02-28', end: '2026-03-01', begins: true, initialFeeOn: () => '30.00' })
    expect(written(inAdvance.due(stretch, start, day('2026-02-28')))).toEqual([
      '2026-02-28..2026-03-01 1 initial once',
      '2026-02-28..2026-03-01 0.04 period',
    ])
    expect(written(inAdvance.due({ ...stretch, begins: false }, start, day('2026-03-05')))).toEqual(['2026-02-28..2026-03-01 0.04 period'])
  })

  test('nothing is due before the beginning, and never of what ended before it began', () => {
    const future = inAdvance.due(stretchOf({ first: '2026-02-10' }), start, day('2026-02-09'))
    expect([future.charges, future.next?.toString()]).toEqual([[], '2026-02-10'])
    const never = inAdvance.due(stretchOf({ first: '2026-02-10', end: '2026-02-10' }), start, day('2027-01-01'))
    expect([never.charges, never.next]).toEqual([[], null])
  })

  test('days that are not billed cut a period into parts, at the price of its first', () => {
    const asked: string[] = []
    const stretch = {
      ...stretchOf({
        first: '2026-01-01',
        unbilled: [
          ['2026-01-11', '2026-01-21'],
          ['2026-02-20', null],
        ],
      }),
      feeOn: (on: Temporal.PlainDate) => ({ unitPrice: '10', listPrice: '10', since: String(asked.push(on.toString())) }),
    }
    const due = inAdvance.due(stretch, start, day('2026-06-01'))
    expect(written(due)).toEqual([
      '2026-01-01..2026-01-11 0.32 period',
      '2026-01-21..2026-02-01 0.35 period',
      '2026-02-01..2026-02-20 0.68 period',
    ])
    expect(asked).toEqual(['2026-01-01', '2026-02-01'])
    expect([due.settledUntil.toString(), due.next]).toEqual(['2026-02-20', null])
  })

  test('what costs nothing is a charge too', () => {
    expect(inAdvance.due(stretchOf({ first: '2026-01-01', fee: '0' }), start, day('2026-01-01')).charges).toMatchObject([
      { quantity: '1', unitPrice: '0' },
    ])
  })

  test('a price that the deployment does not know is an error, as the run is told', () => {
    const priceless = stretchOf({
      first: '2026-01-01',
      feeOn: () => {
        throw new Error('The offer has no price on this day.')
      },
    })
    expect(() => inAdvance.due(priceless, start, day('2026-01-01'))).toThrow('no price')
  })
})

test('in arrears, a month is due once it has ended, the beginning at once, and the end with it', () => {
  const stretch = stretchOf({ first: '2026-01-15', end: '2026-02-11', begins: true, initialFeeOn: () => '5' })
  const at = (until: string) => inArrears.due(stretch, start, day(until))
  expect(written(at('2026-01-31'))).toEqual(['2026-01-15..2026-01-16 1 initial once'])
  expect([at('2026-01-31').settledUntil.toString(), at('2026-01-31').next?.toString()]).toEqual(['2026-01-15', '2026-02-01'])
  expect(written(at('2026-02-01'))).toEqual(['2026-01-15..2026-01-16 1 initial once', '2026-01-15..2026-02-01 0.55 period'])
  expect(at('2026-02-01').next?.toString()).toBe('2026-02-11')
  expect(written(at('2026-02-11')).at(-1)).toBe('2026-02-01..2026-02-11 0.36 period')
  expect(at('2026-02-11').next).toBeNull()
})

test('an anniversary stays on its day, however short a month lies between', () => {
  expect(written(anniversary.due(stretchOf({ first: '2026-01-31', end: '2026-05-11' }), start, day('2026-12-01')))).toEqual([
    '2026-01-31..2026-02-28 1 period',
    '2026-02-28..2026-03-31 1 period',
    '2026-03-31..2026-04-30 1 period',
    '2026-04-30..2026-05-11 0.35 period',
  ])
  expect(written(anniversary.due(stretchOf({ first: '2026-01-15' }), start, day('2026-02-14')))).toEqual([
    '2026-01-15..2026-02-15 1 period',
  ])
  expect(written(anniversary.due(stretchOf({ first: '2024-02-29', months: 12 }), day('2025-06-01'), day('2028-02-29')))).toEqual([
    '2026-02-28..2027-02-28 1 period',
    '2027-02-28..2028-02-29 1 period',
    '2028-02-29..2029-02-28 1 period',
  ])
})

test('whole periods are paid whole, the first, the last and one with a pause', () => {
  const stretch = stretchOf({ first: '2026-01-15', end: '2026-04-03', unbilled: [['2026-02-05', '2026-02-10']] })
  expect(written(wholePeriods.due(stretch, start, day('2026-04-01')))).toEqual([
    '2026-01-15..2026-02-01 1 period',
    '2026-02-01..2026-03-01 1 period',
    '2026-03-01..2026-04-01 1 period',
    '2026-04-01..2026-04-03 1 period',
  ])
  const paused = stretchOf({ first: '2026-01-01', unbilled: [['2026-02-01', '2026-03-01']] })
  expect(written(wholePeriods.due(paused, start, day('2026-03-01')))).toEqual([
    '2026-01-01..2026-02-01 1 period',
    '2026-03-01..2026-04-01 1 period',
  ])
})

test('a free price is billed as it was chosen', () => {
  const stretch = {
    ...stretchOf({ first: '2026-10-09' }),
    feeOn: () => ({ unitPrice: '7.50', listPrice: '4', freePrice: '7.50', since: '2020-01-01' }),
  }
  expect(freePrice.due(stretch, start, day('2026-10-09')).charges).toMatchObject([
    { quantity: '0.74', unitPrice: '7.50', fee: { freePrice: '7.50' } },
  ])
})

describe('use', () => {
  const measured = stretchOf({
    first: '2026-01-15',
    fee: '0.05',
    usage: (source, first, end) => (`${source} ${first} ${end}` === 'usage 2026-01-15 2026-02-01' ? '12.2500' : '0'),
  })

  test('is billed once its month has ended, nothing used too', () => {
    expect(written(usage.due(measured, start, day('2026-01-31')))).toEqual([])
    const due = usage.due(measured, start, day('2026-03-01'))
    expect(written(due)).toEqual(['2026-01-15..2026-02-01 12.25 usage GB', '2026-02-01..2026-03-01 0 usage GB'])
    expect(due.charges[0]).toMatchObject({ unitPrice: '0.05' })
  })

  test('of what a period includes, a part includes its share', () => {
    const calls = usageStrategy({ name: 'calls', label: 'Calls', source: 'usage', unit: 'min', included: '10' })
    expect(written(calls.due(measured, start, day('2026-03-01')))).toEqual([
      '2026-01-15..2026-02-01 6.75 usage min',
      '2026-02-01..2026-03-01 0 usage min',
    ])
  })

  test('what is included is a quantity, or the app does not load', () => {
    expect(() => usageStrategy({ name: 'calls', label: 'Calls', source: 'calls', unit: 'min', included: 'plenty' })).toThrow(
      "'plenty' is not a quantity",
    )
  })
})
