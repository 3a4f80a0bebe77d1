import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import {
  ButtonLink,
  Card,
  Cols,
  Empty,
  formatDate,
  formatNumber,
  localDate,
  Moment,
  Page,
  Slot,
  Stack,
  State,
  Stats,
  sitePath,
  Table,
  Todo,
  type TodoItem,
} from '../ui/index.ts'
import { FirstSteps } from './first-steps.tsx'
import {
  type Coming,
  coming,
  type FailedBackend,
  type Figures,
  failures,
  figures,
  type PoolLeft,
  poolsLeft,
  type Waiting,
  waiting,
} from './today-queries.ts'

/** The first page of staff: what needs a person, then figures. */
export const today: View = {
  path: '/admin',
  access: 'staff',
  async get(c) {
    const { db } = c.var.coin.database
    const [counts, waits, week, pools, failed] = await Promise.all([figures(db), waiting(db), coming(db), poolsLeft(db), failures(db)])
    const settingUp = !(counts.hasPool && counts.hasOffer && counts.hasMember && counts.hasSubscription && counts.hasRun)
    const items = todoItems(waits, pools, failed)
    return (
      <Page
        title={t('Today')}
        head={<span class="quiet">{formatDate(localDate(new Date()))}</span>}
        actions={
          <ButtonLink href={sitePath('/admin/subscriptions/new')} icon="plus">
            {t('New subscription')}
          </ButtonLink>
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
          <Stats items={stats(counts, pools)} />
          <Cols>
            <Left pools={pools} />
            <Week coming={week} />
          </Cols>
        </Stack>
      </Page>
    )
  },
}

const admin = (plural: string, id?: number) => sitePath(`/admin/${plural}${id === undefined ? '' : `/${id}`}`)

function todoItems(waits: Waiting, pools: readonly PoolLeft[], failed: readonly FailedBackend[]): TodoItem[] {
  const full = pools.filter(pool => pool.full)
  const one = waits.unconfigured === 1 ? waits.unconfiguredSome[0] : undefined
  const onlyPending = waits.pending === 1 ? waits.pendingNames[0] : undefined
  return [
    ...failed.map(
      (of): TodoItem => ({
        tone: 'fail',
        text: (
          <>
            <b>
              {of.backend
                ? t('{{count}} configurations failed on {{backend}}.', { count: of.count, backend: of.backend })
                : t('{{count}} changes from outside were not accepted.', { count: of.count })}
            </b>{' '}
            {of.error}{' '}
            <span class="quiet text-nowrap">
              <Moment at={of.since} relative />
            </span>
          </>
        ),
        action: (
          <ButtonLink
            small
            href={of.backend ? url('provisioning:backend', { backend: of.backend, state: 'failed' }) : url('provisioning:overview')}
          >
            {t('See the failures')}
          </ButtonLink>
        ),
      }),
    ),
    ...(waits.failedMails > 0
      ? [
          {
            tone: 'fail',
            icon: 'mail',
            text: <b>{t('{{count}} mails could not be sent.', { count: waits.failedMails })}</b>,
            action: (
              <ButtonLink small href={url('system:mails', { state: 'failed' })}>
                {t('See the mails')}
              </ButtonLink>
            ),
          } satisfies TodoItem,
        ]
      : []),
    ...full.map(
      (pool): TodoItem => ({
        tone: 'drift',
        icon: 'network',
        text: (
          <>
            <b>{t('The pool {{name}} is nearly full.', { name: pool.name })}</b>{' '}
            {t('{{count}} blocks /{{length}} are free.', { count: pool.free, length: pool.length })}
          </>
        ),
        action: (
          <ButtonLink small href={admin('pools', pool.id)}>
            {t('See the pool')}
          </ButtonLink>
        ),
      }),
    ),
    ...(waits.pending > 0
      ? [
          {
            tone: 'wait',
            icon: 'user-plus',
            text: (
              <>
                <b>{t('{{count}} people wait to become members:', { count: waits.pending })}</b> {names(waits.pendingNames, waits.pending)}{' '}
                {waits.pendingSince && (
                  <span class="quiet text-nowrap">
                    <Moment at={waits.pendingSince} relative />
                  </span>
                )}
              </>
            ),
            action: (
              <ButtonLink small href={onlyPending ? admin('members', onlyPending.id) : `${admin('members')}?view=pending`}>
                {t('Answer')}
              </ButtonLink>
            ),
          } satisfies TodoItem,
        ]
      : []),
    ...(waits.unconfigured > 0
      ? [
          {
            tone: 'wait',
            icon: 'settings',
            text: (
              <>
                <b>{t('{{count}} subscriptions have nothing configured yet:', { count: waits.unconfigured })}</b>{' '}
                {names(waits.unconfiguredSome, waits.unconfigured)}
              </>
            ),
            action: (
              <ButtonLink small href={one ? admin('subscriptions', one.id) : admin('subscriptions')}>
                {t('Configure')}
              </ButtonLink>
            ),
          } satisfies TodoItem,
        ]
      : []),
  ]
}

const names = (some: readonly { readonly name: string }[], count: number) =>
  `${some.map(({ name }) => name).join(', ')}${count > some.length ? '…' : '.'}`

function stats(counts: Figures, pools: readonly PoolLeft[]) {
  const family = (wanted: 4 | 6) => {
    const own = pools.filter(pool => pool.family === wanted)
    const [taken, total] = [sum(own.map(pool => pool.taken)), sum(own.map(pool => pool.total))]
    return {
      label: t('IPv{{family}} blocks taken', { family: wanted }),
      value: formatNumber(taken),
      note: own.length > 0 ? t('of {{total}}', { total: formatNumber(total) }) : t('No pool yet'),
    }
  }
  return [
    { label: t('Members'), value: formatNumber(counts.members), note: t('{{count}} joined this month', { count: counts.joinedThisMonth }) },
    {
      label: t('Active subscriptions'),
      value: formatNumber(counts.subscriptions),
      note: counts.byOffer.map(({ name, count }) => `${formatNumber(count)} ${name}`).join(', '),
    },
    family(4),
    family(6),
  ]
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

const Left = ({ pools }: { pools: readonly PoolLeft[] }) => (
  <Card title={t('Address space left')} body={false}>
    <Table<PoolLeft>
      caption={t('Address space left')}
      rows={pools}
      rowHref={({ id }) => admin('pools', id)}
      empty={
        <Empty title={t('No pool yet')} icon="network">
          {t('A pool is the space that subscribers’ addresses come from.')}
        </Empty>
      }
      columns={[
        { key: 'name', label: t('Pool'), render: ({ name }) => name, sub: ({ prefixes }) => <span class="addr">{prefixes}</span> },
        { key: 'taken', label: t('Taken'), wide: true, render: pool => <Bar pool={pool} /> },
        {
          key: 'free',
          label: t('Free'),
          align: 'num',
          render: ({ free, length }) => t('{{count}} blocks /{{length}}', { count: free, length }),
        },
      ]}
    />
  </Card>
)

const Bar = ({ pool: { total, taken, resting } }: { pool: PoolLeft }) => {
  const share = (part: number) => (total === 0 ? 0 : Math.min(100, part > 0 ? Math.max(0.8, (part / total) * 100) : 0))
  const [used, rested] = [share(taken), share(resting)]
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="f-free" x="0" width="100" height="8" />
      <rect class="f-accent" x="0" width={used.toFixed(2)} height="8" />
      <rect class="f-drift" x={used.toFixed(2)} width={rested.toFixed(2)} height="8" />
    </svg>
  )
}

const Week = ({ coming: rows }: { coming: readonly Coming[] }) => (
  <Card title={t('This week')} body={false}>
    <Table<Coming>
      caption={t('This week')}
      rows={rows}
      rowHref={({ id }) => admin('subscriptions', id)}
      empty={<Empty title={t('Nothing starts or ends this week')} icon="calendar" />}
      columns={[
        { key: 'member', label: t('Member'), render: ({ member }) => member, sub: ({ offer }) => offer },
        { key: 'date', label: t('When'), wide: true, render: ({ date }) => formatDate(date, 'table') },
        {
          key: 'what',
          label: t('What'),
          align: 'end',
          render: ({ what }) =>
            what === 'start' ? (
              <State tone="wait">{t('Starts')}</State>
            ) : (
              <State tone="none" icon="door-exit">
                {t('Ends')}
              </State>
            ),
        },
      ]}
    />
  </Card>
)
