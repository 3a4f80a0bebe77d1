import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { messageOf } from '../db/storable.ts'
import type { NewJob } from './add-jobs.ts'

/** How many jobs of one handler may run at once: those of one key are in the same lane. */
export const lanes = 16

/** The name of the task that takes a handler's deliveries. */
export const deliveryTask = (handler: string): string => `deliver:${handler}`

/** The job that takes the deliveries of a handler and key; all of those that wait are one. */
export const deliveryJob = ({ handler, key, lane }: { handler: string; key: number; lane: number }): NewJob => ({
  task: deliveryTask(handler),
  payload: { key },
  queue: `${handler}/${lane}`,
  key: `${deliveryTask(handler)}:${key}`,
})

/** The lane of a key, in SQL. */
export const laneOf = (key: ReturnType<typeof sql>) => sql`(hashint8(${key}) & ${sql.raw(String(lanes - 1))})`

export interface Delivery<C> {
  readonly id: number
  readonly change: C
}

/** The deliveries that wait for a handler and key, in order, locked until `tx` ends. */
export async function waitingDeliveries<C>(tx: Tx, handler: string, key: number): Promise<Delivery<C>[]> {
  const { rows } = await tx.execute<{ id: number; change: C }>(
    sql`SELECT id, change FROM coin.delivery WHERE handler = ${handler} AND key = ${key} ORDER BY id FOR UPDATE`,
  )
  return rows
}

/** Done with: they are told once. */
export const removeDeliveries = (tx: Tx, deliveries: readonly Delivery<unknown>[]) =>
  tx.execute(sql`DELETE FROM coin.delivery WHERE id = ANY (${idsOf(deliveries)}::bigint[])`)

/** Keeps, where people can see it, why they could not be handled. They stay. */
export const recordFailure = (db: Tx, deliveries: readonly Delivery<unknown>[], error: unknown) =>
  db.execute(
    sql`UPDATE coin.delivery SET attempts = attempts + 1, error = ${messageOf(error)} WHERE id = ANY (${idsOf(deliveries)}::bigint[])`,
  )

const idsOf = (deliveries: readonly Delivery<unknown>[]) => sql.param(deliveries.map(delivery => delivery.id))
