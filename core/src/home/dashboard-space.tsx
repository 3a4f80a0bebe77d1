import { t } from '../app/i18n.ts'
import { Card, Empty, monthName, sitePath, Table } from '../ui/index.ts'
import { CardLink } from './card-link.tsx'
import { type Exhaustion, exhaustionOf } from './dashboard-forecast.ts'
import type { MonthFigures } from './dashboard-months.ts'
import type { PoolLeft } from './today-queries.ts'

interface Row extends PoolLeft {
  readonly exhaustion: Exhaustion
}

/** What is left of each pool, and when it will be full at the pace of the last year. */
export function SpaceLeft({ pools, months }: { pools: readonly PoolLeft[]; months: MonthFigures }) {
  const rows = pools.map((pool): Row => ({ ...pool, exhaustion: exhaustion(pool, months) }))
  return (
    <Card title={t('Address space left')} body={false} actions={<CardLink path="/admin/pools">{t('All pools')}</CardLink>}>
      <Table<Row>
        caption={t('Address space left')}
        rows={rows}
        rowHref={({ id }) => sitePath(`/admin/pools/${id}`)}
        empty={
          <Empty title={t('No pool yet')} icon="network">
            {t('A pool is the space that subscribers’ addresses come from.')}
          </Empty>
        }
        columns={[
          {
            key: 'name',
            label: t('Pool'),
            render: ({ name }) => name,
            sub: row => (
              <>
                <span class="addr">{row.prefixes}</span>
                <span class="d-block">{fullWords(row.exhaustion, months.months.at(-1) ?? '')}</span>
              </>
            ),
          },
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
}

/** In blocks as subscribers get them. What rests will be free again; what is reserved will not. The last month is today. */
function exhaustion(pool: PoolLeft, { pools }: MonthFigures): Exhaustion {
  const unit = 2 ** ((pool.family === 4 ? 32 : 128) - pool.length)
  const past = (pools.find(({ id }) => id === pool.id)?.taken ?? []).slice(0, -1).map(addresses => addresses / unit)
  return exhaustionOf([...past, pool.taken], pool.taken + pool.resting + pool.free)
}

/** When a pool is full, and how sure that is. `month`: the first day of this month. */
function fullWords(of: Exhaustion, month: string): string {
  switch (of.kind) {
    case 'full':
      return t('full')
    case 'unknown':
      return t('too little is known to say when it is full')
    case 'never':
      return t('no more is taken than given back')
    case 'far':
      return of.sure ? t('full not before five years') : t('full in more than five years, not surely')
    case 'near':
      return nearWords(of, month)
  }
}

function nearWords({ months, earliest, latest, sure }: Exhaustion & { readonly kind: 'near' }, month: string): string {
  const at = (later: number) => {
    const { month: number, year } = Temporal.PlainDate.from(month).add({ months: Math.round(later) })
    return `${monthName(number)} ${year}`
  }
  if (months < 1) return t('full within a month at this pace')
  if (sure) return t('full about {{month}} at this pace', { month: at(months) })
  const first = at(Math.max(1, earliest))
  return latest === null
    ? t('full about {{month}} at this pace, unsure: not before {{first}}', { month: at(months), first })
    : t('full about {{month}} at this pace, unsure: from {{first}} to {{last}}', { month: at(months), first, last: at(latest) })
}

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
