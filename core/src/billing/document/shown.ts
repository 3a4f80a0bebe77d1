import Big from 'big.js'
import { dateFormat, localeTag, numberFormat } from '../../ui/intl.ts'
import type { InvoiceDocument } from './document.ts'

/** How amounts and days are written for the reader of a document. */
export interface Shown {
  /** €1,126.40, 1 126,40 €. Digits beyond the smallest unit are kept, four at most. */
  money(amount: string): string
  quantity(value: string): string
  /** Whether what is counted stands in the singular. */
  isOne(value: string): boolean
  percent(rate: string): string
  /** 22 November 2026; the first of a month is "1er" in French. */
  day(date: string): string
  /** 9–31 October 2026, du 9 au 31 octobre 2026. */
  days(from: string, to: string): string
}

export function shownIn({ language, currency }: Pick<InvoiceDocument, 'language' | 'currency'>): Shown {
  const tag = localeTag(language)
  const number = (value: string, options: Intl.NumberFormatOptions) =>
    // a decimal string is read exactly; the type only knows literals
    numberFormat(options, tag)
      .format(new Big(value).toFixed() as `${number}`)
      .replace('-', '\u2212')
  const money = { style: 'currency', currency } as const
  const day = (date: string, options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'long', year: 'numeric' }) =>
    dateFormat({ ...options, timeZone: 'UTC' }, tag)
      .formatToParts(new Date(`${date}T00:00:00Z`))
      .map(({ type, value }) => (type === 'day' && value === '1' && language === 'fr' ? '1er' : value))
      .join('')
  const plural = new Intl.PluralRules(language)
  return {
    isOne: value => plural.select(Number(value)) === 'one',
    money: amount => number(amount, moneyDigits(amount) ? { ...money, minimumFractionDigits: 2, maximumFractionDigits: 4 } : money),
    quantity: value => number(value, { maximumFractionDigits: 4 }),
    percent: rate => number(new Big(rate).div(100).toFixed(), { style: 'percent', maximumFractionDigits: 2 }),
    day: date => day(date),
    days(from, to) {
      if (from === to) return day(from)
      const first =
        from.slice(0, 7) === to.slice(0, 7)
          ? day(from, { day: 'numeric' })
          : day(from, from.slice(0, 4) === to.slice(0, 4) ? { day: 'numeric', month: 'long' } : undefined)
      if (language === 'fr') return `du ${first} au ${day(to)}`
      return from.slice(0, 7) === to.slice(0, 7) ? `${first}–${day(to)}` : `${first} – ${day(to)}`
    },
  }
}

/** Whether an amount is finer than cents, as a price per piece may be. */
const moneyDigits = (amount: string): boolean => !new Big(amount).round(2).eq(amount)
