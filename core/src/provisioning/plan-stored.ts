import { sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import { type AnyConfigurationRow, loadConfigurations } from '../configurations/queries.ts'
import type { Tx } from '../db/database.ts'
import { concernedBy } from './concerned.ts'

/** A subnet of a configuration that a change concerns. */
export interface HeldSubnet extends Record<string, unknown> {
  readonly id: number
  readonly prefix: string
  readonly family: 4 | 6
  readonly configurationId: number
  readonly pool: string
  /** How many of its length its pool can still give. */
  readonly left: number
  /** The day until which it would rest when it is released today; null when it would be free at once. */
  readonly restsUntil: string | null
}

/** What the database says of some configurations, today and on each day to come on which something begins or ends. */
export interface Stored {
  /** Ascending; the first is today. Between two of them nothing changes. */
  readonly days: readonly string[]
  /** By day, then by id. */
  readonly configurations: ReadonlyMap<string, ReadonlyMap<number, AnyConfigurationRow>>
  readonly subnets: readonly HeldSubnet[]
  /** Of each row: its table, id and version. */
  readonly versions: readonly (readonly [table: string, id: number, version: number])[]
  /** Where a backend has put a configuration: by `<id> <backend>`. */
  readonly places: ReadonlyMap<string, string>
}

/** One of the changes that the transaction has made. */
export interface MadeChange extends Record<string, unknown> {
  readonly entity: string
  readonly op: string
  readonly entity_id: number
  readonly changed: readonly string[]
}

/** More days than this are not looked at: years ahead for any real subscription. */
const mostDays = 24

/** The configurations that this transaction has changed something of, and what it has changed. */
export async function concernedNow(tx: Tx): Promise<{ readonly ids: readonly number[]; readonly changes: readonly MadeChange[] }> {
  const { rows: changes } = await tx.execute<MadeChange>(
    sql`SELECT entity, op, entity_id, changed FROM coin.outbox WHERE xid = pg_current_xact_id() ORDER BY id`,
  )
  const { rows } = await tx.execute<{ id: number }>(
    sql`SELECT DISTINCT c.id FROM coin.outbox m JOIN LATERAL ${concernedBy} ON true WHERE m.xid = pg_current_xact_id() ORDER BY c.id`,
  )
  return { ids: rows.map(({ id }) => Number(id)), changes }
}

/** What the transaction sees of these configurations. */
export async function readStored(registry: Registry, tx: Tx, ids: readonly number[]): Promise<Stored> {
  const list = sql`(${sql.param(ids)}::bigint[])`
  const days = (
    await tx.execute<{ day: string }>(sql`
      SELECT DISTINCT day FROM (
        SELECT current_date AS day
        UNION ALL SELECT s.started_on FROM configuration c JOIN subscription s ON s.id = c.subscription_id WHERE c.id = ANY ${list}
        UNION ALL SELECT s.resigned_on + 1 FROM configuration c JOIN subscription s ON s.id = c.subscription_id WHERE c.id = ANY ${list}
        UNION ALL SELECT unnest(ARRAY[lower(p.during), upper(p.during)]) FROM configuration c JOIN subscription_suspension p USING (subscription_id) WHERE c.id = ANY ${list}
        UNION ALL SELECT unnest(ARRAY[lower(o.during), upper(o.during)]) FROM configuration c JOIN subscription_offer o USING (subscription_id) WHERE c.id = ANY ${list}
      ) d WHERE day >= current_date ORDER BY day LIMIT ${mostDays}`)
  ).rows.map(({ day }) => day)
  const configurations = new Map<string, ReadonlyMap<number, AnyConfigurationRow>>()
  for (const day of days)
    configurations.set(day, new Map((await loadConfigurations(registry, tx, ids, day)).map(row => [row.id as number, row])))
  const { rows: subnets } = await tx.execute<HeldSubnet>(sql`
    SELECT n.id, n.prefix, family(n.prefix) AS family, n.configuration_id AS "configurationId", p.name AS pool,
      CASE WHEN p.quarantine_days > 0 THEN current_date + p.quarantine_days END AS "restsUntil",
      (SELECT coalesce(sum(2 ^ (masklen(n.prefix) - masklen(b.prefix))), 0)::float8 FROM ip_block b
        WHERE b.pool_id = p.id AND b.state = 'free' AND masklen(b.prefix) <= masklen(n.prefix)) AS left
    FROM ip_subnet n JOIN ip_pool p ON p.id = n.pool_id WHERE n.configuration_id = ANY ${list} ORDER BY n.prefix, n.id`)
  const { rows: versions } = await tx.execute<{ name: string; id: number; version: number }>(sql`
    SELECT 'configuration' AS name, id, version FROM configuration WHERE id = ANY ${list}
    UNION ALL SELECT 'subscription', s.id, s.version FROM subscription s WHERE s.id IN (SELECT subscription_id FROM configuration WHERE id = ANY ${list})
    UNION ALL SELECT 'subnet', id, version FROM ip_subnet WHERE configuration_id = ANY ${list} ORDER BY 1, 2`)
  const { rows: places } = await tx.execute<{ place: string; key: string }>(
    sql`SELECT configuration_id || ' ' || backend AS place, key FROM provisioning_state WHERE configuration_id = ANY ${list} AND key IS NOT NULL`,
  )
  return {
    days,
    configurations,
    subnets,
    versions: versions.map(({ name, id, version }) => [name, id, version]),
    places: new Map(places.map(({ place, key }) => [place, key])),
  }
}
