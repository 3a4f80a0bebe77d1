import { getTableColumns, inArray, sql } from 'drizzle-orm'
import { visibleTo } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { type Choice, defineResource, type Row } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'
import { memberMatches } from '../members/queries.ts'
import { offerWithin, subscriptionsWithin } from '../subscriptions/within.ts'
import { formatDate, sitePath } from '../ui/index.ts'
import { poolResource } from './pool-resource.tsx'
import { allocateSubnet, changeSubnet, giveSubnet, releaseSubnet } from './rules.ts'
import { ipReserved, ipSubnets, offerPools } from './tables.ts'

const pools = async (tx: Tx): Promise<Choice[]> => {
  const { rows } = await executePrepared<{ id: number; name: string; family: number }>(
    tx,
    sql`SELECT id, name, family FROM ip_pool WHERE ${visibleTo(poolResource, currentScope().actor)} ORDER BY family, name`,
  )
  return rows.map(({ id, name, family }) => ({ value: String(id), label: `${name} (IPv${family})` }))
}
const number = (value: unknown): number | undefined => (value === undefined || value === null || value === '' ? undefined : Number(value))

export const subnetResource = defineResource({
  name: 'subnet',
  plural: 'subnets',
  label: 'Subnet',
  labelPlural: 'Subnets',
  labelNew: 'New subnet',
  icon: 'world',
  section: 'network',
  order: 20,
  empty: 'Who has which addresses. A new configuration gets its first ones by itself, from the pools of its offer.',
  table: ipSubnets,
  key: ['prefix'],
  fields: {
    configurationId: {
      label: 'Configuration',
      kind: 'reference',
      reference: 'configuration',
      help: 'Its number, or the reference of its subscription',
    },
    family: {
      label: 'Family',
      kind: 'choice',
      required: false,
      help: 'From a pool of this family',
      choices: [
        { value: '', label: 'Any' },
        { value: '4', label: 'IPv4' },
        { value: '6', label: 'IPv6' },
      ],
    },
    poolId: {
      label: 'Pool',
      kind: 'reference',
      reference: 'pool',
      required: false,
      choices: pools,
      help: 'The offer’s pools unless given',
    },
    prefixLength: { label: 'Length', kind: 'integer', required: false, help: 'Such as 29; the offer’s or the pool’s unless given' },
    prefix: { label: 'Exact subnet', kind: 'prefix', required: false, help: 'Left empty, the smallest free block that suffices is taken' },
  },
  add: ['configurationId', 'family', 'poolId', 'prefixLength', 'prefix'],
  planned: true,
  change: ['configurationId', 'prefix'],
  list: {
    from: sql`ip_subnet JOIN configuration ON configuration.id = ip_subnet.configuration_id JOIN subscription ON subscription.id = configuration.subscription_id JOIN member ON member.id = subscription.member_id`,
    columns: [
      { key: 'prefix', label: 'Subnet', sql: sql`ip_subnet.prefix` },
      {
        key: 'member',
        label: 'Member',
        sql: sql`member.display_name`,
        render: (value, row) => <a href={sitePath(`/admin/subscriptions/${row.subscriptionId}`)}>{String(value)}</a>,
      },
      { key: 'pool', label: 'Pool', sql: sql`(SELECT p.name FROM ip_pool p WHERE p.id = row."poolId")`, late: true, wide: true },
      {
        key: 'since',
        label: 'Since',
        sql: sql`ip_subnet.created_at`,
        align: 'end',
        wide: true,
        render: value => formatDate(day(value), 'table'),
      },
    ],
    hidden: { poolId: sql`ip_subnet.pool_id`, subscriptionId: sql`subscription.id`, reference: sql`subscription.reference` },
    sub: row => String(row.reference),
    countFrom: sql`ip_subnet`,
    search: subnetsMatching,
    searchHint: 'Address, name or reference',
    filters: {
      pool: { label: 'Pool', choices: pools, where: value => sql`ip_subnet.pool_id = ${Number(value) || 0}` },
      member: { label: 'Member', kind: 'reference', reference: 'member', where: id => sql`subscription.member_id = ${id}` },
      length: { label: 'Length', kind: 'number', sql: sql`masklen(ip_subnet.prefix)` },
      since: { label: 'Since', kind: 'date', sql: sql`ip_subnet.created_at::date` },
    },
    views: [
      { name: 'ipv4', label: 'IPv4', where: sql`ip_subnet.family = 4` },
      { name: 'ipv6', label: 'IPv6', where: sql`ip_subnet.family = 6` },
    ],
    sort: 'prefix',
  },
  within: part =>
    sql`ip_subnet.configuration_id IN (SELECT c.id FROM configuration c WHERE c.subscription_id IN ${subscriptionsWithin(part)})`,
  describe: row => String(row.prefix),
  find: async (text, tx) => {
    const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM ip_subnet WHERE prefix >>= coin.try_inet(${text})`)
    return rows[0]?.id
  },
  async create(input, tx) {
    const configurationId = Number(input.configurationId)
    const poolId = number(input.poolId)
    const family = number(input.family) as 4 | 6 | undefined
    if (input.prefix) return (await giveSubnet(tx, { configurationId, prefix: String(input.prefix), poolId })).id
    return (await allocateSubnet(tx, { configurationId, poolId, family, prefixLength: number(input.prefixLength) })).id
  },
  async update(id, input, tx) {
    await changeSubnet(tx, id, {
      ...(input.prefix ? { prefix: String(input.prefix) } : {}),
      configurationId: number(input.configurationId),
    })
  },
  remove: (id, tx) => releaseSubnet(tx, id),
  async consequences(row, tx) {
    const { rows } = await tx.execute<{ days: number }>(sql`SELECT quarantine_days AS days FROM ip_pool WHERE id = ${Number(row.poolId)}`)
    const days = rows[0]?.days ?? 0
    return [
      days > 0
        ? t('{{prefix}} rests {{count}} days before somebody else gets it.', { prefix: String(row.prefix), count: days })
        : t('{{prefix}} is free at once.', { prefix: String(row.prefix) }),
    ]
  },
})

/** By address, reference or member: a set from each of three indexes, because one condition with OR over four tables would read all of them. */
function subnetsMatching(term: string) {
  return sql`ip_subnet.id IN (
  SELECT n.id FROM ip_subnet n WHERE n.prefix && coin.try_inet(${term})
  UNION ALL SELECT n.id FROM configuration c JOIN ip_subnet n ON n.configuration_id = c.id
    WHERE c.subscription_id IN (
      SELECT s.id FROM subscription s WHERE coin.fold(s.reference) LIKE '%' || coin.fold(${term}) || '%'
      UNION ALL SELECT s.id FROM member JOIN subscription s ON s.member_id = member.id WHERE ${memberMatches(term)}))`
}

const day = (value: unknown) => new Date(String(value)).toISOString().slice(0, 10)

export const reservedResource = defineResource({
  name: 'reserved_range',
  plural: 'reserved-ranges',
  label: 'Reserved range',
  labelPlural: 'Reserved ranges',
  labelNew: 'Reserve a range',
  icon: 'lock',
  offMenu: true,
  table: ipReserved,
  key: ['prefix'],
  fields: {
    poolId: { label: 'Pool', kind: 'reference', reference: 'pool', choices: pools },
    prefix: { label: 'Range', kind: 'prefix', help: 'Never given to a subscriber' },
    comment: { label: 'What for' },
  },
  add: ['poolId', 'prefix', 'comment'],
  change: ['prefix', 'comment'],
  list: {
    from: sql`ip_reserved`,
    columns: [
      { key: 'prefix', label: 'Range', sql: sql`ip_reserved.prefix` },
      { key: 'comment', label: 'What for', sql: sql`ip_reserved.comment` },
      { key: 'pool', label: 'Pool', sql: sql`(SELECT p.name FROM ip_pool p WHERE p.id = row."poolId")`, late: true, wide: true },
    ],
    hidden: { poolId: sql`ip_reserved.pool_id` },
    sort: 'prefix',
  },
  describe: row => String(row.prefix),
})

export const offerPoolResource = defineResource({
  name: 'offer_pool',
  plural: 'offer-pools',
  label: 'Pool of an offer',
  labelPlural: 'Pools of offers',
  labelNew: 'Draw from a pool',
  icon: 'network',
  offMenu: true,
  table: offerPools,
  key: ['offerId', 'poolId'],
  fields: {
    offerId: { label: 'Offer', kind: 'reference', reference: 'offer' },
    poolId: { label: 'Pool', kind: 'reference', reference: 'pool', choices: pools },
    priority: { label: 'Priority', help: '1 is drawn from first; the next when it is full' },
    prefixLength: { label: 'Length', help: 'The pool’s unless given' },
  },
  add: ['offerId', 'poolId', 'priority', 'prefixLength'],
  change: ['priority', 'prefixLength'],
  list: {
    from: sql`offer_pool JOIN offer ON offer.id = offer_pool.offer_id JOIN ip_pool ON ip_pool.id = offer_pool.pool_id`,
    columns: [
      { key: 'offer', label: 'Offer', sql: sql`offer.name` },
      { key: 'pool', label: 'Pool', sql: sql`ip_pool.name` },
      { key: 'priority', label: 'Priority', sql: sql`offer_pool.priority`, align: 'end' },
      {
        key: 'length',
        label: 'Length',
        sql: sql`coalesce(offer_pool.prefix_length, ip_pool.default_prefix_length)`,
        align: 'end',
        render: value => `/${value}`,
      },
    ],
    sort: 'offer',
  },
  within: part => offerWithin(sql`offer_pool.offer_id`, part),
  describe: row => `${row.offer}: ${row.pool}`,
  load: async (id, tx) => (await loadOfferPools([id], tx))[0],
  loadMany: loadOfferPools,
})

async function loadOfferPools(ids: readonly number[], tx: Tx): Promise<readonly Row[]> {
  return tx
    .select({
      ...getTableColumns(offerPools),
      offer: sql<string>`(SELECT name FROM offer WHERE id = ${offerPools.offerId})`,
      pool: sql<string>`(SELECT name FROM ip_pool WHERE id = ${offerPools.poolId})`,
    })
    .from(offerPools)
    .where(inArray(offerPools.id, [...ids]))
}
