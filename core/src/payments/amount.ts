import { type Decimal, decimal, minorDigits } from '../billing/money.ts'
import { invalid } from '../errors.ts'

/** An amount as it is kept. Refuses, at `field`, what is no amount of the currency, and zero. */
export function amountOf(text: string, currency: string, field = 'amount'): Decimal {
  if (!/^-?\d{1,12}(\.\d{1,2})?$/.test(text)) throw invalid(field, 'Give an amount such as {{example}}.', { example: '12.50' })
  const amount = decimal(text)
  if (amount.eq(0)) throw invalid(field, 'An amount of zero pays nothing.')
  if (!amount.round(minorDigits(currency)).eq(amount)) throw invalid(field, '{{currency}} has no decimals.', { currency })
  return amount
}

/** As `amountOf`, above zero. */
export function amountAbove(text: string, currency: string, field = 'amount'): Decimal {
  const amount = amountOf(text, currency, field)
  if (amount.lt(0)) throw invalid(field, 'Give an amount above zero.')
  return amount
}
