import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'
import { addJobs } from './add-jobs.ts'
import type { Consumer } from './background.ts'
import { deliveryJob, laneOf } from './deliver.ts'

/** Changes moved in one transaction: few enough that those who are told begin soon. */
const batch = 1000

type Target = { handler: string; key: number; lane: number }

/**
 * Moves what is committed in the outbox to those who are told: a delivery each, and a job per handler and key, in one transaction.
 * One relay at a time in a database. Returns how many rows left the outbox.
 */
export async function relay(db: Tx, consumers: readonly Consumer[]): Promise<number> {
  const waiting = await db.execute(sql`SELECT 1 FROM coin.outbox LIMIT 1`)
  if (waiting.rows.length === 0) return 0
  return db.transaction(async transaction => {
    const tx = transaction as unknown as Tx
    const { rows: lock } = await tx.execute<{ mine: boolean }>(
      sql`SELECT pg_try_advisory_xact_lock(hashtextextended('coin.relay', 0)) AS mine`,
    )
    if (!lock[0]?.mine) return 0
    const moved = sql`moved`
    const told = consumers.map(consumer => sql`(${consumer.select(moved)})`)
    const marks = consumers.flatMap(({ mark }) => (mark ? [mark] : []))
    const marked = marks.map(({ statement }, n) => sql`, ${sql.raw(`marked${n}`)} AS (${statement(moved)})`)
    const channels = marks.map(
      ({ channel }, n) => sql`SELECT ${channel}::text AS channel WHERE EXISTS (SELECT FROM ${sql.raw(`marked${n}`)})`,
    )
    const { rows } = await executePrepared<{ count: number; targets: Target[] | null; channels: string[] | null }>(
      tx,
      sql`
      WITH moved AS MATERIALIZED (DELETE FROM coin.outbox WHERE id IN (SELECT id FROM coin.outbox ORDER BY id LIMIT ${batch}) RETURNING *),
        told AS (${sql.join([nobodyTold, ...told], sql` UNION ALL `)}),
        delivered AS (INSERT INTO coin.delivery (handler, key, change, at) SELECT handler, key, change, at FROM told ORDER BY id RETURNING handler, key),
        targets AS (SELECT handler, key, ${laneOf(sql`key`)} AS lane FROM delivered GROUP BY handler, key)
        ${sql.join(marked, sql``)}
      SELECT (SELECT count(*) FROM moved)::int AS count, (SELECT jsonb_agg(targets) FROM targets) AS targets,
        ${channels.length > 0 ? sql`(SELECT jsonb_agg(DISTINCT channel) FROM (${sql.join(channels, sql` UNION `)}) AS c)` : sql`NULL::jsonb`} AS channels`,
    )
    for (const channel of rows[0]?.channels ?? []) await tx.execute(sql`SELECT pg_notify(${channel}, '')`)
    await addJobs(tx, (rows[0]?.targets ?? []).map(deliveryJob))
    return rows[0]?.count ?? 0
  })
}

// the columns and their types, for when there is no consumer
const nobodyTold = sql`SELECT NULL::bigint AS id, NULL::timestamptz AS at, NULL::text AS handler, NULL::bigint AS key, NULL::jsonb AS change WHERE false`

/** Deliveries whose job was removed by hand, or belongs to an app that has come back: given a job again. */
export async function adoptDeliveries(db: Tx, handlers: readonly string[]): Promise<void> {
  const { rows } = await db.execute<Target>(sql`
    SELECT d.handler, d.key, ${laneOf(sql`d.key`)} AS lane FROM (SELECT DISTINCT handler, key FROM coin.delivery WHERE handler = ANY (${sql.param(handlers)}::text[])) AS d
    WHERE NOT EXISTS (SELECT FROM graphile_worker.jobs AS j WHERE j.key = 'deliver:' || d.handler || ':' || d.key)`)
  await addJobs(db, rows.map(deliveryJob))
}
