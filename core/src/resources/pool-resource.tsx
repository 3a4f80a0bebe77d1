import { eq, getTableColumns, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { defineResource, type Input, type Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { offerWithin } from '../subscriptions/within.ts'
import { Address, ButtonLink, formatNumber, formatPercent, sitePath } from '../ui/index.ts'
import { PoolDetails } from './pool-page.tsx'
import { changePrefixes, splitPrefixes } from './pool-rules.ts'
import { ipPools } from './tables.ts'

interface Usage {
  readonly addresses: number
  readonly taken: number
  readonly free: number
}

export const poolResource = defineResource({
  name: 'pool',
  plural: 'pools',
  label: 'Address pool',
  labelNew: 'New address pool',
  labelPlural: 'Addresses',
  icon: 'network',
  section: 'network',
  order: 10,
  empty: 'Prefixes that you give subscribers addresses from. A pool has one family, IPv4 or IPv6; offers draw from pools.',
  table: ipPools,
  key: ['name'],
  fields: {
    name: { label: 'Name' },
    family: {
      label: 'Family',
      kind: 'choice',
      choices: [
        { value: '4', label: 'IPv4' },
        { value: '6', label: 'IPv6' },
      ],
    },
    prefixes: { label: 'Prefixes', kind: 'textarea', required: true, help: 'One a line, such as 198.51.100.0/24 or 2001:db8::/40' },
    defaultPrefixLength: { label: 'Default length for subscribers', help: 'Such as 32 for one IPv4 address, 56 for an IPv6 network' },
    quarantineDays: { label: 'Rest', unit: 'days', help: 'How long freed addresses rest before somebody else gets them' },
    comments: { label: 'Comments', kind: 'textarea' },
  },
  add: ['name', 'family', 'prefixes', 'defaultPrefixLength', 'quarantineDays', 'comments'],
  change: ['name', 'prefixes', 'defaultPrefixLength', 'quarantineDays', 'comments'],
  list: {
    from: sql`ip_pool`,
    columns: [
      { key: 'name', label: 'Name', sql: sql`ip_pool.name` },
      {
        key: 'prefixes',
        label: 'Prefixes',
        late: true,
        wide: true,
        sql: sql`(SELECT jsonb_agg(x.prefix ORDER BY x.prefix) FROM ip_pool_prefix x WHERE x.pool_id = row.id)`,
        render: value => lines((value as string[] | null) ?? []),
      },
      { key: 'family', label: 'Family', sql: sql`ip_pool.family`, wide: true, render: value => `IPv${value}` },
      {
        key: 'length',
        label: 'Default length for subscribers',
        sql: sql`ip_pool.default_prefix_length`,
        align: 'end',
        wide: true,
        render: value => `/${value}`,
      },
      {
        key: 'usage',
        label: 'Taken',
        late: true,
        align: 'end',
        sql: sql`(SELECT jsonb_build_object('addresses', u.addresses::float8, 'taken', u.taken::float8, 'free', u.free::float8) FROM ip_pool_usage u WHERE u.pool_id = row.id)`,
        render: value => usage(value as Usage | null),
      },
    ],
    search: term =>
      sql`(coin.fold(ip_pool.name) LIKE '%' || coin.fold(${term}) || '%' OR EXISTS (SELECT FROM ip_pool_prefix x WHERE x.pool_id = ip_pool.id AND x.prefix >>= coin.try_inet(${term})))`,
    searchHint: 'Name or address',
    views: [
      { name: 'ipv4', label: 'IPv4', where: sql`ip_pool.family = 4` },
      { name: 'ipv6', label: 'IPv6', where: sql`ip_pool.family = 6` },
    ],
    sort: 'name',
  },
  within: part => sql`ip_pool.id IN (SELECT p.pool_id FROM offer_pool p WHERE ${offerWithin(sql`p.offer_id`, part)})`,
  describe: row => String(row.name),
  find: async (text, tx) => {
    const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM ip_pool WHERE name = ${text}`)
    return rows[0]?.id
  },
  async load(id, tx) {
    const prefixes = sql<string>`(SELECT string_agg(x.prefix::text, E'\n' ORDER BY x.prefix) FROM ip_pool_prefix x WHERE x.pool_id = ip_pool.id)`
    const [row] = await tx
      .select({ ...getTableColumns(ipPools), prefixes })
      .from(ipPools)
      .where(eq(ipPools.id, id))
    return row as Row | undefined
  },
  details: (row, tx) => <PoolDetails row={row} tx={tx} />,
  actions: row =>
    may(currentScope().actor, 'subnet.add') ? (
      <ButtonLink icon="plus" href={`${sitePath('/admin/subnets/new')}?poolId=${row.id}`}>
        {t('Allocate')}
      </ButtonLink>
    ) : undefined,
  create: addPool,
  async update(id, { prefixes, ...values }, tx) {
    if (Object.keys(values).length > 0) await tx.update(ipPools).set(values).where(eq(ipPools.id, id))
    if (prefixes !== undefined) await changePrefixes(tx, id, splitPrefixes(String(prefixes)))
  },
})

async function addPool({ prefixes, family, ...values }: Input, tx: Tx): Promise<number> {
  const wanted = splitPrefixes(String(prefixes))
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null))
  const [row] = await tx
    .insert(ipPools)
    .values({ ...given, family: Number(family) as 4 | 6 } as typeof ipPools.$inferInsert)
    .returning({ id: ipPools.id })
  const id = (row as { id: number }).id
  await changePrefixes(tx, id, wanted)
  return id
}

const lines = (prefixes: readonly string[]) => (
  <>
    {prefixes.map((prefix, index) => (
      <>
        {index > 0 && <br />}
        <Address>{prefix}</Address>
      </>
    ))}
  </>
)

function usage(value: Usage | null) {
  if (!value || value.addresses === 0) return '–'
  const share = value.taken / value.addresses
  const exact = value.free < 1e9 ? t('{{free}} free', { free: formatNumber(value.free) }) : undefined
  return (
    <>
      {share > 0 && share < 0.01 ? `< ${formatPercent(0.01)}` : formatPercent(share)}
      {exact && <span class="sub">{exact}</span>}
    </>
  )
}
