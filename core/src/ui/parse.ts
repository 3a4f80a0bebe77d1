import type { Values } from '../errors.ts'
import { formatDateInput, monthName } from './format.ts'
import { localeTag } from './intl.ts'

/** What was typed, understood or not. The message is English, to be translated with its values. */
export type Parsed =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string; readonly values: Values }

/** An ISO date from what was typed: 2026-11-30, or day first, 30/11/2026. */
export function parseDate(text: string): Parsed {
  const typed = text.trim()
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed)
  const local = /^(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})$/.exec(typed)
  const [year, month, day] = iso ? iso.slice(1).map(Number) : local ? local.slice(1).map(Number).reverse() : []
  if (year === undefined || month === undefined || day === undefined || year < 1)
    return refuse('Give a date such as {{example}}.', 2026, 11, 30)
  if (month < 1 || month > 12) return refuse('A year has 12 months. Give a date such as {{example}}.', year, 11, 30)
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  if (day < 1 || day > days)
    return refuse('{{month}} has {{days}} days. Give a date such as {{example}}.', year, month, days, {
      month: capital(monthName(month)),
      days,
    })
  return { ok: true, value: isoDate(year, month, day) }
}

/** A decimal such as `1126.40` from what was typed: 1,126.40, 1 126,40 €, 12,5. At most two decimals. */
export function parseMoney(text: string): Parsed {
  const typed = text.replace(/[\s\u00a0\u202f€$£'’]/g, '').replace(/^\u2212/, '-')
  const found = /^(-?)(\d+(?:[.,]\d{3})*|\d+)(?:([.,])(\d{1,2}))?$/.exec(typed)
  const whole = found?.[2] ?? ''
  const separators = new Set(whole.replace(/\d/g, ''))
  if (!found || separators.size > 1 || separators.has(found[3] ?? '') || separators.has(decimalMark())) {
    return { ok: false, message: 'Give an amount such as {{example}}.', values: { example: decimalMark() === ',' ? '12,50' : '12.50' } }
  }
  return { ok: true, value: `${found[1]}${whole.replace(/[.,]/g, '').replace(/^0+(?=\d)/, '')}.${(found[4] ?? '').padEnd(2, '0')}` }
}

const decimalMark = () => (localeTag().startsWith('fr') ? ',' : '.')

const isoDate = (year: number, month: number, day: number) =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`

const refuse = (message: string, year: number, month: number, day: number, values: Values = {}): Parsed => ({
  ok: false,
  message,
  values: { ...values, example: formatDateInput(isoDate(year, month, day)) },
})

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
