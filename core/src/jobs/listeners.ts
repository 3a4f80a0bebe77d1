import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { type Change, type EventName, eventNames } from '../app/events.ts'
import type { Coin } from '../coin.ts'
import type { Tx } from '../db/database.ts'
import type { Background } from './background.ts'
import { type Delivery, recordFailure, removeDeliveries, waitingDeliveries } from './deliver.ts'
import { jobTransaction, type Task } from './task.ts'

type Handle = (id: number, changes: readonly Change[], tx: Tx) => Promise<void>

/** The payload of a job that takes deliveries. */
export const deliveryPayload = z.object({ key: z.number() })

/** The apps' `afterCommit`: handler `<app>:<event>`, key the id of the row. */
export function listeners(coin: Coin): Background {
  const found = eventNames.flatMap(event =>
    coin.registry.afterCommit(event).map(({ app, handle }) => ({ app, event, handler: `${app}:${event}`, handle: handle as Handle })),
  )
  if (found.length === 0) return {}
  return {
    consumers: [
      {
        select: moved => selectListeners(moved, found),
        handlers: Object.fromEntries(found.map(({ app, handler, handle }) => [handler, deliverTo(coin, app, handler, handle)])),
      },
    ],
  }
}

const selectListeners = (moved: SQL, found: readonly { readonly handler: string; readonly event: EventName }[]) => sql`
  SELECT m.id, m.at, l.handler, m.entity_id AS key,
    jsonb_build_object('op', m.op, 'id', m.entity_id, 'changed', m.changed, 'detail', coalesce(m.detail, '{}')) AS change
  FROM ${moved} m JOIN (VALUES ${sql.join(
    found.map(({ handler, event }) => sql`(${handler}::text, ${event}::text)`),
    sql`, `,
  )}) AS l (handler, entity) ON l.entity = m.entity`

const deliverTo = (coin: Coin, app: string, handler: string, handle: Handle): Task => ({
  app,
  async run(payload, io) {
    const { key } = deliveryPayload.parse(payload)
    let deliveries: Delivery<Change>[] = []
    try {
      await jobTransaction(coin, handler, async tx => {
        deliveries = await waitingDeliveries<Change>(tx, handler, key)
        if (deliveries.length > 0)
          await handle(
            key,
            deliveries.map(delivery => delivery.change),
            tx,
          )
        await removeDeliveries(tx, deliveries)
        await io.finish(tx)
      })
    } catch (error) {
      await recordFailure(coin.database.db, deliveries, error)
      throw error
    }
  },
})
