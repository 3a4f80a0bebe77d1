import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Coin } from '../coin.ts'
import type { Tx } from '../db/database.ts'
import { listeners } from '../jobs/listeners.ts'
import { relay } from '../jobs/relay.ts'
import { type SweepWish, sweepTask } from '../provisioning/ask.ts'
import { adopt } from '../provisioning/mark.ts'
import { sweepLock } from '../provisioning/sweep-schedule.ts'
import { engineTransaction } from '../provisioning/transaction.ts'

/**
 * Has a sweep for this process, asked for by `ask`, without the job that a worker would take. Undefined while a worker has one of the same
 * backend under its hands.
 */
export async function takeSweep(tx: Tx, { backend, heal, confirmed }: SweepWish, ask: () => Promise<number>): Promise<number | undefined> {
  const { rows } = await tx.execute(sql`
    SELECT FROM provisioning_sweep w JOIN graphile_worker._private_jobs j ON j.key = ${`${sweepTask}:`} || w.id
    WHERE w.backend = ${backend} AND w.status IN ('waiting', 'running') AND j.locked_at IS NOT NULL`)
  if (rows.length > 0) return undefined
  const id = await ask()
  await tx.execute(sql`DELETE FROM graphile_worker._private_jobs WHERE key = ${`${sweepTask}:${id}`} AND locked_at IS NULL`)
  // one that waited already may have been asked for otherwise
  await tx.execute(sql`
    UPDATE provisioning_sweep SET heal = coalesce(${heal ?? null}, heal), confirmed = confirmed OR ${confirmed ?? false} WHERE id = ${id}`)
  return id
}

/** Holds a sweep for this process, so that no worker and no other command takes it; undefined when one has it already. */
export async function holdSweep({ database }: Coin, id: number): Promise<{ release(): void } | undefined> {
  const client = await database.pool.connect()
  const { rows } = await drizzle(client).execute<{ mine: boolean }>(sql`SELECT pg_try_advisory_lock(${sweepLock(id)}) AS mine`)
  if (rows[0]?.mine) return { release: () => client.release(true) }
  client.release()
  return undefined
}

/** One that was interrupted is over: another can be asked for. */
export const dropSweep = ({ database: { db } }: Coin, id: number) =>
  db.execute(
    sql`UPDATE provisioning_sweep SET status = 'failed', ended_at = now(), message = 'It was interrupted.' WHERE id = ${id} AND status = 'running'`,
  )

/** Does what a worker does first: committed changes are told to those who look at them, and what no backend has heard of is given to it. */
export async function moveChanges(coin: Coin): Promise<void> {
  const consumers = [listeners, ...coin.background].flatMap(part => part(coin).consumers ?? [])
  while ((await relay(coin.database.db, consumers)) > 0);
  await engineTransaction(coin, tx => adopt(tx, coin.registry))
}

export interface Left extends Record<string, unknown> {
  /** Not tried yet since it was asked. */
  readonly waiting: number
  /** Not as it should be. */
  readonly off: number
  readonly down: boolean
}

/** What is left to do on a backend. */
export async function leftOf({ database: { db } }: Coin, backend: string): Promise<Left> {
  const { rows } = await db.execute<Left>(sql`
    SELECT count(*) FILTER (WHERE due_at <= now() OR (due_at IS NOT NULL AND state <> 'failed'))::int AS waiting,
      (count(*) FILTER (WHERE state <> 'in_sync') + (SELECT count(*) FROM provisioning_orphan o WHERE o.backend = ${backend}))::int AS off,
      EXISTS (SELECT FROM provisioning_target d WHERE d.backend = ${backend} AND down_since IS NOT NULL) AS down
    FROM provisioning_state WHERE backend = ${backend}`)
  return rows[0] ?? { waiting: 0, off: 0, down: false }
}
