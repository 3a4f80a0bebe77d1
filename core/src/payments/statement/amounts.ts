export type DecimalMark = ',' | '.'

/**
 * A written amount as a decimal string with two decimals at least: `-1.234,56 €`, `(12.00)`, `12,00-`, `+1 234,5`, `1'234.00`. Undefined if it
 * is none. Thousands are groups of three, so that a wrong decimal mark is refused and not read as another amount.
 */
export function readAmount(text: string, decimal: DecimalMark): string | undefined {
  const bare = text.replace(/[\s\u00a0\u202f\u2009]|€|\$|£|CHF|EUR|USD|GBP/g, '').replace(/[\u2212\u2013]/g, '-')
  const inBrackets = /^\((.*)\)$/.exec(bare)?.[1]
  const signed = inBrackets ? `-${inBrackets}` : bare.replace(/^(.*)([-+])$/, '$2$1')
  const parts = (decimal === ',' ? withComma : withPoint).exec(signed)
  if (!parts) return undefined
  const whole = (parts[2] ?? '').replace(/[.,'’]/g, '').replace(/^0+(?=\d)/, '') || '0'
  const cents = (parts[3] ?? '').replace(/0+$/, '').padEnd(2, '0')
  if (whole.length > 12 || cents.length > 5) return undefined
  const isZero = /^0+$/.test(whole + cents)
  return `${parts[1] === '-' && !isZero ? '-' : ''}${whole}.${cents}`
}

/** An amount whose decimal mark is whichever of `,` and `.` there is, as XML and OFX write them: no thousands. */
export function readPlainAmount(text: string): string | undefined {
  return /^[-+]?\d*[.,]?\d*$/.test(text) ? readAmount(text, text.includes(',') ? ',' : '.') : undefined
}

/** The opposite of an amount that `readAmount` gave. */
export const negated = (amount: string): string => (amount.startsWith('-') ? amount.slice(1) : /[1-9]/.test(amount) ? `-${amount}` : amount)

/** The decimals that a currency has: 2 for EUR, 0 for JPY. */
export function decimalsOf(currency: string): number {
  const known = decimals.get(currency)
  if (known !== undefined) return known
  const count = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  decimals.set(currency, count)
  return count
}

/** Whether an amount that `readAmount` gave has no more decimals than its currency. */
export const isPayable = (amount: string, currency: string): boolean =>
  (amount.split('.')[1] ?? '').replace(/0+$/, '').length <= decimalsOf(currency)

const withComma = /^([-+]?)(\d{1,3}(?:[.'’]\d{3})+|\d+)?(?:,(\d+))?(?<=\d)$/
const withPoint = /^([-+]?)(\d{1,3}(?:[,'’]\d{3})+|\d+)?(?:\.(\d+))?(?<=\d)$/
const decimals = new Map<string, number>()
