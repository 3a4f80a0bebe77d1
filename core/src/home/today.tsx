import { ageing } from '../accounting/money-queries.ts'
import { t } from '../app/i18n.ts'
import { currentScope, may, mayEverywhere } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { backendSummaries } from '../provisioning/overview-queries.ts'
import { requestsToAnswer } from '../requests/todo.tsx'
import {
  ButtonLink,
  Card,
  Cols,
  Empty,
  formatDate,
  formatNumber,
  localDate,
  Page,
  Slot,
  Stack,
  Stats,
  sitePath,
  Todo,
} from '../ui/index.ts'
import { BilledAndReceived, Debts } from './dashboard-money.tsx'
import { monthFigures } from './dashboard-months.ts'
import { Network, OwnWork } from './dashboard-network.tsx'
import { rightsOf } from './dashboard-rights.ts'
import { SpaceLeft } from './dashboard-space.tsx'
import { dashboardStats } from './dashboard-stats.ts'
import { SubscriptionsOverTime } from './dashboard-subscriptions.tsx'
import { Week } from './dashboard-week.tsx'
import { FirstSteps } from './first-steps.tsx'
import { coming, failures, figures, lastWork, poolsLeft, waiting } from './today-queries.ts'
import { todoItems } from './today-todo.tsx'

/** The first page of staff: what needs a person, then figures and pictures. Each part is for those who may see all that it counts. */
export const today: View = {
  path: '/admin',
  access: 'staff',
  async get(c) {
    const { db } = c.var.coin.database
    const { actor, registry } = currentScope()
    const { currency } = registry.config.provider
    const rights = rightsOf(actor)
    const pictures = rights.subscriptions || rights.invoices || rights.pools
    const [counts, waits, week, pools, failed, work, months, bands, backends] = await Promise.all([
      figures(db),
      waiting(db, rights),
      rights.subscriptions ? coming(db) : [],
      rights.pools ? poolsLeft(db) : [],
      rights.network ? failures(db) : [],
      lastWork(db),
      pictures ? monthFigures(db, currency) : noMonths,
      rights.invoices ? ageing(db, currency) : [],
      rights.network ? backendSummaries(db, registry) : [],
    ])
    const everything = rights.pools && rights.offers && rights.members && rights.subscriptions && rights.runs
    const settingUp = everything && !(counts.hasPool && counts.hasOffer && counts.hasMember && counts.hasSubscription && counts.hasRun)
    const items = [...todoItems(waits, pools, failed), ...(await requestsToAnswer())]
    const stats = dashboardStats(rights, counts, months, bands)
    return (
      <Page
        title={t('Today')}
        head={<span class="quiet">{formatDate(localDate(new Date()))}</span>}
        actions={
          <>
            {may(actor, 'subscription.add') && (
              <ButtonLink href={sitePath('/admin/subscriptions/new')} icon="plus">
                {t('New subscription')}
              </ButtonLink>
            )}
            {mayEverywhere(actor, 'bank.import') && (
              <ButtonLink href={sitePath('/admin/bank')} icon="upload">
                {t('Import a bank statement')}
              </ButtonLink>
            )}
          </>
        }
      >
        <Stack>
          {settingUp && <FirstSteps figures={counts} />}
          {(items.length > 0 || !settingUp) && (
            <Card title={t('Needs a person')} body={false} note={items.length > 0 ? formatNumber(items.length) : undefined}>
              {items.length > 0 ? <Todo items={items} /> : <Empty title={t('Nothing waits for you')} icon="circle-check" />}
            </Card>
          )}
          <Slot name="home.staff" />
          {stats.length > 0 && <Stats items={stats} />}
          <Cols even>
            {rights.subscriptions && <SubscriptionsOverTime months={months} />}
            {rights.invoices && <BilledAndReceived months={months} />}
            {rights.invoices && <Debts bands={bands} />}
            {rights.pools && <SpaceLeft pools={pools} months={months} />}
            {rights.network && <Network backends={backends} />}
            {rights.subscriptions && <Week coming={week} />}
            {(rights.mails || rights.runs) && <OwnWork work={work} mails={rights.mails} runs={rights.runs} />}
          </Cols>
        </Stack>
      </Page>
    )
  },
}

const noMonths = { months: [], members: [], offers: [], billed: [], received: [], pools: [] }
