import { expect, test } from 'vitest'
import { t } from '../app/i18n.ts'
import { type Parsed, parseDate, parseMoney } from './parse.ts'
import { inScope } from './scope-for-tests.ts'

const read = (parsed: Parsed) => (parsed.ok ? parsed.value : t(parsed.message, parsed.values))

test.each([
  ['2026-11-30', '2026-11-30'],
  ['30/11/2026', '2026-11-30'],
  [' 1.2.2024 ', '2024-02-01'],
  ['29/02/2024', '2024-02-29'],
  ['31/11/2026', 'November has 30 days. Give a date such as 30/11/2026.'],
  ['29/02/2023', 'February has 28 days. Give a date such as 28/02/2023.'],
  ['10/13/2026', 'A year has 12 months. Give a date such as 30/11/2026.'],
  ['soon', 'Give a date such as 30/11/2026.'],
])('the date %s', (typed, expected) => {
  expect(inScope({ locale: 'en' }, () => read(parseDate(typed)))).toBe(expected)
})

test('a date refused in French', () => {
  expect(inScope({ locale: 'fr' }, () => read(parseDate('31/11/2026')))).toBe('Novembre a 30 jours. Donnez une date comme 30/11/2026.')
})

test.each([
  ['en', '1,126.40', '1126.40'],
  ['en', '€12', '12.00'],
  ['en', '12,5', '12.50'],
  ['en', '1,126', '1126.00'],
  ['en', '-4.00', '-4.00'],
  ['en', '\u22124', '-4.00'],
  ['fr', '1 126,40 €', '1126.40'],
  ['fr', '1\u202f126,40\u00a0€', '1126.40'],
  ['fr', '1.126,40', '1126.40'],
  ['fr', '1,126', 'Donnez un montant comme 12,50.'],
  ['en', '1.234', 'Give an amount such as 12.50.'],
  ['en', '12.345', 'Give an amount such as 12.50.'],
  ['en', '1,2,3', 'Give an amount such as 12.50.'],
  ['en', '', 'Give an amount such as 12.50.'],
])('in %s the amount %s', (locale, typed, expected) => {
  expect(inScope({ locale }, () => read(parseMoney(typed)))).toBe(expected)
})
