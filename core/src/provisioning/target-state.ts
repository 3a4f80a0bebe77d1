import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { wake } from './ask.ts'

/** Seconds between two attempts to reach a target, at most. */
const longestProbe = 10

/** A target does not answer: nobody tries it until its next probe. */
export const markDown = (db: Tx, backend: string, error: string) =>
  db.execute(sql`
  INSERT INTO provisioning_target AS t (backend, down_since, error, attempts, probe_at) VALUES (${backend}, now(), ${error}, 1, now() + interval '1 second')
  ON CONFLICT (backend) DO UPDATE SET error = excluded.error, down_since = coalesce(t.down_since, now()),
    attempts = CASE WHEN t.down_since IS NULL THEN 1 WHEN t.probe_at > now() THEN t.attempts ELSE t.attempts + 1 END,
    probe_at = CASE WHEN t.down_since IS NOT NULL AND t.probe_at > now() THEN t.probe_at
      ELSE now() + least(${longestProbe}, power(2, CASE WHEN t.down_since IS NULL THEN 0 ELSE t.attempts END)) * interval '1 second' END`)

/** A target answers: everything that waited for it is due. True when it had been down. */
export async function markUp(db: Tx, backend: string): Promise<boolean> {
  return db.transaction(async transaction => {
    const tx = transaction as unknown as Tx
    const { rows } = await tx.execute<{ was_down: boolean }>(sql`
      WITH before AS (SELECT down_since IS NOT NULL AS was_down FROM provisioning_target WHERE backend = ${backend})
      INSERT INTO provisioning_target AS t (backend, answered_at) VALUES (${backend}, now())
      ON CONFLICT (backend) DO UPDATE SET down_since = NULL, error = NULL, attempts = 0, probe_at = NULL, answered_at = now()
      RETURNING coalesce((SELECT was_down FROM before), false) AS was_down`)
    if (!rows[0]?.was_down) return false
    await makeDue(tx, backend, sql`state IN ('failed', 'not_verifiable')`)
    await wake(tx)
    return true
  })
}

/** What failed before is tried again, now that the target has taken something; what has failed often less often, and of many not all at once. */
export async function wakeFailed(db: Tx, backend: string): Promise<void> {
  await makeDue(
    db,
    backend,
    sql`state = 'failed' AND due_at > now() AND checked_at < now() - least(attempts, 12) * interval '5 seconds'`,
    1000,
  )
}

// rows that another lane writes at this moment are left to it: waiting could be a deadlock
const makeDue = (db: Tx, backend: string, which: ReturnType<typeof sql>, limit?: number) =>
  db.execute(sql`
  WITH chosen AS (SELECT configuration_id FROM provisioning_state WHERE backend = ${backend} AND ${which} ORDER BY configuration_id LIMIT ${limit ?? null} FOR UPDATE SKIP LOCKED)
  UPDATE provisioning_state s SET due_at = now() FROM chosen c WHERE s.backend = ${backend} AND s.configuration_id = c.configuration_id`)

export interface Probed {
  readonly backend: string
  /** Something that should be there, for a first read: another one each time, should it be this one that gets no answer. */
  readonly key: string | null
}

/** Takes the probes that are due, so that no other worker makes them at the same time. */
export async function takeProbes(db: Tx, backends: readonly string[]): Promise<Probed[]> {
  const { rows } = await db.execute<Probed & Record<string, unknown>>(sql`
    UPDATE provisioning_target t SET attempts = attempts + 1, probe_at = now() + least(${longestProbe}, power(2, attempts)) * interval '1 second'
    WHERE down_since IS NOT NULL AND probe_at <= now() AND backend = ANY (${sql.param(backends)}::text[])
    RETURNING backend, (SELECT key FROM (SELECT key FROM provisioning_state s WHERE s.backend = t.backend AND key IS NOT NULL LIMIT 100) AS known
      ORDER BY random() LIMIT 1) AS key`)
  return rows
}
