import { describe, expect, test } from 'vitest'
import * as format from './format.ts'
import { inScope } from './scope-for-tests.ts'

const en = <R>(work: () => R): R => inScope({ locale: 'en' }, work)
const fr = <R>(work: () => R): R => inScope({ locale: 'fr' }, work)

describe('money', () => {
  test('follows the language', () => {
    expect(en(() => format.formatMoney('1126.40', 'EUR'))).toBe('€1,126.40')
    expect(fr(() => format.formatMoney('1126.40', 'EUR'))).toBe('1\u202f126,40\u00a0€')
  })
  test('has a real minus and keeps every digit', () => {
    expect(en(() => format.formatMoney('-2.80', 'EUR'))).toBe('\u2212€2.80')
    expect(en(() => format.formatMoney('90071992547409931.23', 'EUR'))).toBe('€90,071,992,547,409,931.23')
  })
  test('owed: a dash for nothing, words for credit', () => {
    expect(en(() => format.formatOwed('0.00', 'EUR'))).toBe('–')
    expect(en(() => format.formatOwed('-4', 'EUR'))).toBe('€4.00 in credit')
    expect(fr(() => format.formatOwed('-4', 'EUR'))).toBe('4,00\u00a0€ en votre faveur')
  })
})

describe('figures', () => {
  test('quantities, shares, counts', () => {
    expect(en(() => [format.formatQuantity('0.7419'), format.formatPercent(0.65), format.formatNumber(1024)])).toEqual([
      '0.74',
      '65%',
      '1,024',
    ])
    expect(fr(() => [format.formatQuantity('0.7419'), format.formatPercent(0.65)])).toEqual(['0,74', '65\u00a0%'])
  })
  test('addresses are canonical', () => {
    expect(format.formatAddress('2001:DB8:0:0:0:0:0:1/128')).toBe('2001:db8::1/128')
    expect(format.formatAddress('198.18.41.75/29')).toBe('198.18.41.72/29')
    expect(format.formatAddress('198.18.41.75')).toBe('198.18.41.75')
    expect(format.formatAddress('elsewhere')).toBe('elsewhere')
  })
})

describe('dates', () => {
  test('long and for tables', () => {
    expect(en(() => [format.formatDate('2026-11-22'), format.formatDate('2020-09-11', 'table')])).toEqual([
      '22 November 2026',
      '11 Sep 2020',
    ])
    expect(fr(() => [format.formatDate('2026-12-01'), format.formatDate('2026-11-22', 'table')])).toEqual([
      '1er décembre 2026',
      '22 nov. 2026',
    ])
  })
  test('in a field, a day is written as one types it; what is none stays as it was typed', () => {
    expect(en(() => ['2026-11-30', '2026-02-30', '2026-13-45', 'soon'].map(format.formatDateInput))).toEqual([
      '30/11/2026',
      '2026-02-30',
      '2026-13-45',
      'soon',
    ])
  })
  test('times are those of the provider', () => {
    expect(en(() => format.formatTime('2026-11-22T05:12:00Z'))).toBe('06:12')
    expect(fr(() => format.formatTime('2026-11-22T05:12:00Z'))).toBe('6\u00a0h\u00a012')
    expect(en(() => format.formatDate('2026-11-22T23:30:00Z'))).toBe('23 November 2026')
  })
  test('ranges', () => {
    expect(en(() => format.formatRange('2026-10-09', '2026-10-31', { year: false }))).toBe('9–31 October')
    expect(fr(() => format.formatRange('2026-10-09', '2026-10-31', { year: false }))).toBe('du 9 au 31 octobre')
    expect(fr(() => format.formatRange('2026-10-01', '2026-11-03'))).toBe('du 1er octobre au 3 novembre 2026')
    expect(en(() => format.formatRange('2025-12-09', '2026-01-03'))).toBe('9 December 2025 – 3 January 2026')
    expect(en(() => format.formatPeriod('2026-11-01', '2026-11-30'))).toBe('November 2026')
    expect(fr(() => format.formatPeriod('2026-10-01', '2026-12-31'))).toBe('octobre à décembre 2026')
    expect(en(() => format.formatPeriod('2026-12-01', '2027-02-28'))).toBe('December 2026 – February 2027')
    expect(en(() => format.formatPeriod('2026-10-09', '2026-10-31'))).toBe('9–31 October 2026')
    expect(en(() => format.formatRange('2026-10-09', null))).toBe('from 9 October 2026')
  })
  test('what happened lately is said so', () => {
    const now = new Date('2026-11-22T09:00:00Z')
    expect(en(() => format.formatRelative('2026-11-22T08:56:00Z', now))).toBe('4\u00a0min ago')
    expect(fr(() => format.formatRelative('2026-11-22T06:00:00Z', now))).toBe('il y a 3\u00a0h')
    expect(en(() => format.formatRelative('2026-11-20T08:56:00Z', now))).toBe('20 November 2026, 09:56')
    expect(en(() => format.formatMoment('2026-11-21T17:02:00Z', now))).toBe('Yesterday 18:02')
    expect(en(() => format.formatMoment('2026-11-06T06:30:00Z', now))).toBe('6 November 07:30')
    expect(en(() => format.formatMoment('2025-11-06T06:30:00Z', now))).toBe('6 November 2025 07:30')
  })
})
