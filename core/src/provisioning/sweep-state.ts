import { sql } from 'drizzle-orm'
import type { Difference, Json } from '../app/backend.ts'
import type { Tx } from '../db/database.ts'
import { storableJson } from '../db/storable.ts'
import { isKeepable } from './backends.ts'
import { concernedBy, handler } from './concerned.ts'

/** What a sweep has counted so far. */
export interface Counts {
  total: number
  compared: number
  listed: number
  in_sync: number
  changing: number
  differing: number
  missing: number
  unwanted: number
  orphaned: number
}

export const noCounts = (): Counts => ({
  total: 0,
  compared: 0,
  listed: 0,
  in_sync: 0,
  changing: 0,
  differing: 0,
  missing: 0,
  unwanted: 0,
  orphaned: 0,
})

export interface Sweep extends Record<string, unknown> {
  readonly id: number
  readonly backend: string
  readonly heal: 'all' | 'configurations' | 'none'
  readonly confirmed: boolean
  readonly status: 'waiting' | 'running' | 'done' | 'asks' | 'failed'
}

/** A sweep that waits, or that ran when its worker died, begins; undefined when there is nothing to do. */
export async function beginSweep(db: Tx, id: number): Promise<Sweep | undefined> {
  const { rows } = await db.execute<Sweep>(sql`
    UPDATE provisioning_sweep SET status = 'running', started_at = now(), compared = 0, listed = 0
    WHERE id = ${id} AND status IN ('waiting', 'running') RETURNING id, backend, heal, confirmed, status`)
  return rows[0]
}

export async function countExpected(db: Tx, backend: string): Promise<number> {
  const { rows } = await db.execute<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM provisioning_state WHERE backend = ${backend} AND configuration_id > 0`,
  )
  return rows[0]?.count ?? 0
}

/** Shows how far it is. */
export const tellProgress = (db: Tx, id: number, counts: Counts) =>
  db.execute(sql`
  UPDATE provisioning_sweep SET total = ${counts.total}, compared = ${counts.compared}, listed = ${counts.listed}, in_sync = ${counts.in_sync}, changing = ${counts.changing},
    differing = ${counts.differing}, missing = ${counts.missing}, unwanted = ${counts.unwanted}, orphaned = ${counts.orphaned}
  WHERE id = ${id}`)

/** The end of it; the last 100 of a backend are kept. */
export async function endSweep(
  tx: Tx,
  sweep: Sweep,
  counts: Counts,
  end: { readonly status: 'done' | 'asks' | 'failed'; readonly healed?: number; readonly message?: string },
): Promise<void> {
  await tellProgress(tx, sweep.id, counts)
  await tx.execute(
    sql`UPDATE provisioning_sweep SET status = ${end.status}, ended_at = now(), healed = ${end.healed ?? 0}, message = ${end.message ?? null} WHERE id = ${sweep.id}`,
  )
  await tx.execute(sql`
    DELETE FROM provisioning_sweep WHERE backend = ${sweep.backend} AND id IN (SELECT id FROM provisioning_sweep WHERE backend = ${sweep.backend} ORDER BY id DESC OFFSET 100)`)
}

/** What the sweep knows of one configuration of its backend. */
export interface Known extends Record<string, unknown> {
  readonly id: number
  readonly key: string | null
  readonly state: string
  readonly asked: number
  /** Something is to be done already. */
  readonly due: boolean
}

const known = sql`configuration_id AS id, key, state, asked, due_at IS NOT NULL AS due`

/** Those who have these places. */
export async function holdersOf(db: Tx, backend: string, keys: readonly string[]): Promise<Known[]> {
  const { rows } = await db.execute<Known>(
    sql`SELECT ${known} FROM provisioning_state WHERE backend = ${backend} AND key = ANY (${sql.param(keys.filter(isKeepable))}::text[])`,
  )
  return rows
}

/** Those of them, besides the `found`, that are configurations no more. */
export async function goneOf<K extends Known>(db: Tx, all: readonly K[], found: readonly number[]): Promise<K[]> {
  const loaded = new Set(found)
  const rest = all.filter(({ id }) => Number(id) > 0 && !loaded.has(Number(id)))
  if (rest.length === 0) return []
  const { rows } = await db.execute<{ id: number }>(
    sql`SELECT id FROM configuration WHERE id = ANY (${sql.param(rest.map(({ id }) => Number(id)))}::bigint[])`,
  )
  const there = new Set(rows.map(({ id }) => Number(id)))
  return rest.filter(({ id }) => !there.has(Number(id)))
}

/** The next ones in the order of their ids. */
export async function knownAfter(db: Tx, backend: string, id: number, limit: number): Promise<Known[]> {
  const { rows } = await db.execute<Known>(
    sql`SELECT ${known} FROM provisioning_state WHERE backend = ${backend} AND configuration_id > ${id} ORDER BY configuration_id LIMIT ${limit}`,
  )
  return rows
}

/** Those of them that nothing has been asked of: a change that is committed and not yet moved by the relay has asked too. */
export async function knownAgain(db: Tx, backend: string, ids: readonly number[]): Promise<Known[]> {
  const { rows } = await db.execute<Known>(sql`
    SELECT ${known} FROM provisioning_state s WHERE backend = ${backend} AND configuration_id = ANY (${sql.param(ids)}::bigint[])
      AND configuration_id NOT IN (SELECT c.id FROM coin.outbox m JOIN LATERAL ${concernedBy} ON true)
      AND NOT EXISTS (SELECT FROM coin.delivery d WHERE d.handler = ${handler} AND d.key = s.configuration_id)`)
  return rows
}

/** Keeps how the target was found to differ; of what is asked at this moment nothing is kept. With `heal` it is due at once. */
export async function keepDrift(
  tx: Tx,
  backend: string,
  found: readonly { readonly id: number; readonly asked: number; readonly difference: readonly Difference[] }[],
): Promise<void> {
  if (found.length === 0) return
  await tx.execute(sql`
    WITH drift AS (SELECT * FROM jsonb_to_recordset(${storableJson(found)}::jsonb) AS d (id bigint, asked bigint, difference jsonb)),
      chosen AS (SELECT configuration_id FROM provisioning_state WHERE backend = ${backend} AND configuration_id IN (SELECT id FROM drift) ORDER BY configuration_id FOR UPDATE)
    UPDATE provisioning_state s SET state = 'drifted', difference = d.difference, checked_at = now(), error = NULL, since = CASE s.state WHEN 'drifted' THEN s.since ELSE now() END
    FROM drift d JOIN chosen c ON c.configuration_id = d.id
    WHERE s.backend = ${backend} AND s.configuration_id = d.id AND s.asked = d.asked AND s.due_at IS NULL`)
}

/** These were found to agree, though they were thought not to. */
export async function keepAgreement(tx: Tx, backend: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await tx.execute(sql`
    WITH chosen AS (SELECT configuration_id FROM provisioning_state WHERE backend = ${backend} AND configuration_id = ANY (${sql.param(ids)}::bigint[]) ORDER BY configuration_id FOR UPDATE)
    UPDATE provisioning_state s SET state = 'in_sync', difference = NULL, error = NULL, checked_at = now(), since = now()
    FROM chosen c WHERE s.backend = ${backend} AND s.configuration_id = c.configuration_id AND s.due_at IS NULL AND s.state IN ('drifted', 'not_verifiable')`)
}

/** These cannot be read, though their target answers. */
export async function keepDoubt(tx: Tx, backend: string, found: readonly { readonly id: number; readonly error: string }[]): Promise<void> {
  if (found.length === 0) return
  await tx.execute(sql`
    WITH doubt AS (SELECT * FROM jsonb_to_recordset(${storableJson(found)}::jsonb) AS d (id bigint, error text)),
      chosen AS (SELECT configuration_id FROM provisioning_state WHERE backend = ${backend} AND configuration_id IN (SELECT id FROM doubt) ORDER BY configuration_id FOR UPDATE)
    UPDATE provisioning_state s SET state = 'not_verifiable', error = d.error, checked_at = now(), since = CASE s.state WHEN 'not_verifiable' THEN s.since ELSE now() END
    FROM doubt d JOIN chosen c ON c.configuration_id = d.id WHERE s.backend = ${backend} AND s.configuration_id = d.id AND s.due_at IS NULL`)
}

/** Nothing is known of the target: what was thought to agree cannot be verified. */
export const keepUnverifiable = (tx: Tx, backend: string, error: string) =>
  tx.execute(sql`
  WITH chosen AS (SELECT configuration_id FROM provisioning_state WHERE backend = ${backend} AND state = 'in_sync' ORDER BY configuration_id FOR UPDATE)
  UPDATE provisioning_state s SET state = 'not_verifiable', error = ${error}, since = now() FROM chosen c WHERE s.backend = ${backend} AND s.configuration_id = c.configuration_id`)

/** The orphans are exactly these. */
export async function keepOrphans(tx: Tx, sweep: Sweep, found: readonly { readonly key: string; readonly value: Json }[]): Promise<void> {
  for (let from = 0; from < found.length; from += 1000) {
    await tx.execute(sql`
      INSERT INTO provisioning_orphan (backend, key, value, sweep_id)
      SELECT ${sweep.backend}, key, value, ${sweep.id} FROM jsonb_to_recordset(${storableJson(found.slice(from, from + 1000))}::jsonb) AS o (key text, value jsonb)
      ON CONFLICT (backend, key) DO UPDATE SET value = excluded.value, sweep_id = excluded.sweep_id`)
  }
  await tx.execute(sql`DELETE FROM provisioning_orphan WHERE backend = ${sweep.backend} AND sweep_id <> ${sweep.id}`)
}
