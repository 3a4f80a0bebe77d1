import { sql } from 'drizzle-orm'
import type { Difference } from '../app/backend.ts'
import type { Registry } from '../app/registry.ts'
import { type AnyConfigurationRow, loadConfigurations } from '../configurations/queries.ts'
import type { Tx } from '../db/database.ts'
import { visible } from '../db/storable.ts'
import { iso, type NetworkStateName } from './overview-queries.ts'

/** What is known of one configuration on one backend. */
export interface StateRow extends Record<string, unknown> {
  readonly id: number
  readonly backend: string
  readonly key: string | null
  readonly state: NetworkStateName
  readonly error: string | null
  readonly attempts: number
  readonly since: string
  readonly checked: string | null
  readonly due: string | null
  /** Secrets masked. */
  readonly difference: readonly Difference[] | null
  /** Undefined when it is gone, or its app is not installed. */
  readonly configuration?: AnyConfigurationRow | undefined
}

export interface RowWish {
  readonly backend: string
  readonly state?: NetworkStateName | undefined
  /** Rows behind this id, or before it. */
  readonly after?: number | undefined
  readonly before?: number | undefined
  readonly limit: number
}

const columns = sql`configuration_id AS id, backend, key, state, error, attempts, ${iso(sql`since`)} AS since, ${iso(sql`checked_at`)} AS checked, ${iso(sql`due_at`)} AS due, difference`

/** A page of rows by id, found by key: as fast at the end as at the beginning. Two statements and one per type of configuration. */
export async function stateRows(
  tx: Tx,
  registry: Registry,
  wish: RowWish,
): Promise<{ readonly rows: readonly StateRow[]; readonly more: boolean }> {
  const { backend, state, after, before, limit } = wish
  const backwards = before !== undefined
  const { rows } = await tx.execute<StateRow>(sql`
    SELECT ${columns} FROM provisioning_state WHERE backend = ${backend} AND ${state === undefined ? sql`true` : sql`state = ${state}`}
      AND ${backwards ? sql`configuration_id < ${before}` : after === undefined ? sql`true` : sql`configuration_id > ${after}`}
    ORDER BY configuration_id ${backwards ? sql`DESC` : sql`ASC`} LIMIT ${limit + 1}`)
  const page = rows.slice(0, limit)
  if (backwards) page.reverse()
  return { rows: await described(tx, registry, page), more: rows.length > limit }
}

/** One row; undefined when this backend has nothing of the configuration. */
export async function stateRow(tx: Tx, registry: Registry, backend: string, id: number): Promise<StateRow | undefined> {
  const { rows } = await tx.execute<StateRow>(
    sql`SELECT ${columns} FROM provisioning_state WHERE backend = ${backend} AND configuration_id = ${id}`,
  )
  return (await described(tx, registry, rows))[0]
}

async function described(tx: Tx, registry: Registry, rows: readonly StateRow[]): Promise<StateRow[]> {
  const found = await loadConfigurations(
    registry,
    tx,
    rows.map(({ id }) => id).filter(id => id > 0),
  )
  const byId = new Map(found.map(configuration => [configuration.id, configuration]))
  return rows.map(row => ({ ...row, configuration: byId.get(row.id) }))
}

/** What its app calls a configuration; of one that is gone, where it was. */
export function nameOfRow(registry: Registry, { configuration, key, id }: Pick<StateRow, 'configuration' | 'key' | 'id'>): string {
  if (!configuration) return key === null ? `#${Math.abs(id)}` : visible(key)
  return registry.configurations.get(String(configuration.type))?.configuration.spec.describe(configuration) || `#${id}`
}
