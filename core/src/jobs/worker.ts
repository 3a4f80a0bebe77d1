import { setTimeout as sleep } from 'node:timers/promises'
import { type Runner, run, type TaskList } from 'graphile-worker'
import type { Coin } from '../coin.ts'
import { openDatabase, type Tx } from '../db/database.ts'
import { messageOf } from '../db/storable.ts'
import { appJobs } from './app-jobs.ts'
import { keepBooks } from './bookkeeping.ts'
import { deliveryTask } from './deliver.ts'
import { type Keeper, startKeeper } from './keeper.ts'
import { listeners } from './listeners.ts'
import { type Log, queueLogger, stderrLog } from './log.ts'
import { adoptDeliveries, relay } from './relay.ts'
import { rescue } from './rescue.ts'
import { queueTask } from './task.ts'
import { tick } from './tick.ts'

export interface WorkerOptions {
  /** Jobs at once, each with a connection; 6 unless given. */
  readonly concurrency?: number
  readonly log?: Log
}

export interface RunningWorker {
  /** Takes no more jobs, waits for those that run, and lets go of everything. */
  stop(): Promise<void>
}

/** Runs jobs, the relay of the outbox and the clock until stopped. Any number of workers share a database. */
export async function startWorker(coin: Coin, options: WorkerOptions = {}): Promise<RunningWorker> {
  const { concurrency = 6, log = stderrLog } = options
  const stopping = new AbortController()
  const parts = [appJobs, listeners, ...coin.background].map(part => part(coin))
  const consumers = parts.flatMap(part => part.consumers ?? [])
  const handlers = consumers.flatMap(consumer => Object.keys(consumer.handlers))
  const tasks = Object.entries(Object.assign({}, ...parts.map(part => part.tasks)) as NonNullable<(typeof parts)[number]['tasks']>)
  const deliveries = consumers
    .flatMap(consumer => Object.entries(consumer.handlers))
    .map(([handler, task]) => [deliveryTask(handler), task] as const)
  const taskList: TaskList = Object.fromEntries(
    [...tasks, ...deliveries].map(([name, task]) => [name, queueTask(coin, name, task, log, stopping.signal)]),
  )

  const keeper = startKeeper(
    coin.database.url,
    log,
    rounds(
      async db => {
        let moved = false
        while ((await relay(db, consumers)) > 0 && !stopping.signal.aborted) moved = true
        return moved
      },
      [
        { every: 2500, work: rescue },
        { every: 5000, work: db => tick(db, coin.registry) },
        { every: 30_000, work: db => adoptDeliveries(db, handlers) },
      ],
    ),
  )
  const queue = openDatabase(coin.database.url, { max: concurrency + 1, name: 'coin jobs' })
  const events = keepBooks(queue.pool, log)
  const start = () =>
    run({
      pgPool: queue.pool,
      events,
      taskList,
      concurrency,
      pollInterval: 1000,
      noHandleSignals: true,
      logger: queueLogger(log),
      // no batches of its own: after a second failure to write one it would never stop
      preset: { plugins: [signsOn(keeper, stopping.signal)] },
    })
  let runner: Runner
  try {
    runner = await start()
  } catch (error) {
    await keeper.stop()
    await queue.close()
    throw error
  }

  const services = parts.flatMap(part => part.services ?? []).map(service => service({ log, signal: stopping.signal }))

  // the queue gives up when the database has been away for minutes
  const supervision = (async () => {
    for (;;) {
      const ended = await runner.promise.catch(messageOf)
      if (stopping.signal.aborted) return
      log.warn(`The job queue stopped, and starts again: ${ended ?? 'without an error'}`)
      keeper.abandon()
      for (let again = true; again && !stopping.signal.aborted; ) {
        await sleep(1000, undefined, { signal: stopping.signal }).catch(() => {})
        again = await start().then(
          started => {
            runner = started
            return false
          },
          () => true,
        )
      }
      if (stopping.signal.aborted) await runner.stop().catch(() => {})
    }
  })()

  return {
    async stop() {
      if (stopping.signal.aborted) return
      stopping.abort()
      await runner.stop().catch(() => {})
      await supervision
      await Promise.all(services)
      await keeper.stop()
      await queue.close()
    },
  }
}

// no job is taken before the others can know that its worker lives
const signsOn = (keeper: Keeper, stopping: AbortSignal): GraphileConfig.Plugin => ({
  name: 'coin-signs-on',
  version: '1',
  worker: {
    hooks: {
      startWorker: (_context, { worker }) => Promise.race([keeper.signOn(worker.workerPool.id), aborted(stopping)]),
    },
  },
})

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))

interface Chore {
  /** Milliseconds. */
  readonly every: number
  work(db: Tx, self: string): Promise<unknown>
}

/** What is done each time, and what only when it is due; the first time everything is. */
function rounds(always: (db: Tx) => Promise<boolean>, chores: readonly Chore[]): (db: Tx, self: string) => Promise<boolean> {
  const next = chores.map(() => 0)
  return async (db, self) => {
    const busy = await always(db)
    for (const [index, { every, work }] of chores.entries()) {
      if (performance.now() < (next[index] ?? 0)) continue
      await work(db, self)
      next[index] = performance.now() + every
    }
    return busy
  }
}
