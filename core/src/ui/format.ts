import { t } from '../app/i18n.ts'
import { dateFormat, localeTag, numberFormat, currency as ownCurrency, timeZone } from './intl.ts'

export { formatAddress } from './space.ts'

/** `long` for sentences (22 November 2026), `table` for columns (22 Nov 2026). */
export type DateStyle = 'long' | 'table'

/** €1,126.40 or 1 126,40 €; a minus is U+2212. A string is taken digit by digit, never through a float. */
export function formatMoney(amount: string | number, currency: string = ownCurrency()): string {
  return withMinus(numberFormat({ style: 'currency', currency }).format(exact(amount)))
}

/** What somebody owes: a dash for nothing, "€4.00 in credit" below zero. */
export function formatOwed(amount: string | number, currency: string = ownCurrency()): string {
  const sign = Math.sign(Number(amount))
  if (sign === 0) return '–'
  return sign > 0
    ? formatMoney(amount, currency)
    : t('{{amount}} in credit', { amount: formatMoney(String(amount).replace(/^-/, ''), currency) })
}

/** 1,024 or 1 024. */
export const formatNumber = (value: number | bigint): string => withMinus(numberFormat().format(value))

/** Two decimals: 0.74 or 0,74. */
export const formatQuantity = (value: string | number): string =>
  withMinus(numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(exact(value)))

/** 65% or 65 %, from a share of one. */
export const formatPercent = (share: number, decimals = 0): string =>
  withMinus(numberFormat({ style: 'percent', maximumFractionDigits: decimals }).format(share))

/** 22 November 2026, 22 novembre 2026; the first of a month is "1er" in French. */
export function formatDate(date: string, style: DateStyle = 'long'): string {
  if (!isDate(date)) return day(new Date(date), timeZone(), style, true)
  const key = `${localeTag()} ${style} ${date}`
  const known = writtenDates.get(key)
  if (known !== undefined) return known
  const written = day(utc(date), 'UTC', style, true)
  if (writtenDates.size < mostDates) writtenDates.set(key, written)
  return written
}

// a list says the same days again and again, and taking a date to pieces takes longer than the rest of its row
const writtenDates = new Map<string, string>()
const mostDates = 20_000

/** 06:12 or 6 h 12. */
export function formatTime(moment: string | Date): string {
  const parts = dateFormat({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: timeZone() }, 'en-GB').formatToParts(
    asDate(moment),
  )
  const of = (type: string) => parts.find(part => part.type === type)?.value ?? ''
  return localeTag().startsWith('fr') ? `${Number(of('hour'))}\u00a0h\u00a0${of('minute')}` : `${of('hour')}:${of('minute')}`
}

/** 22 November 2026, 06:12. */
export function formatDateTime(moment: string | Date, style: DateStyle = 'long'): string {
  return t('{{date}}, {{time}}', { date: day(asDate(moment), timeZone(), style, true), time: formatTime(moment) })
}

/** Today 08:54, Yesterday 18:02, 6 November 07:30; with its year when that is another. A date alone is a date. */
export function formatMoment(moment: string, now: Date = new Date()): string {
  if (isDate(moment)) return formatDate(moment)
  const zone = timeZone()
  const at = new Date(moment)
  const days = (utc(localDate(now, zone)).getTime() - utc(localDate(at, zone)).getTime()) / 86_400_000
  const sameYear = localDate(now, zone).slice(0, 4) === localDate(at, zone).slice(0, 4)
  const date = days === 0 ? t('Today') : days === 1 ? t('Yesterday') : day(at, zone, 'long', !sameYear)
  return `${date} ${formatTime(at)}`
}

/** "4 min ago" under a day, else a date and time. */
export function formatRelative(moment: string | Date, now: Date = new Date()): string {
  const at = asDate(moment)
  const minutes = Math.round((now.getTime() - at.getTime()) / 60_000)
  const distance = Math.abs(minutes)
  if (distance >= 24 * 60) return formatDateTime(at)
  if (distance === 0) return t('just now')
  const length = distance < 60 ? `${distance}\u00a0min` : `${Math.round(distance / 60)}\u00a0h`
  return minutes > 0 ? t('{{length}} ago', { length }) : t('in {{length}}', { length })
}

/** 9–31 October 2026, du 9 au 31 octobre 2026; both days belong to it. Without an end: "from 9 October 2026". */
export function formatRange(first: string, last: string | null | undefined, options: { year?: boolean } = {}): string {
  const { year = true } = options
  if (!last) return t('from {{date}}', { date: day(utc(first), 'UTC', 'long', year) })
  if (first === last) return day(utc(first), 'UTC', 'long', year)
  const sameYear = first.slice(0, 4) === last.slice(0, 4)
  const sameMonth = first.slice(0, 7) === last.slice(0, 7)
  const from = sameMonth ? dayNumber(utc(first)) : day(utc(first), 'UTC', 'long', year && !sameYear)
  const to = day(utc(last), 'UTC', 'long', year)
  return sameMonth ? t('{{from}}–{{to}}', { from, to }) : t('{{from}} – {{to}}', { from, to })
}

/** A period: whole months by their names (November 2026, October – December 2026), else as `formatRange`. */
export function formatPeriod(first: string, last: string): string {
  const after = new Date(utc(last).getTime() + 86_400_000)
  if (!first.endsWith('-01') || after.getUTCDate() !== 1) return formatRange(first, last)
  const month = (date: string, year: boolean) =>
    dateFormat({ month: 'long', timeZone: 'UTC', ...(year && { year: 'numeric' }) }).format(utc(date))
  if (first.slice(0, 7) === last.slice(0, 7)) return month(first, true)
  const firstMonth = month(first, first.slice(0, 4) !== last.slice(0, 4))
  return t('{{firstMonth}} – {{lastMonth}}', { firstMonth, lastMonth: month(last, true) })
}

/** A stored date as it is typed: 30/11/2026. Anything else is given back, so that what was typed is kept. */
export function formatDateInput(text: string): string {
  return isDay(text) ? dateFormat({ day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' }).format(utc(text)) : text
}

/** The name of a month, from 1. */
export const monthName = (month: number): string =>
  dateFormat({ month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2026, month - 1, 1)))

/** € */
export const currencySymbol = (currency: string = ownCurrency()): string =>
  numberFormat({ style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    .formatToParts(0)
    .find(part => part.type === 'currency')?.value ?? currency

/** The date of a moment where the provider is. */
export const localDate = (moment: Date, zone: string = timeZone()): string => dateFormat({ timeZone: zone }, 'sv-SE').format(moment)

const isDate = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text)
/** 2026-02-30 and 2026-13-01 are written as days, and are none. */
const isDay = (text: string) => isDate(text) && !Number.isNaN(utc(text).getTime()) && utc(text).toISOString().startsWith(text)
const utc = (date: string) => new Date(`${date}T00:00:00Z`)
const asDate = (moment: string | Date) => (typeof moment === 'string' ? new Date(moment) : moment)
const withMinus = (text: string) => text.replace('-', '\u2212')

/** Intl reads a decimal string exactly; its type only knows literals. */
const exact = (amount: string | number) => amount as number

function day(date: Date, zone: string, style: DateStyle, year: boolean): string {
  const options: Intl.DateTimeFormatOptions = { day: 'numeric', month: style === 'long' ? 'long' : 'short', timeZone: zone }
  return dateFormat(year ? { ...options, year: 'numeric' } : options)
    .formatToParts(date)
    .map(part => (part.type === 'day' ? ordinal(part.value) : part.value === 'Sept' ? 'Sep' : part.value))
    .join('')
}

const dayNumber = (date: Date) => ordinal(String(date.getUTCDate()))
const ordinal = (number: string) => (number === '1' && localeTag().startsWith('fr') ? '1er' : number)
