import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** A job as the queue takes it. */
export interface NewJob {
  /** Which task runs it. */
  readonly task: string
  readonly payload: object
  readonly queue?: string | undefined
  readonly runAt?: Date | undefined
  /** Unique among the jobs that wait. */
  readonly key?: string | undefined
}

/** More attempts than any job makes: `failed` keeps the count low, only killed processes raise it. */
export const endless = 32767

/** Adds jobs in `tx`, any number in one statement. A job that waits with the same key is replaced; one that runs gets a successor. */
export async function addJobs(tx: Tx, jobs: readonly NewJob[]): Promise<void> {
  for (let rest = jobs; rest.length > 0; ) {
    const specs = rest.map(({ task, payload, queue, runAt, key }) => ({ task, payload, queue, run_at: runAt?.toISOString(), key }))
    const { rows } = await tx.execute<{ key: string | null }>(sql`
      SELECT key FROM graphile_worker.add_jobs(specs := (
        SELECT array_agg((task, payload, queue, run_at, ${sql.raw(String(endless))}, key, 0, NULL)::graphile_worker.job_spec)
        FROM json_to_recordset(${JSON.stringify(specs)}::json) AS spec (task text, payload json, queue text, run_at timestamptz, key text)))`)
    // add_jobs looks and adds in two statements: a job taken by a worker between them is neither replaced nor added
    const added = new Set(rows.map(row => row.key))
    rest = rest.filter(({ key }) => key !== undefined && !added.has(key))
  }
}
