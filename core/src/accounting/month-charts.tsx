import { t } from '../app/i18n.ts'
import { BarChart, type BarFill, type BarSeries, Empty, formatMoney, monthName, Table } from '../ui/index.ts'
import { amountOf, centsOf } from './cents.ts'
import type { Income, Received } from './money-queries.ts'

/** The first days of the twelve months that end with this one, ISO. */
export function monthsUntil(today: string): readonly string[] {
  const last = Temporal.PlainDate.from(today).with({ day: 1 })
  return Array.from({ length: 12 }, (_, index) => last.subtract({ months: 11 - index }).toString())
}

/** More are drawn together. */
const mostSeries = 5
const fills: readonly BarFill[] = ['accent', 'wait', 'drift', 'ok', 'soft', 'none']

/** What was billed, month by month, by offer. */
export function IncomeChart({ months, incomes }: { months: readonly string[]; incomes: readonly Income[] }) {
  if (incomes.length === 0)
    return (
      <Empty title={t('Nothing was billed in these months')} icon="chart-bar">
        {t('What is issued shows here by month and offer.')}
      </Empty>
    )
  const series = seriesOf(incomes)
  const at = (month: string, own: Series) => centsOf(incomes.flatMap(each => (each.month === month && own.has(each) ? [each.amount] : [])))
  const rows = months.map(month => {
    const amounts = series.map(own => at(month, own))
    return { month, amounts, total: amounts.reduce((sum, amount) => sum + amount, 0n) }
  })
  const best = rows.reduce((one, other) => (other.total > one.total ? other : one))
  const total = rows.reduce((sum, row) => sum + row.total, 0n)
  return (
    <BarChart
      sentence={t('Billed in twelve months: {{total}}; the most in {{month}}, {{best}}.', {
        total: formatMoney(amountOf(total)),
        month: named(best.month),
        best: formatMoney(amountOf(best.total)),
      })}
      series={series}
      bars={rows.map(({ month, amounts }) => ({ label: brief(month), values: amounts.map(amount => Number(amount)) }))}
      top={t('The highest bar is {{amount}}', { amount: formatMoney(amountOf(best.total)) })}
      table={
        <Table
          caption={t('Billed by month and offer, without VAT')}
          rows={rows}
          columns={[
            { key: 'month', label: t('Month'), render: ({ month }) => named(month) },
            ...series.map(({ label }, index) => ({
              key: `s${index}`,
              label,
              align: 'money' as const,
              render: ({ amounts }: (typeof rows)[number]) => formatMoney(amountOf(amounts[index] ?? 0n)),
            })),
            { key: 'total', label: t('Total'), align: 'money', render: row => <b>{formatMoney(amountOf(row.total))}</b> },
          ]}
        />
      }
    />
  )
}

interface Series extends BarSeries {
  has(income: Income): boolean
}

/** The sources that brought the most, each a series; what is left is the last one. */
function seriesOf(incomes: readonly Income[]): readonly Series[] {
  const keyOf = ({ offerId, source }: Income) => (offerId === null ? source : String(offerId))
  const byKey = Map.groupBy(
    incomes.filter(({ source, offerId }) => offerId !== null || source !== 'other'),
    keyOf,
  )
  const sorted = [...byKey]
    .map(([key, own]) => ({ key, own, size: centsOf(own.map(({ amount }) => amount)) }))
    .sort((one, other) => Number(other.size - one.size))
  const shown = sorted.slice(0, mostSeries)
  const keys = new Set(shown.map(({ key }) => key))
  const named = shown.map(({ key, own }, index) => ({
    label: labelOf(own[0] as Income),
    fill: fills[index] ?? 'none',
    has: (each: Income) => keyOf(each) === key,
  }))
  const rest = { label: t('Everything else'), fill: 'none' as const, has: (each: Income) => !keys.has(keyOf(each)) }
  return incomes.some(each => rest.has(each)) ? [...named, rest] : named
}

function labelOf({ offerId, source }: Income): string {
  if (offerId !== null) return source
  return source === 'fee' ? t('Membership fees') : t('Donations')
}

/** What came in and what went back, month by month. */
export function ReceivedChart({ months, receipts }: { months: readonly string[]; receipts: readonly Received[] }) {
  if (receipts.length === 0)
    return (
      <Empty title={t('Nothing was received in these months')} icon="wallet">
        {t('What members pay shows here by month.')}
      </Empty>
    )
  const rows = months.map(month => receipts.find(each => each.month === month) ?? { month, received: '0.00', paidBack: '0.00' })
  const best = rows.reduce((one, other) => (Number(other.received) > Number(one.received) ? other : one))
  const total = centsOf(rows.map(({ received }) => received)) - centsOf(rows.map(({ paidBack }) => paidBack))
  return (
    <BarChart
      sentence={t('Received in twelve months: {{total}}; the most in {{month}}, {{best}}.', {
        total: formatMoney(amountOf(total)),
        month: named(best.month),
        best: formatMoney(best.received),
      })}
      series={[
        { label: t('Received'), fill: 'ok' },
        { label: t('Paid back or returned'), fill: 'fail' },
      ]}
      bars={rows.map(({ month, received, paidBack }) => ({ label: brief(month), values: [Number(received), -Number(paidBack)] }))}
      top={t('The highest bar is {{amount}}', { amount: formatMoney(best.received) })}
      table={
        <Table
          caption={t('Received by month')}
          rows={rows}
          columns={[
            { key: 'month', label: t('Month'), render: ({ month }) => named(month) },
            { key: 'received', label: t('Received'), align: 'money', render: ({ received }) => formatMoney(received) },
            { key: 'paidBack', label: t('Paid back or returned'), align: 'money', render: ({ paidBack }) => formatMoney(paidBack) },
          ]}
        />
      }
    />
  )
}

/** November 2026 */
const named = (month: string) => `${monthName(Number(month.slice(5, 7)))} ${month.slice(0, 4)}`

/** 11/26: it fits under a bar of a phone. */
const brief = (month: string) => `${month.slice(5, 7)}/${month.slice(2, 4)}`
