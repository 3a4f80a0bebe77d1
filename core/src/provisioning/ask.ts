import { sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import { addJobs } from '../jobs/add-jobs.ts'
import { careOf } from './backends.ts'

/** The channel on which drivers hear that there is work. */
export const channel = 'coin_provisioning'

/** Tells the drivers of all workers, when the transaction commits. */
export const wake = (tx: Tx) => tx.execute(sql`SELECT pg_notify(${channel}, '')`)

/** The name of the job that sweeps. */
export const sweepTask = 'provisioning:sweep'

export interface Which {
  readonly configuration?: number
  readonly backend?: string
  /** Those in one of these states; all unless given. */
  readonly states?: readonly string[]
}

/** Has these looked at again, now: read, compared, and put right. Returns how many. */
export async function retry(tx: Tx, { configuration, backend, states }: Which): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    WITH chosen AS (
      SELECT configuration_id, backend FROM provisioning_state
      WHERE ${configuration === undefined ? sql`true` : sql`configuration_id = ${configuration}`} AND ${backend === undefined ? sql`true` : sql`backend = ${backend}`}
        AND ${states === undefined ? sql`true` : sql`state = ANY (${sql.param(states)}::text[])`}
      ORDER BY configuration_id, backend FOR UPDATE)
    UPDATE provisioning_state s SET due_at = now(), asked = asked + 1, state = CASE WHEN state = 'in_sync' THEN 'pending' ELSE state END,
      since = CASE WHEN state = 'in_sync' THEN now() ELSE since END
    FROM chosen c WHERE s.configuration_id = c.configuration_id AND s.backend = c.backend`)
  await tx.execute(
    sql`UPDATE provisioning_target SET probe_at = now() WHERE down_since IS NOT NULL AND ${backend === undefined ? sql`true` : sql`backend = ${backend}`}`,
  )
  await wake(tx)
  return rowCount ?? 0
}

export interface SweepWish {
  readonly backend: string
  /** What it may put right; the deployment's setting unless given. */
  readonly heal?: 'all' | 'configurations' | 'none'
  /** Also when it removes much, or the target is empty. */
  readonly confirmed?: boolean
  /** Who asks. */
  readonly by: string
}

/** Has a target compared with what should be there, by a worker. Returns the sweep's id: that of the one that waits or runs, if there is one. */
export async function askSweep(tx: Tx, registry: Registry, { backend, heal, confirmed = false, by }: SweepWish): Promise<number> {
  const { rows } = await tx.execute<{ id: number }>(sql`
    INSERT INTO provisioning_sweep (backend, heal, confirmed, asked_by) VALUES (${backend}, ${heal ?? careOf(registry, backend).heal}, ${confirmed}, ${by})
    ON CONFLICT (backend) WHERE status IN ('waiting', 'running') DO UPDATE SET backend = excluded.backend RETURNING id`)
  const id = Number(rows[0]?.id)
  await addJobs(tx, [{ task: sweepTask, payload: { sweep: id }, queue: `${sweepTask}/${backend}`, key: `${sweepTask}:${id}` }])
  return id
}

/** Puts these drifted configurations of a backend right, or all of them. Returns how many. */
export async function healDrifted(
  tx: Tx,
  { backend, configurations }: { readonly backend: string; readonly configurations?: readonly number[] },
) {
  let healed = 0
  if (configurations === undefined) return retry(tx, { backend, states: ['drifted'] })
  for (const configuration of configurations) healed += await retry(tx, { backend, configuration, states: ['drifted'] })
  return healed
}

/**
 * Removes orphans from their target: each becomes a state of a configuration that is not there (the negative of its id), which the
 * driver removes like any other, with retries. One that a configuration claims by now is left. Returns how many.
 */
export async function removeOrphans(tx: Tx, ids: readonly number[]): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    INSERT INTO provisioning_state (configuration_id, backend, key)
    SELECT -id, backend, key FROM provisioning_orphan WHERE id = ANY (${sql.param(ids)}::bigint[]) ORDER BY id
    ON CONFLICT DO NOTHING`)
  await tx.execute(sql`DELETE FROM provisioning_orphan WHERE id = ANY (${sql.param(ids)}::bigint[])`)
  await wake(tx)
  return rowCount ?? 0
}
