import { sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import { addJobs } from '../jobs/add-jobs.ts'
import { isDue } from '../jobs/schedule.ts'
import { askSweep, sweepTask } from './ask.ts'
import { careOf } from './backends.ts'

/** Who asks for a sweep when nobody does. */
export const bySchedule = 'schedule'

/**
 * Asks for the sweeps whose time has come since the target was last compared, or its schedule last looked at. One that is seen for the first
 * time begins now. Returns the backends.
 */
export async function askDueSweeps(tx: Tx, registry: Registry): Promise<string[]> {
  const names = registry.backends.map(({ backend }) => backend.name)
  const { rows } = await tx.execute<{ backend: string; now: string; looked: string | null }>(sql`
    SELECT b.backend, to_json(now()) #>> '{}' AS now, to_json(greatest(l.looked_until, (SELECT max(asked_at) FROM provisioning_sweep w WHERE w.backend = b.backend)))  #>> '{}' AS looked
    FROM unnest(${sql.param(names)}::text[]) AS b (backend) LEFT JOIN provisioning_schedule l ON l.backend = b.backend ORDER BY b.backend`)
  const due = rows.filter(({ backend, now, looked }) => {
    const { sweep } = careOf(registry, backend)
    return sweep !== false && looked !== null && isDue(sweep, registry.timeZone, new Date(looked), new Date(now))
  })
  for (const { backend } of due) await askSweep(tx, registry, { backend, by: bySchedule })
  await tx.execute(sql`
    INSERT INTO provisioning_schedule (backend, looked_until) SELECT backend, now() FROM unnest(${sql.param(names)}::text[]) AS backend
    ON CONFLICT (backend) DO UPDATE SET looked_until = excluded.looked_until`)
  return due.map(({ backend }) => backend)
}

/** The session lock of whoever has a sweep under its hands without a job, such as a command. */
export const sweepLock = (id: number) => sql`hashtextextended('coin.sweep:' || ${id}::bigint, 0)`

/** Sweeps that nobody has under its hands, because a command was killed: given to a worker. */
export async function reviveSweeps(tx: Tx): Promise<void> {
  const { rows } = await tx.execute<{ id: number; backend: string }>(sql`
    SELECT id, backend FROM provisioning_sweep w WHERE status IN ('waiting', 'running')
      AND NOT EXISTS (SELECT FROM graphile_worker.jobs j WHERE j.key = ${`${sweepTask}:`} || w.id) FOR UPDATE SKIP LOCKED`)
  for (const { id, backend } of rows) {
    const { rows: lock } = await tx.execute<{ free: boolean }>(sql`SELECT pg_try_advisory_xact_lock(${sweepLock(id)}) AS free`)
    if (lock[0]?.free)
      await addJobs(tx, [{ task: sweepTask, payload: { sweep: id }, queue: `${sweepTask}/${backend}`, key: `${sweepTask}:${id}` }])
  }
}
