import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Configuration, ConfigurationTable, IpSubnet, SubscriptionOfConfiguration } from '../app/configuration.ts'
import type { Registry } from '../app/registry.ts'
import { type Actor, isStaff, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'
import { subscriptionsWithin } from '../subscriptions/within.ts'

export type AnyConfigurationRow = Configuration<ConfigurationTable>

interface BaseRow extends Record<string, unknown> {
  readonly id: number
  readonly type: string
  readonly version: number
  readonly comment: string
  readonly subscription: SubscriptionOfConfiguration
  readonly ip_subnets: readonly IpSubnet[]
}

/**
 * Loads configurations of any types as their apps see them, in the order of `ids`; those that do not exist, or whose app is not
 * installed, are left out. One statement and one per type, however many ids. As of today, or of the day `on` (ISO).
 */
export async function loadConfigurations(registry: Registry, tx: Tx, ids: readonly number[], on?: string): Promise<AnyConfigurationRow[]> {
  if (ids.length === 0) return []
  const today = on === undefined ? sql`current_date` : sql`${on}::date`
  const { rows } = await executePrepared<BaseRow>(
    tx,
    sql`
    SELECT c.id, c.type, c.version, c.comment,
      jsonb_build_object('id', s.id, 'reference', s.reference, 'startedOn', s.started_on, 'resignedOn', s.resigned_on,
        'phase', CASE WHEN s.started_on > ${today} THEN 'future' WHEN s.resigned_on < ${today} THEN 'ended' ELSE 'running' END,
        'suspended', EXISTS (SELECT FROM subscription_suspension p WHERE p.subscription_id = s.id AND p.during @> ${today}),
        'member', jsonb_build_object('id', m.id, 'displayName', m.display_name, 'username', m.username, 'email', m.email),
        'offer', (SELECT jsonb_build_object('id', o.id, 'name', o.name, 'reference', o.reference)
          FROM subscription_offer d JOIN offer o ON o.id = d.offer_id
          WHERE d.subscription_id = s.id AND (d.during @> ${today} OR lower(d.during) > ${today}) ORDER BY d.during LIMIT 1)) AS subscription,
      coalesce((SELECT jsonb_agg(jsonb_build_object('id', n.id, 'prefix', n.prefix, 'family', family(n.prefix), 'poolId', n.pool_id) ORDER BY n.prefix)
        FROM ip_subnet n WHERE n.configuration_id = c.id), '[]') AS ip_subnets
    FROM configuration c JOIN subscription s ON s.id = c.subscription_id JOIN member m ON m.id = s.member_id
    WHERE c.id = ANY (${sql.param(ids)}::bigint[])`,
  )
  const byId = new Map<number, AnyConfigurationRow>()
  for (const type of new Set(rows.map(row => row.type))) {
    const table = registry.configurations.get(type)?.configuration.spec.table
    if (!table) continue
    const bases = new Map(rows.filter(row => row.type === type).map(row => [row.id, row]))
    const children = await tx
      .select(getTableColumns(table))
      .from(table)
      .where(sql`${table.id} = ANY (${sql.param([...bases.keys()])}::bigint[])`)
    for (const child of children) {
      const base = bases.get(child.id as number)
      if (base)
        byId.set(base.id, {
          ...child,
          comment: base.comment,
          version: base.version,
          subscription: base.subscription,
          ipSubnets: base.ip_subnets,
        } as AnyConfigurationRow)
    }
  }
  return ids.flatMap(id => byId.get(id) ?? [])
}

/**
 * Narrows a query on `configuration c JOIN subscription s` to what an actor has this permission for: a member their own, staff what their
 * roles let them.
 */
export function visibleTo(actor: Actor, permission = 'configuration.view'): SQL {
  const limit = actor.limits?.get(permission)
  if (isStaff(actor) && may(actor, permission) && !limit) return sql`true`
  const own = actor.memberId === undefined ? sql`false` : sql`s.member_id = ${actor.memberId}`
  return isStaff(actor) && limit ? sql`(${own} OR s.id IN ${subscriptionsWithin(limit)})` : own
}

/** One configuration of `type` when it exists and `actor` may see it, or has another permission for it. */
export async function visibleConfiguration(
  registry: Registry,
  actor: Actor,
  type: string,
  id: number,
  tx: Tx,
  permission?: string,
): Promise<AnyConfigurationRow | undefined> {
  const { rows } = await tx.execute<{ id: number }>(sql`
    SELECT c.id FROM configuration c JOIN subscription s ON s.id = c.subscription_id
    WHERE c.id = ${id} AND c.type = ${type} AND ${visibleTo(actor, permission)}`)
  const found = rows[0]
  return found && (await loadConfigurations(registry, tx, [Number(found.id)]))[0]
}
