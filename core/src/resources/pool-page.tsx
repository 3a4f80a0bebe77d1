import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import {
  Address,
  ButtonLink,
  Card,
  formatDate,
  formatNumber,
  Icon,
  Slot,
  Space,
  SpaceKey,
  Stack,
  State,
  Stats,
  sitePath,
  Table,
} from '../ui/index.ts'
import { readPrefix } from '../ui/space.ts'
import { namedSubnets, readPoolSpace } from './pool-space.ts'

interface Usage extends Record<string, unknown> {
  readonly addresses: string
  readonly taken: string
  readonly free: string
  readonly resting: string
  readonly reserved: string
  readonly largest_free: string | null
  readonly next_free: string | null
  readonly prefixes: readonly { id: number; prefix: string }[] | null
  readonly ranges: readonly { id: number; prefix: string; comment: string }[] | null
}
interface Block extends Record<string, unknown> {
  readonly prefix: string
  readonly state: 'taken' | 'resting'
  readonly subscription_id: number | null
  readonly member: string | null
  readonly at: string
}

const listed = 100

/** The body of a pool's page: figures, the picture of its space, then the same as a list. */
export async function PoolDetails({ row, tx }: { row: Row; tx: Tx }) {
  const { query } = currentScope()
  const usage = await readUsage(row.id, tx)
  const open = query.get('open') ?? undefined
  const prefixes = usage.prefixes ?? []
  const spaces = await Promise.all(
    prefixes.map(({ prefix }) =>
      readPoolSpace(tx, prefix, isPrefix(open) ? open : undefined, id => sitePath(`/admin/subscriptions/${id}`)),
    ),
  )
  const blocks = await readBlocks(row.id, query.get('block') ?? '', tx)
  return (
    <Stack>
      <UsageStats usage={usage} length={Number(row.family) === 6 ? Number(row.defaultPrefixLength) : 32} family={Number(row.family)} />
      <Card title={t('The space')}>
        {spaces.length === 0 && <p class="quiet m-0">{t('No prefix yet: edit the pool to add one.')}</p>}
        {spaces.map(space => (
          <Space
            pool={space.prefix}
            blocks={space.blocks}
            {...(space.fills.length > 0 && { fills: space.fills })}
            open={space.open}
            openHref={prefix => `${sitePath(`/admin/pools/${row.id}`)}?open=${encodeURIComponent(prefix)}`}
          />
        ))}
        {usage.next_free && (
          <p class="quiet mt-3">
            {t('Next to be given:')} <Address>{usage.next_free}</Address>
          </p>
        )}
      </Card>
      <BlockList id={row.id} blocks={blocks} typed={query.get('block') ?? ''} />
      <Ranges id={row.id} ranges={usage.ranges ?? []} />
      <Slot name="pool.details" props={{ poolId: row.id }} />
    </Stack>
  )
}

/** Counted in addresses in IPv4, in blocks of the default length in IPv6, where nobody counts addresses. */
function UsageStats({ usage, length, family }: { usage: Usage; length: number; family: number }) {
  const size = 1n << BigInt((family === 6 ? 128 : 32) - length)
  const count = (addresses: string) => formatNumber(BigInt(addresses) / size)
  const whole =
    family === 6
      ? t('of {{blocks}} blocks /{{length}}', { blocks: count(usage.addresses), length })
      : t('of {{addresses}} addresses', { addresses: count(usage.addresses) })
  const key = (state: 'taken' | 'free' | 'resting' | 'reserved', label: string) => (
    <>
      <SpaceKey state={state} /> {label}
    </>
  )
  return (
    <Stats
      items={[
        { label: key('taken', t('Taken')), value: count(usage.taken), note: whole },
        {
          label: key('free', t('Free')),
          value: count(usage.free),
          note: usage.largest_free ? t('largest block: {{prefix}}', { prefix: usage.largest_free }) : t('nothing left'),
        },
        { label: key('resting', t('Resting')), value: count(usage.resting), note: t('given again after their rest') },
        { label: key('reserved', t('Reserved')), value: count(usage.reserved), note: t('never given to a subscriber') },
      ]}
    />
  )
}

function BlockList({ id, blocks, typed }: { id: number; blocks: readonly Block[]; typed: string }) {
  return (
    <Card title={t('Blocks')} body={false} id="blocks">
      <form class="card-body filters m-0" method="get" action={sitePath(`/admin/pools/${id}`)}>
        <div class="field-search">
          <Icon name="search" />
          <label class="visually-hidden" for="block">
            {t('Address or member')}
          </label>
          <input class="form-control" type="search" id="block" name="block" value={typed} placeholder={t('Address or member')} />
        </div>
        <button class="btn" type="submit">
          {t('Search')}
        </button>
      </form>
      <Table<Block>
        caption={t('Taken and resting blocks, lowest address first')}
        rows={blocks.slice(0, listed)}
        empty={<div class="card-body quiet">{typed ? t('Nothing matches') : t('Nothing is taken yet.')}</div>}
        columns={[
          { key: 'prefix', label: t('Block'), align: 'addr', render: block => block.prefix, narrow: block => block.member ?? undefined },
          {
            key: 'state',
            label: t('State'),
            wide: true,
            render: block =>
              block.state === 'taken' ? (
                <State tone="none" icon="user">
                  {t('Taken')}
                </State>
              ) : (
                <State tone="drift" icon="clock">
                  {t('Resting')}
                </State>
              ),
          },
          {
            key: 'member',
            label: t('Member'),
            wide: true,
            render: block =>
              block.subscription_id ? (
                <a href={sitePath(`/admin/subscriptions/${block.subscription_id}`)}>{block.member}</a>
              ) : (
                <span class="quiet">–</span>
              ),
          },
          {
            key: 'at',
            label: t('Since'),
            align: 'num',
            render: block =>
              block.state === 'taken' ? formatDate(block.at, 'table') : t('until {{date}}', { date: formatDate(block.at, 'table') }),
          },
        ]}
      />
      {blocks.length > listed && (
        <p class="card-body quiet m-0">{t('Only the first {{count}} are listed: search for the others.', { count: listed })}</p>
      )}
    </Card>
  )
}

function Ranges({ id, ranges }: { id: number; ranges: NonNullable<Usage['ranges']> }) {
  return (
    <Card
      title={t('Reserved ranges')}
      body={false}
      actions={
        <ButtonLink small icon="plus" href={sitePath(`/admin/reserved-ranges/new?poolId=${id}`)}>
          {t('Reserve a range')}
        </ButtonLink>
      }
    >
      <Table
        caption={t('Reserved ranges')}
        rows={ranges}
        rowHref={range => sitePath(`/admin/reserved-ranges/${range.id}`)}
        empty={<div class="card-body quiet">{t('None: every address may be given.')}</div>}
        columns={[
          { key: 'prefix', label: t('Range'), align: 'addr', render: range => range.prefix },
          { key: 'comment', label: t('What for'), render: range => range.comment || '–' },
        ]}
      />
    </Card>
  )
}

const isPrefix = (text: string | undefined): text is string =>
  text !== undefined && /^[0-9a-f:.]+\/\d{1,3}$/i.test(text) && isReadable(text)

function isReadable(text: string): boolean {
  try {
    return text.length < 50 && readPrefix(text).length >= 0
  } catch {
    return false
  }
}

async function readUsage(id: number, tx: Tx): Promise<Usage> {
  const { rows } = await tx.execute<Usage>(sql`
    SELECT u.addresses::text, u.taken::text, u.free::text, u.resting::text, u.reserved::text, u.largest_free, u.next_free,
      (SELECT jsonb_agg(jsonb_build_object('id', x.id, 'prefix', x.prefix) ORDER BY x.prefix) FROM ip_pool_prefix x WHERE x.pool_id = u.pool_id) AS prefixes,
      (SELECT jsonb_agg(jsonb_build_object('id', r.id, 'prefix', r.prefix, 'comment', r.comment) ORDER BY r.prefix) FROM ip_reserved r WHERE r.pool_id = u.pool_id) AS ranges
    FROM ip_pool_usage u WHERE u.pool_id = ${id}`)
  return rows[0] as Usage
}

async function readBlocks(id: number, typed: string, tx: Tx): Promise<readonly Block[]> {
  const named = namedSubnets()
  const { rows } = await tx.execute<Block>(sql`
    SELECT * FROM (
      (SELECT n.prefix, 'taken' AS state, s.id AS subscription_id, m.display_name AS member, n.created_at::date::text AS at
       FROM ip_subnet n LEFT JOIN configuration c ON c.id = n.configuration_id AND ${named}
         LEFT JOIN subscription s ON s.id = c.subscription_id LEFT JOIN member m ON m.id = s.member_id
       WHERE n.pool_id = ${id} AND (${typed} = '' OR n.prefix >>= coin.try_inet(${typed}) OR n.prefix <<= coin.try_inet(${typed}) OR coin.fold(m.display_name) LIKE '%' || coin.fold(${typed}) || '%')
       ORDER BY n.prefix LIMIT ${listed + 1})
      UNION ALL
      (SELECT b.prefix, 'resting', NULL, NULL, b.rests_until::date::text FROM ip_block b
       WHERE b.pool_id = ${id} AND b.state = 'resting' AND (${typed} = '' OR b.prefix >>= coin.try_inet(${typed}) OR b.prefix <<= coin.try_inet(${typed}))
       ORDER BY b.prefix LIMIT ${listed + 1})) x
    ORDER BY prefix LIMIT ${listed + 1}`)
  return rows
}
