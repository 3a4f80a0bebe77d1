import { type SQL, sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import { wake } from './ask.ts'

/** Types of configuration whose app wants to know of subnets before the network does. */
export const typesTold = (registry: Registry): string[] =>
  [...registry.configurations.values()]
    .filter(({ configuration }) => configuration.spec.onSubnetEvent)
    .map(({ configuration }) => configuration.type)

/** The installed backends and the types that they serve, as rows (name, type); a type of NULL is every type. Undefined without any. */
export function servedRows({ backends }: Registry): SQL | undefined {
  const rows = backends.flatMap(({ backend }) =>
    backend.types === 'every'
      ? [sql`(${backend.name}::text, NULL::text)`]
      : backend.types.map(type => sql`(${backend.name}::text, ${type}::text)`),
  )
  return rows.length === 0 ? undefined : sql`(VALUES ${sql.join(rows, sql`, `)}) AS b (name, type)`
}

/** No backend: those that have something of a configuration from before are asked all the same. */
export const servedByNone = sql`(SELECT NULL::text, NULL::text WHERE false) AS b (name, type)`

/**
 * An INSERT that asks the backends of the configurations in `concerned` (a SELECT of ids) to look at them: those of their type, and those
 * that have something of them already. Rows are locked in the order of their key, as everywhere.
 */
export const markStatement = (served: SQL, concerned: SQL): SQL => sql`
  INSERT INTO provisioning_state AS s (configuration_id, backend)
  SELECT id, backend FROM (
    SELECT c.id, b.name AS backend FROM (${concerned}) AS x JOIN configuration c ON c.id = x.id JOIN ${served} ON b.type IS NULL OR b.type = c.type
    UNION
    SELECT k.configuration_id, k.backend FROM (${concerned}) AS x JOIN provisioning_state k ON k.configuration_id = x.id
  ) AS wanted ORDER BY id, backend
  ON CONFLICT (configuration_id, backend) DO UPDATE SET asked = s.asked + 1, due_at = least(s.due_at, now()),
    state = CASE WHEN s.state = 'failed' THEN s.state ELSE 'pending' END, since = CASE WHEN s.state IN ('failed', 'pending') THEN s.since ELSE now() END
  RETURNING 1`

/** Has the backends of these configurations look at them. */
export async function mark(tx: Tx, registry: Registry, ids: readonly number[]): Promise<void> {
  const served = servedRows(registry)
  if (!served || ids.length === 0) return
  await tx.execute(markStatement(served, sql`SELECT unnest(${sql.param(ids)}::bigint[]) AS id`))
  await wake(tx)
}

/** Gives a state to every configuration that a backend has never heard of: those that were there before it. */
export async function adopt(tx: Tx, registry: Registry): Promise<void> {
  const served = servedRows(registry)
  if (!served) return
  await tx.execute(sql`
    INSERT INTO provisioning_state (configuration_id, backend)
    SELECT c.id, b.name FROM configuration c JOIN ${served} ON b.type IS NULL OR b.type = c.type
    WHERE NOT EXISTS (SELECT FROM provisioning_state s WHERE s.configuration_id = c.id AND s.backend = b.name)
    ORDER BY c.id, b.name ON CONFLICT DO NOTHING`)
}
