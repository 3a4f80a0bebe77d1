import { t } from '../app/i18n.ts'
import { BarChart, type BarFill, Empty, formatMoney, formatNumber, Table } from '../ui/index.ts'
import { amountOf, centsOf } from './cents.ts'
import type { AgeBand } from './money-queries.ts'

interface Band {
  readonly label: string
  readonly fill: BarFill
  readonly invoices: number
  readonly amount: string
}

/** What is open, by how long it has been due. */
export function AgeingChart({ bands }: { bands: readonly AgeBand[] }) {
  if (bands.length === 0)
    return (
      <Empty title={t('Nothing is open')} icon="circle-check">
        {t('What members owe shows here by its age.')}
      </Empty>
    )
  const all = kinds().map(([label, fill], index): Band => {
    const found = bands.find(({ band }) => band === index)
    return { label, fill, invoices: found?.invoices ?? 0, amount: found?.amount ?? '0.00' }
  })
  const [open, overdue] = [centsOf(all.map(({ amount }) => amount)), centsOf(all.slice(1).map(({ amount }) => amount))]
  const values = { open: formatMoney(amountOf(open)), overdue: formatMoney(amountOf(overdue)), old: formatMoney(all[4]?.amount ?? '0') }
  return (
    <BarChart
      sentence={t('{{open}} is open; {{overdue}} of it is overdue, {{old}} for more than 90 days.', values)}
      series={[{ label: t('Open'), fill: 'accent' }]}
      bars={all.map(({ label, fill, amount }) => ({ label, fill, values: [Number(amount)], note: formatMoney(amount) }))}
      table={
        <Table
          caption={t('What is open, by how long it has been due')}
          rows={all}
          columns={[
            { key: 'age', label: t('Age'), render: ({ label }) => label },
            { key: 'invoices', label: t('Invoices'), align: 'num', render: ({ invoices }) => formatNumber(invoices) },
            { key: 'amount', label: t('Open'), align: 'money', render: ({ amount }) => formatMoney(amount) },
          ]}
        />
      }
    />
  )
}

const kinds = (): readonly (readonly [string, BarFill])[] => [
  [t('Not due yet'), 'soft'],
  [t('1–30 days'), 'wait'],
  [t('31–60 days'), 'drift'],
  [t('61–90 days'), 'drift'],
  [t('Over 90 days'), 'fail'],
]
