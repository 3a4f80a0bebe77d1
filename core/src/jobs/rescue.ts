import os from 'node:os'
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { endless } from './add-jobs.ts'

/** Says that a worker lives, for as long as this session does. */
export async function signOn(session: Tx, worker: string): Promise<void> {
  await session.execute(sql`SELECT pg_advisory_lock(${lockOf(sql`${worker}`)})`)
  await session.execute(
    sql`INSERT INTO coin.worker (id, host, pid) VALUES (${worker}, ${os.hostname()}, ${process.pid}) ON CONFLICT DO NOTHING`,
  )
}

/** Leaves in order: nothing of it is locked. */
export async function signOff(session: Tx, worker: string): Promise<void> {
  await session.execute(sql`DELETE FROM coin.worker WHERE id = ${worker}`)
  await letGo(session, worker)
}

/** Lets the others find it dead. */
export const letGo = (session: Tx, worker: string) => session.execute(sql`SELECT pg_advisory_unlock(${lockOf(sql`${worker}`)})`)

/**
 * Gives back the jobs and lanes of workers that died, which the queue itself would keep locked for hours. Returns the dead.
 * A worker whose lock can be had holds it no longer.
 */
export async function rescue(session: Tx, self: string): Promise<string[]> {
  return session.transaction(async tx => {
    const { rows } = await tx.execute<{ id: string }>(sql`
      SELECT id FROM coin.worker WHERE CASE WHEN id <> ${self} THEN pg_try_advisory_xact_lock(${lockOf(sql`id`)}) ELSE false END`)
    const dead = rows.map(row => row.id)
    if (dead.length === 0) return dead
    await tx.execute(sql`SELECT graphile_worker.force_unlock_workers(worker_ids := ${sql.param(dead)}::text[])`)
    await tx.execute(sql`DELETE FROM coin.worker WHERE id = ANY (${sql.param(dead)}::text[])`)
    // those whose key was given to a successor while they ran
    await tx.execute(
      sql`DELETE FROM graphile_worker._private_jobs WHERE locked_at IS NULL AND key IS NULL AND attempts >= max_attempts AND max_attempts = ${endless}`,
    )
    await tx.execute(sql`SELECT pg_notify('jobs:insert', '{"count":100}')`)
    return dead
  })
}

const lockOf = (id: ReturnType<typeof sql>) => sql`hashtextextended('coin.worker:' || ${id}, 0)`
