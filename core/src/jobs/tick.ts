import { sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import { addJobs } from './add-jobs.ts'
import { isDue } from './schedule.ts'

/**
 * Adds the jobs whose schedule has come since it was last looked at, on the database's clock and in the provider's time zone. One run
 * makes up for several that were missed; a schedule seen for the first time begins now. Workers do it one at a time.
 */
export async function tick(db: Tx, registry: Registry, now?: Date): Promise<string[]> {
  const scheduled = [...registry.jobs].flatMap(([name, { job }]) => (job.schedule === undefined ? [] : [{ name, schedule: job.schedule }]))
  return db.transaction(async transaction => {
    const tx = transaction as unknown as Tx
    await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('coin.schedule', 0))`)
    const { rows } = await tx.execute<{ now: Date; looked: Record<string, string> | null }>(sql`
      SELECT date_trunc('minute', coalesce(${now?.toISOString() ?? null}::timestamptz, clock_timestamp())) AS now, (SELECT jsonb_object_agg(job, looked_until) FROM coin.schedule) AS looked`)
    const { now: until = new Date(0), looked } = rows[0] ?? {}
    const at = new Date(until)
    const due = scheduled
      .filter(
        ({ name, schedule }) =>
          looked?.[name] !== undefined && isDue(schedule, registry.config.provider.timeZone, new Date(looked[name]), at),
      )
      .map(({ name }) => name)
    // one after the other, should a run take longer than the time to the next
    await addJobs(
      tx,
      due.map(name => ({ task: name, payload: {}, queue: `schedule:${name}`, key: `schedule:${name}` })),
    )
    await tx.execute(sql`
      INSERT INTO coin.schedule (job, looked_until) SELECT name, ${at.toISOString()}::timestamptz FROM unnest(${sql.param(scheduled.map(({ name }) => name))}::text[]) AS name
      ON CONFLICT (job) DO UPDATE SET looked_until = greatest(schedule.looked_until, excluded.looked_until)`)
    return due
  })
}
