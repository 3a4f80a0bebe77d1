import { sql } from 'drizzle-orm'
import type { Coin } from '../coin.ts'
import { subnetHooks } from '../configurations/subnet-hooks.ts'
import type { Tx } from '../db/database.ts'
import type { OutboxRow } from '../db/hooks.ts'
import { isCoinError } from '../errors.ts'
import { addJobs } from '../jobs/add-jobs.ts'
import { type Delivery, lanes, messageOf, recordFailure, removeDeliveries, waitingDeliveries } from '../jobs/deliver.ts'
import { deliveryPayload } from '../jobs/listeners.ts'
import { jobTransaction, type Task } from '../jobs/task.ts'
import { reconcileTask } from './backend-task.ts'
import { handler } from './concerned.ts'
import { clearRefusal, keepRefusal, markPending } from './state.ts'

type Changes = readonly Delivery<OutboxRow>[]

/** A configuration has changed: its app is told of what was changed outside of Coin, then its backends look at it, each in a job of its own. */
export const configurationChanged = (coin: Coin): Task => ({
  app: 'provisioning',
  async run(payload, io) {
    const { key } = deliveryPayload.parse(payload)
    const objection = await tellApp(coin, key)
    await jobTransaction(coin, handler, async tx => {
      const deliveries = await waitingDeliveries<OutboxRow>(tx, handler, key)
      await wakeBackends(coin, tx, key)
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
        refused ? sentence(error.message, error.values) : messageOf(error),
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

/** Those of its type, and those that have something of it (it may be gone, or of an app that is). */
async function wakeBackends(coin: Coin, tx: Tx, configuration: number) {
  const { rows } = await tx.execute<{ type: string | null; known: string[] | null }>(sql`
    SELECT (SELECT type FROM configuration WHERE id = ${configuration}) AS type, (SELECT array_agg(backend) FROM provisioning_state WHERE configuration_id = ${configuration}) AS known`)
  const { type, known } = rows[0] ?? {}
  const names = coin.registry.backends
    .map(({ backend }) => backend)
    .filter(backend => backend.type === type || known?.includes(backend.name))
    .map(backend => backend.name)
  await markPending(tx, configuration, names)
  await addJobs(
    tx,
    names.map(name => ({
      task: reconcileTask(name),
      payload: { configuration },
      queue: `${reconcileTask(name)}/${configuration % lanes}`,
      key: `${reconcileTask(name)}:${configuration}`,
    })),
  )
}
