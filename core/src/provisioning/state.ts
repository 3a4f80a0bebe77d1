import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'

export interface Refusal extends Record<string, unknown> {
  readonly message: string
  readonly hint: string
  readonly since: Date
}

/** A configuration that a backend has to look at. */
export interface Due extends Record<string, unknown> {
  readonly id: number
  /** Where it was put before; null when nowhere. */
  readonly key: string | null
  /** What has been asked so far: settled only if nothing more is asked meanwhile. */
  readonly asked: number
}

/** Those of a lane that are due, the longest waiting first. Only who holds the lane takes them. */
export async function takeDue(db: Tx, backend: string, lane: number | undefined, limit: number): Promise<Due[]> {
  const { rows } = await executePrepared<Due>(
    db,
    sql`
    SELECT s.configuration_id AS id, s.key, s.asked FROM generate_series(${lane ?? 0}::int, ${lane ?? 15}::int) AS l (lane)
      CROSS JOIN LATERAL (SELECT * FROM provisioning_state WHERE backend = ${backend} AND lane = l.lane::smallint AND due_at <= now()
        ORDER BY due_at, configuration_id LIMIT ${limit}) AS s
    ORDER BY s.due_at, s.configuration_id LIMIT ${limit}`,
  )
  return rows
}

// in the order in which everybody locks them
const lock = (tx: Tx, backend: string, ids: readonly number[]) =>
  executePrepared(
    tx,
    sql`
  SELECT FROM provisioning_state WHERE backend = ${backend} AND configuration_id = ANY (${sql.param(ids)}::bigint[]) ORDER BY configuration_id FOR UPDATE`,
  )

/**
 * Keeps where configurations are about to be put, before they are: they are found there even if this process dies. Returns, for those that
 * are refused because another configuration has that place, which one has it.
 */
export async function claim(
  tx: Tx,
  backend: string,
  wanted: readonly { readonly id: number; readonly key: string }[],
): Promise<Map<number, number>> {
  if (wanted.length === 0) return new Map()
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('coin.place:' || ${backend}, 0))`)
  const once = new Map(wanted.map(({ id, key }) => [key, id]))
  const ids = sql.param([...once.values()])
  await lock(tx, backend, [...once.values()])
  await tx.execute(sql`
    UPDATE provisioning_state s SET key = w.key FROM unnest(${ids}::bigint[], ${sql.param([...once.keys()])}::text[]) AS w (id, key)
    WHERE s.configuration_id = w.id AND s.backend = ${backend}
      AND NOT EXISTS (SELECT FROM provisioning_state o WHERE o.backend = ${backend} AND o.key = w.key AND o.configuration_id <> w.id)`)
  const { rows } = await tx.execute<{ id: number; holder: number }>(sql`
    SELECT w.id, o.configuration_id AS holder FROM unnest(${sql.param(wanted.map(({ id }) => id))}::bigint[], ${sql.param(wanted.map(({ key }) => key))}::text[]) AS w (id, key)
    JOIN provisioning_state o ON o.backend = ${backend} AND o.key = w.key AND o.configuration_id <> w.id`)
  return new Map(rows.map(({ id, holder }) => [Number(id), Number(holder)]))
}

/** Keeps that nothing is at these places any more: others may have them. A place that was claimed since is left. */
export async function release(tx: Tx, backend: string, left: readonly { readonly id: number; readonly key: string }[]): Promise<void> {
  if (left.length === 0) return
  const ids = left.map(({ id }) => id)
  await lock(tx, backend, ids)
  await tx.execute(sql`
    UPDATE provisioning_state s SET key = NULL FROM unnest(${sql.param(ids)}::bigint[], ${sql.param(left.map(({ key }) => key))}::text[]) AS l (id, key)
    WHERE s.backend = ${backend} AND s.configuration_id = l.id AND s.key = l.key`)
}

/** Has these looked at once more, whatever they are thought to be. */
export async function lookAgain(tx: Tx, backend: string, ids: readonly number[]): Promise<void> {
  await lock(tx, backend, ids)
  await tx.execute(
    sql`UPDATE provisioning_state SET due_at = now(), asked = asked + 1 WHERE backend = ${backend} AND configuration_id = ANY (${sql.param(ids)}::bigint[])`,
  )
}

/** How a look at a configuration ended. */
export interface Outcome {
  readonly id: number
  readonly asked: number
  /** Why it failed; null when it agrees. */
  readonly error: string | null
  /** It does not exist any more, and nothing of it is left. */
  readonly gone: boolean
}

/**
 * Writes how it ended. What was asked meanwhile stays due. What failed is tried again after 1, 2, 4… seconds, at most 5 minutes, give or take
 * a tenth, without end.
 */
export async function settle(tx: Tx, backend: string, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return
  const ids = outcomes.map(({ id }) => id)
  const asked = sql.param(outcomes.map(each => each.asked))
  // one row is locked by its update
  if (outcomes.length > 1) await lock(tx, backend, ids)
  const gone = outcomes.filter(each => each.gone && each.error === null)
  if (gone.length > 0) {
    await tx.execute(sql`
      DELETE FROM provisioning_state s USING unnest(${sql.param(gone.map(({ id }) => id))}::bigint[], ${sql.param(gone.map(each => each.asked))}::bigint[]) AS o (id, asked)
      WHERE s.configuration_id = o.id AND s.backend = ${backend} AND s.asked = o.asked`)
  }
  const state = sql`CASE WHEN o.error IS NOT NULL THEN 'failed' WHEN s.asked <> o.asked THEN 'pending' ELSE 'in_sync' END`
  await executePrepared(
    tx,
    sql`
    UPDATE provisioning_state s SET error = o.error, checked_at = now(),
      attempts = CASE WHEN o.error IS NULL THEN 0 ELSE s.attempts + 1 END,
      difference = CASE WHEN o.error IS NULL THEN NULL ELSE s.difference END,
      told_at = CASE WHEN o.error IS NULL THEN NULL ELSE s.told_at END,
      state = ${state}, since = CASE WHEN s.state = ${state} THEN s.since ELSE now() END,
      due_at = CASE WHEN s.asked <> o.asked THEN now() WHEN o.error IS NULL THEN NULL
        ELSE now() + least(300, power(2, least(s.attempts, 9))) * (0.9 + random() * 0.2) * interval '1 second' END
    FROM unnest(${sql.param(ids)}::bigint[], ${asked}::bigint[], ${sql.param(outcomes.map(({ error }) => error))}::text[]) AS o (id, asked, error),
      -- should the database lose it in a crash, they are looked at once more
      (SELECT set_config('synchronous_commit', 'off', true)) AS quick
    WHERE s.configuration_id = o.id AND s.backend = ${backend}`,
  )
}

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
