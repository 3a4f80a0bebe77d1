import { amountOf, centsOf } from '../accounting/cents.ts'
import type { AgeBand } from '../accounting/money-queries.ts'
import { t } from '../app/i18n.ts'
import { formatMoney, formatNumber, monthName, type Stat } from '../ui/index.ts'
import type { MonthFigures } from './dashboard-months.ts'
import type { Rights } from './dashboard-rights.ts'
import type { Figures } from './today-queries.ts'

/** Two to four figures, of what the actor may see. */
export function dashboardStats(rights: Rights, counts: Figures, months: MonthFigures, bands: readonly AgeBand[]): Stat[] {
  return [
    ...(rights.members
      ? [
          {
            label: t('Members'),
            value: formatNumber(counts.members),
            note: t('{{count}} joined this month', { count: counts.joinedThisMonth }),
          },
        ]
      : []),
    ...(rights.subscriptions
      ? [{ label: t('Active subscriptions'), value: formatNumber(counts.subscriptions), note: largest(months) || undefined }]
      : []),
    ...(rights.invoices ? money(months, bands) : []),
  ]
}

/** The offers with the most subscriptions. */
const largest = ({ offers }: MonthFigures) =>
  offers
    .slice(0, 3)
    .flatMap(({ name, counts }) => ((counts.at(-1) ?? 0) > 0 ? [`${formatNumber(counts.at(-1) ?? 0)} ${name}`] : []))
    .join(', ')

function money({ months, billed, received }: MonthFigures, bands: readonly AgeBand[]): Stat[] {
  const owed = centsOf(bands.map(({ amount }) => amount))
  const late = centsOf(bands.flatMap(({ band, amount }) => (band >= 3 ? [amount] : [])))
  return [
    {
      label: t('Billed in {{month}}', { month: monthName(Number(months.at(-1)?.slice(5, 7) ?? 1)) }),
      value: formatMoney(billed.at(-1) ?? 0),
      note: t('{{amount}} received so far', { amount: formatMoney(received.at(-1) ?? 0) }),
    },
    {
      label: t('Still owed to us'),
      value: formatMoney(amountOf(owed)),
      note: late > 0n ? t('{{amount}} over 60 days late', { amount: formatMoney(amountOf(late)) }) : t('nothing over 60 days late'),
    },
  ]
}
