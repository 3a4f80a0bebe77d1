import { t } from '../app/i18n.ts'
import { AreaChart, type AreaSeries, Card, Empty, formatNumber, monthName, seriesFills, Table } from '../ui/index.ts'
import { CardLink } from './card-link.tsx'
import type { MonthFigures } from './dashboard-months.ts'

/** More are drawn together. */
const mostOffers = 5

/** Subscriptions by offer, month by month. */
export function SubscriptionsOverTime({ months: { months, offers } }: { months: MonthFigures }) {
  const series = seriesOf(offers, months.length)
  const total = (at: number) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0)
  const [first, last] = [total(0), total(months.length - 1)]
  const axis = [0, Math.floor(months.length / 2) - 1, months.length - 1]
  return (
    <Card
      title={t('Subscriptions by offer over two years')}
      actions={<CardLink path="/admin/subscriptions">{t('All subscriptions')}</CardLink>}
    >
      {series.length === 0 ? (
        <Empty title={t('No subscription yet')} icon="router">
          {t('Who has what shows here, month by month.')}
        </Empty>
      ) : (
        <AreaChart
          sentence={t('{{last}} subscriptions now, {{first}} two years ago.', { last: formatNumber(last), first: formatNumber(first) })}
          series={series}
          axis={axis.map(at => {
            const words = t('{{month}}: {{figure}}', { month: named(months[at] ?? ''), figure: formatNumber(total(at)) })
            return at === months.length - 1 ? <b>{t('Now: {{figure}}', { figure: formatNumber(last) })}</b> : words
          })}
          table={
            <Table
              caption={t('Subscriptions at the end of each month')}
              rows={months.map((month, at) => ({ month, at })).reverse()}
              columns={[
                { key: 'month', label: t('Month'), render: ({ month }) => named(month) },
                ...series.map(({ label, values }, index) => ({
                  key: `s${index}`,
                  label,
                  align: 'num' as const,
                  render: ({ at }: { readonly at: number }) => formatNumber(values[at] ?? 0),
                })),
                { key: 'total', label: t('Total'), align: 'num', render: ({ at }) => <b>{formatNumber(total(at))}</b> },
              ]}
            />
          }
        />
      )}
    </Card>
  )
}

function seriesOf(offers: MonthFigures['offers'], count: number): AreaSeries[] {
  const shown = offers.slice(0, offers.length > mostOffers + 1 ? mostOffers : mostOffers + 1)
  const rest = offers.slice(shown.length)
  const named = shown.map(({ name, counts }, index) => ({ label: name, fill: seriesFills[index] ?? ('none' as const), values: counts }))
  if (rest.length === 0) return named
  const values = Array.from({ length: count }, (_, at) => rest.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0))
  return [...named, { label: t('Other offers'), fill: 'none', values }]
}

/** November 2026 */
const named = (month: string) => `${monthName(Number(month.slice(5, 7)))} ${month.slice(0, 4)}`
