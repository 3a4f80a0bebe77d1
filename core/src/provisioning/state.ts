import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

export interface BackendState extends Record<string, unknown> {
  readonly backend: string
  readonly key: string | null
  readonly state: 'in_sync' | 'pending' | 'failed'
  readonly error: string | null
  readonly attempts: number
  readonly since: Date
}
export interface Refusal extends Record<string, unknown> {
  readonly message: string
  readonly hint: string
  readonly since: Date
}

/** Something has changed: these backends have to look at the configuration. A failed one stays failed until it succeeds. */
export const markPending = (tx: Tx, configuration: number, backends: readonly string[]) =>
  tx.execute(sql`
  INSERT INTO provisioning_state (configuration_id, backend) SELECT ${configuration}, backend FROM unnest(${sql.param(backends)}::text[]) AS backend
  ON CONFLICT (configuration_id, backend) DO UPDATE SET state = 'pending', since = now() WHERE provisioning_state.state = 'in_sync'`)

/** Backends that have something of a configuration, or are to look at it. */
export async function statesOf(tx: Tx, configuration: number): Promise<BackendState[]> {
  const { rows } = await tx.execute<BackendState>(
    sql`SELECT backend, key, state, error, attempts, since FROM provisioning_state WHERE configuration_id = ${configuration} ORDER BY backend`,
  )
  return rows
}

export const rememberKey = (tx: Tx, configuration: number, backend: string, key: string) =>
  tx.execute(sql`UPDATE provisioning_state SET key = ${key} WHERE configuration_id = ${configuration} AND backend = ${backend}`)

/** It agrees. Of a configuration that is gone nothing is kept. */
export const markInSync = (tx: Tx, configuration: number, backend: string, key: string | null, gone: boolean) =>
  gone
    ? tx.execute(sql`DELETE FROM provisioning_state WHERE configuration_id = ${configuration} AND backend = ${backend}`)
    : tx.execute(sql`
      UPDATE provisioning_state SET key = ${key}, error = NULL, attempts = 0, checked_at = now(), state = 'in_sync', since = CASE state WHEN 'in_sync' THEN since ELSE now() END
      WHERE configuration_id = ${configuration} AND backend = ${backend}`)

export const markFailed = (tx: Tx, configuration: number, backend: string, error: string) =>
  tx.execute(sql`
  UPDATE provisioning_state SET error = ${error}, attempts = attempts + 1, checked_at = now(), state = 'failed', since = CASE state WHEN 'failed' THEN since ELSE now() END
  WHERE configuration_id = ${configuration} AND backend = ${backend}`)

/** Keeps what an app objects to, for people to see. Nothing is kept of a configuration that is gone. */
export const keepRefusal = (tx: Tx, configuration: number, message: string, hint = '') =>
  tx.execute(sql`
  INSERT INTO provisioning_refusal (configuration_id, message, hint) SELECT id, ${message}, ${hint} FROM configuration WHERE id = ${configuration}
  ON CONFLICT (configuration_id) DO UPDATE SET message = excluded.message, hint = excluded.hint`)

export const clearRefusal = (tx: Tx, configuration: number) =>
  tx.execute(sql`DELETE FROM provisioning_refusal WHERE configuration_id = ${configuration}`)

export async function refusalOf(tx: Tx, configuration: number): Promise<Refusal | undefined> {
  const { rows } = await tx.execute<Refusal>(
    sql`SELECT message, hint, since FROM provisioning_refusal WHERE configuration_id = ${configuration}`,
  )
  return rows[0]
}
