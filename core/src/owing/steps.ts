import { t } from '../app/i18n.ts'
import { decimal, roundMoney } from '../billing/money.ts'
import { formatMoney, formatPercent } from '../ui/index.ts'
import type { BillLine, ChargeFacts } from './explanation.ts'
import { exactMoney, exactQuantity } from './words.ts'

/** One calculation: numbers with what each of them is, and the signs between them. The last is the result. */
export interface Step {
  readonly terms: readonly { readonly value: string; readonly caption: string; readonly sign: '' | '×' | '−' }[]
  readonly result: { readonly value: string; readonly caption: string }
}

/** The calculations behind what a line bills, in their order: the discount, the share, what was billed before. None when nothing is calculated. Pure. */
export function stepsOf(line: BillLine, currency: string): Step[] {
  const { charge } = line
  if (!charge) return decimal(line.quantity).abs().eq(1) ? [] : [product(line.quantity, line.unitPrice, '', '', currency)]
  const steps = [discountStep(charge, currency), shareStep(charge, currency), differenceStep(charge, currency)]
  return steps.filter(step => step !== undefined)
}

function discountStep({ calculation: { fee }, months }: ChargeFacts, currency: string): Step | undefined {
  if (!fee?.discount) return undefined
  const full = fee.freePrice ?? fee.listPrice
  const { label, percent } = fee.discount
  return {
    terms: [
      { value: exactMoney(full, currency), caption: periodWord(months), sign: '' },
      {
        value: exactMoney(decimal(full).minus(fee.unitPrice).toFixed(), currency),
        caption: percent === undefined ? label : `${label}, ${formatPercent(Number(percent) / 100, 2)}`,
        sign: '−',
      },
    ],
    result: { value: exactMoney(fee.unitPrice, currency), caption: '' },
  }
}

function shareStep({ quantity, unitPrice, months, calculation: { days, unit } }: ChargeFacts, currency: string): Step | undefined {
  if (decimal(quantity).eq(1) || decimal(quantity).eq(0)) return undefined
  const caption = days
    ? t('{{count}} of {{of}} days', { count: days.counted, of: days.of })
    : unit === 'period' || unit === 'once'
      ? ''
      : t(unit)
  return product(quantity, unitPrice, unit === 'period' ? periodWord(months) : '', caption, currency)
}

function differenceStep({ amount, calculation: { before } }: ChargeFacts, currency: string): Step | undefined {
  if (before === undefined) return undefined
  return {
    terms: [
      { value: formatMoney(amount, currency), caption: t('is due'), sign: '' },
      { value: formatMoney(before, currency), caption: t('billed before'), sign: '−' },
    ],
    result: { value: formatMoney(decimal(amount).minus(before).toFixed(2), currency), caption: '' },
  }
}

function product(quantity: string, price: string, priceCaption: string, quantityCaption: string, currency: string): Step {
  const exact = decimal(quantity).times(price)
  const rounded = roundMoney(exact, currency)
  return {
    terms: [
      { value: exactMoney(price, currency), caption: priceCaption, sign: '' },
      { value: exactQuantity(quantity), caption: quantityCaption, sign: '×' },
    ],
    result: { value: formatMoney(rounded.toFixed(2), currency), caption: rounded.eq(exact) ? '' : t('rounded') },
  }
}

/** What a price is for. */
const periodWord = (months: number): string =>
  months === 1 ? t('a month') : months === 12 ? t('a year') : t('for {{count}} months', { count: months })
