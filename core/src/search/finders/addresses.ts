import { type SQL, sql } from 'drizzle-orm'
import { visibleTo } from '../../admin/find.ts'
import { literal } from '../../admin/list-search.ts'
import { asWords, defineFinder, type Understood } from '../../app/finder.ts'
import { t } from '../../app/i18n.ts'
import { currentScope } from '../../app/scope.ts'
import { formatDate, formatDateTime } from '../../ui/index.ts'
import { type Place, placeIn } from '../readings.ts'
import { rowHits } from '../rows.ts'

const understand = (text: string): Understood<Place> | undefined => {
  const place = placeIn(text)
  return place && { as: wordsFor(place), value: place, certain: true }
}

function wordsFor({ family, single, reverse }: Place): string {
  if (reverse) return 'a name of reverse DNS'
  if (family === 4) return single ? 'an IPv4 address' : 'a prefix of IPv4'
  return single ? 'an IPv6 address' : 'a prefix of IPv6'
}

/** What stands after an address in a path. */
const asked = ({ prefix, single }: Place) => encodeURIComponent(single ? prefix.replace(/\/\d+$/, '') : prefix)

/** How a block that was found lies to what was asked for. */
const relation = (row: { readonly covers: boolean; readonly same: boolean }, { single }: Place) =>
  single || row.same ? undefined : row.covers ? t('around it') : t('inside it')

const lies = ({ prefix }: Place) => sql`network(${prefix}::inet)`

interface Held extends Record<string, unknown> {
  readonly prefix: string
  readonly member: string
  readonly reference: string
  readonly from: string
  readonly until: string | null
  readonly id: number
  readonly covers: boolean
  readonly same: boolean
}

/** Who holds an address now: the block around it, or the blocks inside a prefix. */
export const heldNow = defineFinder<Place>({
  name: 'subnet',
  label: 'Held now',
  icon: 'world',
  access: 'subnet.view',
  narrows: true,
  understand,
  async find(place, tx, limit) {
    const { registry, actor } = currentScope()
    const subnet = registry.resources.get('subnet')?.resource
    if (!subnet) return []
    const found = (
      lying: SQL,
    ) => sql`(SELECT ip_subnet.prefix, member.display_name AS member, subscription.reference, ip_subnet.created_at::date AS from, subscription.id,
        ip_subnet.prefix >> ${lies(place)} AS covers, ip_subnet.prefix = ${lies(place)} AS same
      FROM ${subnet.list.from} WHERE (${visibleTo(subnet, actor)}) AND ${lying} ORDER BY ip_subnet.prefix LIMIT ${limit})`
    // each by an index of its own: a prefix may hold a million of them
    const { rows } = await tx.execute<Held>(
      sql`${found(sql`ip_subnet.prefix >>= ${lies(place)}`)} UNION ALL ${found(sql`ip_subnet.prefix << ${lies(place)}`)} LIMIT ${limit}`,
    )
    return rows.map(row => ({
      label: `${row.prefix} · ${row.member}`,
      sub: [row.reference, t('since {{date}}', { date: formatDate(row.from) }), relation(row, place)].filter(Boolean).join(' · '),
      path: `/admin/subscriptions/${row.id}`,
      exact: place.single || row.same,
    }))
  },
  all: ({ prefix }) => `/admin/subnets?q=${encodeURIComponent(prefix)}`,
})

/** More than these are not put in order: whoever asks for a whole pool reads its list. */
const atMost = 1000

/** Who held an address before, the last one first. */
export const heldBefore = defineFinder<Place>({
  name: 'held_before',
  label: 'Held before',
  icon: 'history',
  access: 'subnet.view',
  narrows: true,
  understand,
  async find(place, tx, limit) {
    const { registry, actor } = currentScope()
    const limits = actor.limits?.get('subnet.view')
    const within = limits && (registry.resources.get('subscription')?.resource.within?.(limits) ?? sql`false`)
    const { rows } = await tx.execute<Held & { readonly still: boolean }>(sql`
      SELECT prefix, member_name AS member, subscription_reference AS reference, lower(during) AS from, upper(during) AS until, member_id AS id,
        prefix >> ${lies(place)} AS covers, prefix = ${lies(place)} AS same, EXISTS (SELECT FROM member m WHERE m.id = member_id) AS still
      FROM (SELECT * FROM ip_assignment WHERE prefix && ${lies(place)} AND NOT upper_inf(during)
        AND ${within ? sql`subscription_id IN (SELECT subscription.id FROM subscription WHERE ${within})` : sql`true`} LIMIT ${atMost}) AS held
      ORDER BY upper(during) DESC, id DESC LIMIT ${limit}`)
    return rows.map(row => ({
      label: `${row.prefix} · ${row.member}`,
      sub: [
        row.reference,
        t('from {{first}} to {{last}}', { first: formatDateTime(row.from), last: formatDateTime(row.until ?? '') }),
        relation(row, place),
      ]
        .filter(Boolean)
        .join(' · '),
      path: row.still ? `/admin/members/${row.id}` : `/admin/holders?address=${asked(place)}`,
      exact: place.single || row.same,
    }))
  },
  all: place => `/admin/holders?address=${asked(place)}`,
})

/** Pools by name; those that an address or a prefix lies in, and those inside it. */
export const pools = defineFinder<Place | string>({
  name: 'pool',
  label: 'Pools',
  icon: 'network',
  access: 'pool.view',
  narrows: true,
  understand: text => understand(text) ?? asWords(text),
  find: (wanted, tx, limit) =>
    typeof wanted === 'string'
      ? rowHits('pool', tx, limit, { where: sql`coin.fold(ip_pool.name) LIKE '%' || coin.fold(${literal(wanted)}) || '%'`, text: wanted })
      : rowHits('pool', tx, limit, {
          where: sql`ip_pool.id IN (SELECT x.pool_id FROM ip_pool_prefix x WHERE x.prefix && ${lies(wanted)})`,
        }),
})

/** The ranges that are kept from subscribers. */
export const reserved = defineFinder<Place>({
  name: 'reserved_range',
  label: 'Reserved ranges',
  icon: 'lock',
  access: 'reserved_range.view',
  narrows: true,
  understand,
  find: (place, tx, limit) => rowHits('reserved_range', tx, limit, { where: sql`ip_reserved.prefix && ${lies(place)}` }),
})
