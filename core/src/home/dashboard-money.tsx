import { AgeingChart } from '../accounting/ageing-chart.tsx'
import type { AgeBand } from '../accounting/money-queries.ts'
import { t } from '../app/i18n.ts'
import { BarChart, Card, Empty, formatMoney, monthName, sitePath, Table } from '../ui/index.ts'
import { CardLink } from './card-link.tsx'
import type { MonthFigures } from './dashboard-months.ts'

interface Month {
  readonly month: string
  readonly billed: string
  readonly received: string
}

/** What was billed and what came in, in each of the last twelve months. */
export function BilledAndReceived({ months: { months, billed, received } }: { months: MonthFigures }) {
  const rows = months.map((month, at): Month => ({ month, billed: billed[at] ?? '0.00', received: received[at] ?? '0.00' })).slice(-12)
  const last = rows.at(-1)
  const nothing = rows.every(row => Number(row.billed) === 0 && Number(row.received) === 0)
  return (
    <Card title={t('Billed and received')} actions={<CardLink path="/admin/money">{t('Money over time')}</CardLink>}>
      {nothing ? (
        <Empty title={t('Nothing was billed in these months')} icon="chart-bar">
          {t('What is issued and what members pay shows here by month.')}
        </Empty>
      ) : (
        <BarChart
          sentence={t('In {{month}}, {{billed}} was billed and {{received}} received so far.', {
            month: named(last?.month ?? ''),
            billed: formatMoney(last?.billed ?? 0),
            received: formatMoney(last?.received ?? 0),
          })}
          series={[
            { label: t('Billed'), fill: 'soft' },
            { label: t('Received'), fill: 'accent' },
          ]}
          beside
          bars={rows.map((row, at) => ({
            label: at % 3 === 2 ? `${row.month.slice(5, 7)}/${row.month.slice(2, 4)}` : '',
            values: [Number(row.billed), Number(row.received)],
          }))}
          table={
            <Table<Month>
              caption={t('Billed and received by month, VAT included')}
              rows={rows.toReversed()}
              columns={[
                { key: 'month', label: t('Month'), render: ({ month }) => named(month) },
                { key: 'billed', label: t('Billed'), align: 'money', render: row => formatMoney(row.billed) },
                { key: 'received', label: t('Received'), align: 'money', render: row => formatMoney(row.received) },
              ]}
            />
          }
        />
      )}
    </Card>
  )
}

/** What members owe, by how long it has been due. */
export const Debts = ({ bands }: { bands: readonly AgeBand[] }) => (
  <Card
    title={t('How long members have owed')}
    actions={
      <a class="small quiet u" href={sitePath('/admin/money')}>
        {t('Who owes the most')}
      </a>
    }
  >
    <AgeingChart bands={bands} />
  </Card>
)

/** November 2026 */
const named = (month: string) => `${monthName(Number(month.slice(5, 7)))} ${month.slice(0, 4)}`
