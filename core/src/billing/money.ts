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
