import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { Card, Cols, Empty, formatDate, formatMoney, formatPercent, Page, Stack, Stats, sitePath, Table } from '../ui/index.ts'
import { AgeingChart } from './ageing-chart.tsx'
import { amountOf, centsOf } from './cents.ts'
import { type AgeBand, ageing, type BigDebtor, biggestDebtors, type Income, income, type Received, received } from './money-queries.ts'
import { IncomeChart, monthsUntil, ReceivedChart } from './month-charts.tsx'
import { todayIn } from './pull-view.ts'

/** Money over time: what is owed and for how long, what was billed and what came in. Five statements. */
export const moneyPage: View = {
  path: '/admin/money',
  access: 'invoice.view',
  async get() {
    const { db, registry } = currentScope()
    const { currency } = registry.config.provider
    const today = await todayIn(db)
    const months = monthsUntil(today)
    const from = months[0] ?? today
    const [bands, incomes, receipts, debtors] = [
      await ageing(db, currency),
      await income(db, from, currency),
      await received(db, from, currency),
      await biggestDebtors(db, currency),
    ]
    return <MoneyPage today={today} months={months} bands={bands} incomes={incomes} receipts={receipts} debtors={debtors} />
  },
}

interface MoneyProps {
  readonly today: string
  readonly months: readonly string[]
  readonly bands: readonly AgeBand[]
  readonly incomes: readonly Income[]
  readonly receipts: readonly Received[]
  readonly debtors: readonly BigDebtor[]
}

const MoneyPage = (props: MoneyProps) => (
  <Page title={t('Money over time')} head={<span class="quiet">{formatDate(props.today)}</span>}>
    <Stack>
      <Stats items={figures(props)} />
      <Cols even>
        <Card title={t('How long members have owed')}>
          <AgeingChart bands={props.bands} />
        </Card>
        <DebtorsCard debtors={props.debtors} />
      </Cols>
      <Card title={t('Billed by month and offer')} note={t('without VAT')}>
        <IncomeChart months={props.months} incomes={props.incomes} />
      </Card>
      <Card title={t('Received by month')}>
        <ReceivedChart months={props.months} receipts={props.receipts} />
      </Card>
    </Stack>
  </Page>
)

function figures({ today, bands, incomes, receipts }: MoneyProps) {
  const month = `${today.slice(0, 7)}-01`
  const open = centsOf(bands.map(({ amount }) => amount))
  const overdue = centsOf(bands.flatMap(({ band, amount }) => (band === 0 ? [] : [amount])))
  const disputed = centsOf(bands.map(({ disputed: part }) => part))
  const now = receipts.find(each => each.month === month)
  const share = open === 0n ? 0 : Number((overdue * 1000n) / open) / 1000
  return [
    {
      label: t('Open'),
      value: formatMoney(amountOf(open)),
      note:
        disputed > 0n ? t('of which {{amount}} is in dispute', { amount: formatMoney(amountOf(disputed)) }) : t('of all that was billed'),
    },
    {
      label: t('Overdue'),
      value: formatMoney(amountOf(overdue)),
      note: t('{{share}} of what is open', { share: formatPercent(share) }),
      bad: overdue > 0n,
    },
    {
      label: t('Billed this month'),
      value: formatMoney(amountOf(centsOf(incomes.flatMap(each => (each.month === month ? [each.amount] : []))))),
      note: t('without VAT'),
    },
    {
      label: t('Received this month'),
      value: formatMoney(now?.received ?? '0'),
      note: now && Number(now.paidBack) > 0 ? t('{{amount}} went back', { amount: formatMoney(now.paidBack) }) : t('nothing went back'),
    },
  ]
}

const DebtorsCard = ({ debtors }: { debtors: readonly BigDebtor[] }) => (
  <Card title={t('Who owes the most')} body={false}>
    <Table
      caption={t('Members with overdue invoices, the largest sum first')}
      rows={debtors}
      rowHref={({ id }) => sitePath(`/admin/members/${id}`)}
      columns={[
        {
          key: 'name',
          label: t('Member'),
          render: ({ name }) => name,
          sub: ({ invoices }) => t('{{count}} invoices', { count: invoices }),
        },
        { key: 'since', label: t('Due since'), wide: true, render: ({ since }) => formatDate(since, 'table') },
        { key: 'overdue', label: t('Overdue'), align: 'money', render: ({ overdue }) => formatMoney(overdue) },
      ]}
      empty={
        <Empty title={t('Nothing is overdue')} icon="circle-check">
          {t('Members who have not paid by the due date show here.')}
        </Empty>
      }
    />
  </Card>
)
