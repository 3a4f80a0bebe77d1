import { describe, expect, test } from 'vitest'
import { type ChargeChange, differenceOf } from './difference.ts'
import type { PricedCharge } from './due.ts'
import type { BilledCharge, OfferTerms } from './terms.ts'

const offer = (id: number, currency = 'EUR'): OfferTerms => ({
  id,
  name: `Offer ${id}`,
  reference: `offer-${id}`,
  periodMonths: 1,
  billable: true,
  strategy: 'in_advance',
  vatRate: '0',
  vatMention: '',
  currency,
  account: '',
  prices: [],
})

const due = (first: string, end: string, amount: string, given: { offer?: OfferTerms; kind?: string } = {}): PricedCharge => ({
  kind: given.kind ?? 'period',
  first,
  end,
  quantity: '1',
  unit: 'period',
  unitPrice: amount,
  amount,
  offer: given.offer ?? offer(1),
})

let ids = 0
const billed = (first: string, end: string, amount: string, given: Partial<BilledCharge> = {}): BilledCharge => ({
  id: ++ids,
  memberId: 7,
  kind: 'period',
  first,
  end,
  revision: 1,
  offerId: 1,
  amount,
  currency: 'EUR',
  vatRate: '0',
  ...given,
})

/** `what is due` instead of `what was billed`: the difference. */
const told = (changes: readonly ChargeChange[]) =>
  changes.map(({ due: now, instead, givesWayTo, difference }) => {
    const days = now ? `${now.first} to ${now.end}: ${now.amount}` : 'nothing'
    const before = instead.map(({ first, end, amount }) => `${first} to ${end}: ${amount}`).join(', ') || 'nothing'
    return `${days} instead of ${before} is ${difference.toFixed(2)}${givesWayTo ? ', its days are needed' : ''}`
  })

test('what agrees is no difference, in whatever order, and what is due for the first time is billed whole', () => {
  const january = billed('2026-01-01', '2026-02-01', '20.00')
  const february = billed('2026-02-01', '2026-03-01', '20.00')
  const again = [due('2026-02-01', '2026-03-01', '20.00'), due('2026-01-01', '2026-02-01', '20.00')]
  expect(differenceOf([january, february], again)).toEqual([])
  expect(told(differenceOf([], [due('2026-01-01', '2026-02-01', '20.00')]))).toEqual([
    '2026-01-01 to 2026-02-01: 20.00 instead of nothing is 20.00',
  ])
})

test('a price, a start and an end that moved make the difference of their period', () => {
  const [january, february] = [billed('2026-01-01', '2026-02-01', '20.00'), billed('2026-02-01', '2026-03-01', '20.00')]
  expect(
    told(differenceOf([january, february], [due('2026-01-01', '2026-02-01', '25.00'), due('2026-02-01', '2026-02-11', '9.00')])),
  ).toEqual([
    '2026-01-01 to 2026-02-01: 25.00 instead of 2026-01-01 to 2026-02-01: 20.00 is 5.00',
    '2026-02-01 to 2026-02-11: 9.00 instead of 2026-02-01 to 2026-03-01: 20.00 is -11.00',
  ])
})

test('days that cost the same otherwise divided make charges that bill nothing', () => {
  const [change] = differenceOf([billed('2026-01-09', '2026-02-01', '20.00')], [due('2026-01-01', '2026-02-01', '20.00')])
  expect(change?.difference.eq(0)).toBe(true)
  expect(change?.instead).toHaveLength(1)
})

test('a period that falls into two, and two that become one, are corrected once', () => {
  const whole = billed('2026-01-01', '2026-02-01', '20.00')
  const parts = [due('2026-01-01', '2026-01-11', '6.40'), due('2026-01-21', '2026-02-01', '7.00')]
  expect(told(differenceOf([whole], parts))).toEqual([
    '2026-01-01 to 2026-01-11: 6.40 instead of 2026-01-01 to 2026-02-01: 20.00 is -13.60',
    '2026-01-21 to 2026-02-01: 7.00 instead of nothing is 7.00',
  ])
  const both = [billed('2026-01-01', '2026-01-11', '6.40'), billed('2026-01-21', '2026-02-01', '7.00')]
  expect(told(differenceOf(both, [due('2026-01-01', '2026-02-01', '20.00')]))).toEqual([
    '2026-01-01 to 2026-02-01: 20.00 instead of 2026-01-01 to 2026-01-11: 6.40, 2026-01-21 to 2026-02-01: 7.00 is 6.60',
  ])
})

describe('is given back as it was billed, and billed anew,', () => {
  const before = billed('2026-01-01', '2026-02-01', '20.00')
  test('when the offer or its currency is another', () => {
    for (const other of [offer(2), offer(2, 'CHF')])
      expect(told(differenceOf([before], [due('2026-01-01', '2026-02-01', '20.00', { offer: other })]))).toEqual([
        '2026-01-01 to 2026-02-01: 20.00 instead of nothing is 20.00',
        'nothing instead of 2026-01-01 to 2026-02-01: 20.00 is -20.00, its days are needed',
      ])
  })

  test('what two members, or two rates of VAT, were billed for days that are one period now', () => {
    for (const other of [{ memberId: 8 }, { vatRate: '20.00' }])
      expect(
        told(
          differenceOf(
            [billed('2026-01-01', '2026-01-11', '6.40'), billed('2026-01-11', '2026-02-01', '13.60', other)],
            [due('2026-01-01', '2026-02-01', '20.00')],
          ),
        ),
      ).toEqual([
        '2026-01-01 to 2026-02-01: 20.00 instead of 2026-01-01 to 2026-01-11: 6.40 is 13.60',
        'nothing instead of 2026-01-11 to 2026-02-01: 13.60 is -13.60, its days are needed',
      ])
  })
})

test('what is not due any more is given back; what was nothing is left alone unless its days are needed', () => {
  const [paid, free] = [billed('2026-01-01', '2026-02-01', '20.00'), billed('2026-02-01', '2026-03-01', '0.00')]
  expect(told(differenceOf([paid, free], []))).toEqual(['nothing instead of 2026-01-01 to 2026-02-01: 20.00 is -20.00'])
  expect(told(differenceOf([free], [due('2026-02-01', '2026-03-01', '5.00', { offer: offer(2) })]))).toEqual([
    '2026-02-01 to 2026-03-01: 5.00 instead of nothing is 5.00',
    'nothing instead of 2026-02-01 to 2026-03-01: 0.00 is 0.00, its days are needed',
  ])
})

test('an opening is one, on whatever day it began, and no part of a period', () => {
  const opening = billed('2026-01-09', '2026-01-10', '39.00', { kind: 'initial' })
  const moved = due('2026-01-01', '2026-01-02', '39.00', { kind: 'initial' })
  const [change, ...others] = differenceOf(
    [opening, billed('2026-01-09', '2026-02-01', '14.80')],
    [moved, due('2026-01-01', '2026-02-01', '20.00')],
  )
  expect([change?.difference.toFixed(2), change?.instead]).toEqual(['0.00', [opening]])
  expect(told(others)).toEqual(['2026-01-01 to 2026-02-01: 20.00 instead of 2026-01-09 to 2026-02-01: 14.80 is 5.20'])
})
