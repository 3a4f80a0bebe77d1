import * as z from 'zod'
import type { AnyBackend } from '../app/backend.ts'
import type { Coin } from '../coin.ts'
import { loadConfigurations } from '../configurations/queries.ts'
import { CoinError } from '../errors.ts'
import { messageOf } from '../jobs/deliver.ts'
import { jobTransaction, type Task } from '../jobs/task.ts'
import { reconcileOne } from './reconcile.ts'
import { markFailed, markInSync, rememberKey, statesOf } from './state.ts'

/** A target that says nothing for so long has failed. */
const patience = 60_000

const payloadOf = z.object({ configuration: z.number() })

/** The name of the task in which a backend looks at one configuration. */
export const reconcileTask = (backend: string): string => `reconcile:${backend}`

/** One backend looks at one configuration. No transaction is open while the target is waited for. */
export const backendTask = (coin: Coin, app: string, backend: AnyBackend): Task => ({
  app,
  async run(payload, { log, signal, finish }) {
    const { configuration: id } = payloadOf.parse(payload)
    const name = reconcileTask(backend.name)
    try {
      const { configuration, key } = await jobTransaction(coin, name, async tx => ({
        configuration: (await loadConfigurations(coin.registry, tx, [id])).find(found => found.type === backend.type),
        key: (await statesOf(tx, id)).find(state => state.backend === backend.name)?.key ?? null,
      }))
      const remember = (at: string) => jobTransaction(coin, name, async tx => void (await rememberKey(tx, id, backend.name, at)))
      const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)])
      const there = await Promise.race([reconcileOne(backend, configuration, { key, remember }, { log, signal: limit }), expiry(limit)])
      await jobTransaction(coin, name, async tx => {
        await markInSync(tx, id, backend.name, there, configuration === undefined)
        await finish(tx)
      })
    } catch (error) {
      await jobTransaction(coin, name, tx => markFailed(tx, id, backend.name, messageOf(error)))
      throw error
    }
  },
})

const expiry = (limit: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) =>
    limit.addEventListener('abort', () => reject(new CoinError('unavailable', 'The target did not answer in time.')), { once: true }),
  )
