import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyBackend } from '../app/backend.ts'
import type { Actor } from '../app/scope.ts'
import type { Coin } from '../coin.ts'
import { askSweep } from '../provisioning/ask.ts'
import { careOf } from '../provisioning/backends.ts'
import { driveUntil } from '../provisioning/driver.ts'
import { type SweepRow, sweepsOf } from '../provisioning/overview-queries.ts'
import { runSweep } from '../provisioning/sweep.ts'
import { foundWords } from '../provisioning/sweep-words.tsx'
import type { CliContext } from './context.ts'
import { print } from './output.ts'
import { type Gauge, openGauge } from './progress.ts'
import { asks, chosenBackends, differs, interrupted } from './sync-common.ts'
import { dropSweep, holdSweep, leftOf, moveChanges, takeSweep } from './sync-sweep.ts'

interface RunOptions {
  readonly backend?: string
  readonly heal?: 'all' | 'configurations' | 'none'
  readonly confirm?: boolean
}

interface Run extends RunOptions {
  readonly coin: Coin
  readonly actor: Actor
  readonly gauge: Gauge
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** Compares whole targets and puts right what may be, in this process, then waits until it is. */
export async function runSync(context: CliContext, options: RunOptions): Promise<void> {
  context.subject = 'sync'
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const gauge = openGauge(context)
  try {
    await context.withCoin(async ({ registry }, actor) => {
      const backends = chosenBackends(registry, options.backend)
      // the engine works on several things at once
      const coin = await context.open(10)
      const results: Result[] = []
      for (const backend of backends) {
        if (stopping.signal.aborted) break
        const result = await runOne({ ...options, coin, actor, gauge, signal: stopping.signal }, backend)
        if (result) results.push(result)
      }
      const stopped = stopping.signal.aborted
      print(context, { sweeps: results, interrupted: stopped }, () =>
        [...results.map(told), ...(stopped ? ['Interrupted. Ask again, and it goes on.'] : [])].join('\n'),
      )
      context.exitCode = exitCodeOf(results, stopped)
    })
  } finally {
    gauge.end()
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

interface Result {
  readonly backend: string
  readonly sweep: SweepRow
  /** Still not as it should be after what could be done. */
  readonly left: number
}

const log = { info() {}, warn: (message: string) => void process.stderr.write(`${message}\n`) }

/** Undefined when it was interrupted before there was anything to tell. */
async function runOne(run: Run, backend: AnyBackend): Promise<Result | undefined> {
  const { coin, gauge, signal } = run
  const { name } = backend
  // what waits already is done first: what changes is not compared
  if ((run.heal ?? careOf(coin.registry, name).heal) !== 'none') {
    await moveChanges(coin)
    const { waiting, down } = await leftOf(coin, name)
    if (waiting > 0 && !down) await settle(run, name, waiting)
  }
  const own = await ownSweep(run, name)
  if (!own) return undefined
  const { id } = own
  gauge.begin(`Comparing ${name}`, 0)
  try {
    await runSweep(coin, id, { log, signal }, counts => gauge.update(counts.compared, counts.total, `${counts.listed} read`))
  } catch (error) {
    await dropSweep(coin, id)
    if (!signal.aborted) throw error
  } finally {
    own.release()
  }
  gauge.end()
  const sweep = (await sweepsOf(coin.database.db, name, 100)).find(one => one.id === id)
  if (!sweep) return undefined
  if (sweep.status === 'done' && sweep.healed > 0 && !signal.aborted) await settle(run, name, sweep.healed)
  return { backend: name, sweep, left: (await leftOf(coin, name)).off }
}

interface Own {
  readonly id: number
  release(): void
}

/** Asks for a sweep that no worker takes; waits for one that a worker has. */
async function ownSweep({ coin, actor, heal, confirm = false, gauge, signal }: Run, backend: string): Promise<Own | undefined> {
  const wish = { backend, confirmed: confirm, by: actor.label, ...(heal && { heal }) }
  for (let waits = false; !signal.aborted; waits = true) {
    const id = await coin.transaction(actor, tx => takeSweep(tx, wish, () => askSweep(tx, coin.registry, wish)))
    const hold = id === undefined ? undefined : await holdSweep(coin, id)
    if (id !== undefined && hold) {
      if (waits) gauge.end()
      return { id, release: hold.release }
    }
    if (!waits) gauge.begin(`${backend} is being compared already`, 0)
    const [running] = await sweepsOf(coin.database.db, backend, 1)
    gauge.update(running?.compared ?? 0, running?.total ?? 0, '')
    await sleep(500, undefined, { signal }).catch(() => {})
  }
  return undefined
}

/** Works on what is due, in this process, until all of it was tried. */
async function settle({ coin, gauge, signal }: Run, backend: string, total: number): Promise<void> {
  gauge.begin(`Putting right ${backend}`, total)
  await driveUntil(coin, { log, signal }, async () => {
    const { waiting, down } = await leftOf(coin, backend)
    gauge.update(Math.max(0, total - waiting), total, '')
    return waiting === 0 || down
  })
  gauge.end()
}

function told({ backend, sweep, left }: Result): string {
  if (sweep.status === 'failed') return `${backend}: cannot be compared: ${sweep.message ?? ''}`
  const what = `${backend}: ${foundWords(sweep)}.`
  if (sweep.status === 'asks') return `${what} ${sweep.message ?? ''} Nothing was put right: look at it, then add --confirm.`
  return left > 0 ? `${what} ${left} still not as they should be: see \`coin sync status\`.` : what
}

function exitCodeOf(results: readonly Result[], stopped: boolean): number {
  if (stopped) return interrupted
  if (results.some(({ sweep }) => sweep.status === 'failed')) return 1
  if (results.some(({ sweep }) => sweep.status === 'asks')) return asks
  return results.some(({ left }) => left > 0) ? differs : 0
}
