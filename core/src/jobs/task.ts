import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Task as QueueTask } from 'graphile-worker'
import { systemActor } from '../app/access.ts'
import { withinScope } from '../app/scope.ts'
import type { Coin } from '../coin.ts'
import type { Tx } from '../db/database.ts'
import { messageOf } from '../db/storable.ts'
import { type Log, prefixed } from './log.ts'

interface TaskIo {
  readonly log: Log
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal
  /**
   * Takes the job off the queue in `tx`, with whatever else `tx` does, so that it is done once even over kill -9. Throws, and so
   * rolls back, when the job was given to another worker meanwhile. Call it once, last.
   */
  finish(tx: Tx): Promise<void>
}

/** How jobs of one kind run, in the scope of `app`. */
export interface Task {
  readonly app: string
  run(payload: unknown, io: TaskIo): Promise<void>
}

interface Taken {
  readonly id: string
  readonly locked_by: string | null
}

/** The job queue waits e^attempts seconds after a failure: five keep it under three minutes, for ever. */
const longestWait = 5

/** A task for the job queue: whatever it throws is retried without end. */
export const queueTask =
  (coin: Coin, name: string, task: Task, log: Log, signal: AbortSignal): QueueTask =>
  async (payload, { job }) => {
    try {
      const io = { log: prefixed(log, name), signal, finish: (tx: Tx) => finish(tx, job) }
      await coin.asSystem(name, () => withinScope({ app: task.app }, () => task.run(payload, io)))
    } catch (error) {
      await untilKept(() => failed(coin.database.db, job), signal)
      // the queue keeps and logs it as it is
      const said = messageOf(error)
      throw error instanceof Error && error.message === said ? error : new Error(said)
    }
  }

/** A transaction of a job: as the system, under the job's name. */
export const jobTransaction = <R>(coin: Coin, name: string, work: (tx: Tx) => Promise<R>): Promise<R> =>
  coin.transaction(systemActor(name), work)

async function finish(tx: Tx, { id, locked_by }: Taken) {
  const { rows } = await tx.execute(sql`
    WITH done AS (DELETE FROM graphile_worker._private_jobs WHERE id = ${id} AND locked_by = ${locked_by} RETURNING job_queue_id),
      released AS (UPDATE graphile_worker._private_job_queues q SET locked_by = NULL, locked_at = NULL FROM done WHERE q.id = done.job_queue_id AND q.locked_by = ${locked_by})
    SELECT 1 FROM done`)
  if (rows.length === 0) throw new Error('Another worker was given this job; what was done here is rolled back.')
}

/**
 * Waits for the database when it is away: a job that ends meanwhile would be an unhandled rejection in the queue, and the end of the process.
 * Of a worker that stops meanwhile the job is left to others.
 */
async function untilKept(keep: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await keep()
    } catch {
      if (signal.aborted) return new Promise(() => {})
      await sleep(1000, undefined, { signal }).catch(() => {})
    }
  }
}

// a job whose key was given to a successor while it ran has nothing more to do
async function failed(db: Tx, { id, locked_by }: Taken) {
  await db.execute(sql`
    WITH replaced AS (DELETE FROM graphile_worker._private_jobs WHERE id = ${id} AND locked_by = ${locked_by} AND attempts >= max_attempts RETURNING job_queue_id),
      released AS (UPDATE graphile_worker._private_job_queues q SET locked_by = NULL, locked_at = NULL FROM replaced WHERE q.id = replaced.job_queue_id AND q.locked_by = ${locked_by})
    UPDATE graphile_worker._private_jobs SET attempts = least(attempts, ${longestWait}) WHERE id = ${id} AND locked_by = ${locked_by} AND attempts < max_attempts`)
}
