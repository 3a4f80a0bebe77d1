import { t } from '../app/i18n.ts'
import { kindWord } from '../billing/invoice-words.tsx'
import { numberFormat } from '../ui/intl.ts'

/** `Invoice 2026-11-000187`. */
export const billName = (kind: string, number: string | null): string =>
  t('{{kind}} {{number}}', { kind: kindWord(kind), number: number ?? '' })

/** €4.00 a month. */
export function priceFor(months: number, amount: string): string {
  if (months === 1) return t('{{amount}} a month', { amount })
  if (months === 12) return t('{{amount}} a year', { amount })
  return t('{{amount}} every {{count}} months', { amount, count: months })
}

/** A price with all its digits: prices have up to four decimals, and a calculation shows what it counts with. */
export const exactMoney = (amount: string, currency: string): string =>
  numberFormat({ style: 'currency', currency, maximumFractionDigits: 4 })
    .format(amount as unknown as number)
    .replace('-', '\u2212')

/** 2, 0.74 or 12.3456. */
export function exactQuantity(quantity: string): string {
  const decimals = quantity.replace(/0+$/, '').split('.')[1]?.length ?? 0
  return numberFormat({ minimumFractionDigits: decimals === 0 ? 0 : Math.max(2, decimals), maximumFractionDigits: 4 })
    .format(quantity as unknown as number)
    .replace('-', '\u2212')
}
