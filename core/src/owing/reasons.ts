import { t } from '../app/i18n.ts'
import { formatDate, formatMoney, formatPercent } from '../ui/index.ts'
import type { BillLine, ChargeFacts } from './explanation.ts'
import { exactMoney, exactQuantity, priceFor } from './words.ts'

/** Why a line costs what it costs, a sentence each, in the language of the page: the price and since when, what was chosen or granted, the days. */
export function reasonsOf(line: BillLine, currency: string): string[] {
  const { charge } = line
  // what a person wrote has no facts but these; what is not due any more has no price
  if (!charge) return line.explanation ? [line.explanation] : []
  if (Number(charge.quantity) === 0) return []
  return [priceReason(charge, currency), chosenReason(charge, currency), discountReason(charge, currency), daysReason(line, charge)].filter(
    reason => reason !== undefined,
  )
}

function priceReason(
  { kind, months, unitPrice, quantity, calculation: { offer, fee, unit } }: ChargeFacts,
  currency: string,
): string | undefined {
  if (fee) {
    const price = priceFor(months, exactMoney(fee.listPrice, currency))
    return t('{{price}}: the price of {{offer}} since {{date}}.', { price, offer, date: formatDate(fee.since) })
  }
  if (kind === 'initial') return t('Once, to begin with {{offer}}.', { offer })
  if (unit === 'period') return undefined
  return t('{{quantity}} {{unit}} at {{price}}.', {
    quantity: exactQuantity(quantity),
    unit: t(unit),
    price: exactMoney(unitPrice, currency),
  })
}

const chosenReason = ({ calculation: { fee } }: ChargeFacts, currency: string): string | undefined =>
  fee?.freePrice === undefined ? undefined : t('The price chosen is {{price}}.', { price: exactMoney(fee.freePrice, currency) })

function discountReason({ calculation: { fee } }: ChargeFacts, currency: string): string | undefined {
  if (!fee?.discount) return undefined
  const { amount, percent, label } = fee.discount
  const off = amount !== undefined ? formatMoney(amount, currency) : formatPercent(Number(percent) / 100, 2)
  return t('{{off}} less: {{label}}.', { off, label })
}

function daysReason({ first, last }: BillLine, { calculation: { days }, startedOn, resignedOn }: ChargeFacts): string | undefined {
  if (!days) return undefined
  const counts = { count: days.counted, of: days.of }
  if (first === startedOn)
    return t('It began on {{date}}, so {{count}} of the {{of}} days are billed.', { date: formatDate(first), ...counts })
  if (last === resignedOn && last !== null)
    return t('It ended on {{date}}, so {{count}} of the {{of}} days are billed.', { date: formatDate(last), ...counts })
  return t('{{count}} of the {{of}} days are billed.', counts)
}
