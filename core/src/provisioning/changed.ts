import { sql } from 'drizzle-orm'
import type { Coin } from '../coin.ts'
import { subnetHooks } from '../configurations/subnet-hooks.ts'
import type { Tx } from '../db/database.ts'
import type { OutboxRow } from '../db/hooks.ts'
import { messageOf, storable } from '../db/storable.ts'
import { isCoinError } from '../errors.ts'
import { type Delivery, recordFailure, removeDeliveries, waitingDeliveries } from '../jobs/deliver.ts'
import { deliveryPayload } from '../jobs/listeners.ts'
import { jobTransaction, type Task } from '../jobs/task.ts'
import { handler } from './concerned.ts'
import { mark } from './mark.ts'
import { clearRefusal, keepRefusal } from './state.ts'

type Changes = readonly Delivery<OutboxRow>[]

/** The subnets of a configuration were changed outside of Coin: its app is told, then its backends look at it. */
export const configurationChanged = (coin: Coin): Task => ({
  app: 'provisioning',
  async run(payload, io) {
    const { key } = deliveryPayload.parse(payload)
    const objection = await tellApp(coin, key)
    await jobTransaction(coin, handler, async tx => {
      const deliveries = await waitingDeliveries<OutboxRow>(tx, handler, key)
      await mark(tx, coin.registry, [key])
      await removeDeliveries(
        tx,
        deliveries.filter(({ change }) => isHandled(change)),
      )
      if (!objection) await io.finish(tx)
    })
    if (objection) throw objection
  },
})

const isHandled = (row: OutboxRow) => row.entity !== 'subnet' || row.hooked

/** Gives the app its subnet changes; returns the error that is worth another try. What it refuses is kept for people to see. */
async function tellApp(coin: Coin, configuration: number): Promise<Error | undefined> {
  let untold: Changes = []
  try {
    await jobTransaction(coin, handler, async tx => {
      const deliveries = await waitingDeliveries<OutboxRow>(tx, handler, configuration)
      untold = deliveries.filter(({ change }) => !isHandled(change))
      await subnetHooks(coin.registry)(
        untold.map(({ change }) => change),
        tx,
      )
      if (deliveries.some(({ change }) => change.entity === 'subnet')) await clearRefusal(tx, configuration)
      await markTold(tx, untold)
    })
    return undefined
  } catch (error) {
    const refused = isCoinError(error) && error.code !== 'unavailable'
    await jobTransaction(coin, handler, async tx => {
      await keepRefusal(
        tx,
        configuration,
        refused ? storable(sentence(error.message, error.values)) : messageOf(error),
        refused ? error.hint : undefined,
      )
      if (refused) await markTold(tx, untold)
    })
    if (refused) return undefined
    await recordFailure(coin.database.db, untold, error)
    return error instanceof Error ? error : new Error(messageOf(error))
  }
}

const markTold = (tx: Tx, untold: Changes) =>
  tx.execute(
    sql`UPDATE coin.delivery SET change = change || '{"hooked": true}', error = NULL WHERE id = ANY (${sql.param(untold.map(({ id }) => id))}::bigint[])`,
  )

const sentence = (message: string, values: Readonly<Record<string, string | number>>) =>
  message.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole))
