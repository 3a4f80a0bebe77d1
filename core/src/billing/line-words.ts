import { t } from '../app/i18n.ts'
import { formatMoney, formatPercent, formatPeriod, formatQuantity } from '../ui/index.ts'
import type { ChargeChange } from './difference.ts'
import type { PricedCharge } from './due.ts'
import { decimal } from './money.ts'
import type { BilledCharge } from './terms.ts'

/** How an amount comes about, as it is kept with the charge: what a page needs to show the calculation again. */
export interface Calculation extends Pick<PricedCharge, 'fee' | 'days' | 'unit'> {
  readonly offer: string
  /** What was billed before, when it is a correction. */
  readonly before?: string
}

/** What a line says in the language of the current scope, and how its amount comes about. */
export interface LineWords {
  readonly description: string
  readonly explanation: string
}

/** The words of a line that bills a charge for the first time. */
export const wordsOfCharge = (charge: PricedCharge): LineWords => ({
  description: nameOf(charge),
  explanation: reasonsOf(charge).join('. '),
})

/** The words of a line that corrects what was billed. */
export function wordsOfCorrection({ due, instead }: ChargeChange, offerName: string): LineWords {
  const [first] = instead
  const before = instead.reduce((sum, { amount }) => sum.plus(amount), decimal(0))
  const currency = first?.currency ?? due?.offer.currency ?? ''
  const was = formatMoney(before.toFixed(2), currency)
  const what = due ? nameOf(due) : first ? billedName(first, offerName) : offerName
  if (!due) return { description: t('{{what}}: given back', { what }), explanation: t('{{was}} was billed, nothing is due.', { was }) }
  return {
    description: t('{{what}}: correction', { what }),
    explanation: [t('{{was}} was billed, {{due}} is due', { was, due: formatMoney(due.amount, currency) }), ...reasonsOf(due)].join('. '),
  }
}

function nameOf({ kind, offer: { name }, first, end, quantity, unit }: PricedCharge): string {
  if (kind === 'initial') return t('{{offer}}, opening', { offer: name })
  const days = formatPeriod(first, dayBefore(end))
  if (unit === 'period') return t('{{offer}}, {{days}}', { offer: name, days })
  return t('{{offer}}, {{quantity}} {{unit}}, {{days}}', { offer: name, quantity: formatQuantity(quantity), unit: t(unit), days })
}

const billedName = ({ kind, first, end }: BilledCharge, offer: string): string =>
  kind === 'initial' ? t('{{offer}}, opening', { offer }) : t('{{offer}}, {{days}}', { offer, days: formatPeriod(first, dayBefore(end)) })

/** Why the price and the quantity are what they are, in the language of the current scope: a sentence each. */
export function reasonsOf({
  days,
  fee,
  quantity,
  offer: { currency },
}: Pick<PricedCharge, 'days' | 'fee' | 'quantity'> & { readonly offer: { readonly currency: string } }): string[] {
  const share = days && t('{{counted}} of {{of}} days, so {{share}} of the period', { ...days, share: formatQuantity(quantity) })
  const price =
    fee?.freePrice === undefined
      ? undefined
      : t('{{price}} for a period, the price chosen', { price: formatMoney(fee.freePrice, currency) })
  const { discount } = fee ?? {}
  const off =
    discount && (discount.amount !== undefined ? formatMoney(discount.amount, currency) : formatPercent(Number(discount.percent) / 100, 2))
  const less =
    discount &&
    t('{{off}} off {{price}}: {{label}}', {
      off,
      price: formatMoney(fee?.freePrice ?? fee?.listPrice ?? '0', currency),
      label: discount.label,
    })
  return [share, price, less].filter(reason => reason !== undefined)
}

const dayBefore = (day: string): string => Temporal.PlainDate.from(day).subtract({ days: 1 }).toString()
