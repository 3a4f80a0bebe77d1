import Big from 'big.js'

/** An exact decimal number. Anything that takes one takes its text too. */
export type Decimal = Big
export const decimal = (value: string | number | Big): Decimal => new Big(value)

/**
 * Rounds to the smallest unit of the currency, half away from zero, so that a credit is rounded like the charge that it undoes. This is the
 * one rule: a line is rounded once, VAT once per rate of an invoice (EN 16931, BR-CO-17), totals are sums of what is rounded.
 */
export const roundMoney = (amount: Decimal, currency: string): Decimal => amount.round(minorDigits(currency), Big.roundHalfUp)

/** The digits of a currency after the decimal sign: two, or none (ISO 4217). As `coin.minor_digits` in the database. */
export const minorDigits = (currency: string): number => (withoutMinorUnits.has(currency) ? 0 : 2)

const withoutMinorUnits = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' '))

/** The share of a whole, rounded to two decimals: 23 of 31 days are 0.74. A share of something is never nothing. */
export function shareOf(part: number, whole: number): Decimal {
  const share = new Big(part).div(whole).round(2, Big.roundHalfUp)
  return part > 0 && share.eq(0) ? new Big('0.01') : share
}

/** Quantity times price, rounded; two decimals as text, whatever the currency. */
export const amountOf = (quantity: string, unitPrice: string, currency: string): string =>
  // the usual case, which counts with many rows: one whole period at a price in cents
  quantity === '1' && /^\d+\.\d\d$/.test(unitPrice) && minorDigits(currency) === 2
    ? unitPrice
    : roundMoney(decimal(quantity).times(unitPrice), currency).toFixed(2)

/** The sum of amounts of two decimals, as text of two decimals: exact, in whole cents. */
export function sumOf(amounts: readonly string[]): string {
  if (amounts.length === 1) return amounts[0] as string
  const cents = amounts.reduce((sum, amount) => sum + BigInt(amount.replace('.', '')), 0n)
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
