import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { CoinError } from '../errors.ts'

/** Processes that serve pages on the same port. */
export interface WebProcesses {
  close(): Promise<void>
}

const most = 64
/** How long a process that ended at once is waited for before another takes its place, in milliseconds. */
const pause = 1000

/** How many processes serve pages, from `COIN_WEB`: one unless it says more. */
export function webProcesses(text: string | undefined): number {
  if (!text) return 1
  if (text === 'auto') return availableParallelism()
  const count = Number(text)
  if (/^\d{1,2}$/.test(text) && count >= 1 && count <= most) return count
  throw new CoinError('boot', 'COIN_WEB is {{text}}, which is not a number of processes.', {
    values: { text },
    hint: 'Give a number such as 2, or `auto` for one per processor.',
  })
}

/**
 * Starts so many processes of `coin serve --no-work`, which share the port; resolves once all listen. One that ends is replaced. Ends the
 * start when one cannot even begin: it has said why.
 */
export async function startWebProcesses(count: number): Promise<WebProcesses> {
  cluster.setupPrimary({
    exec: process.argv[1] ?? '',
    args: ['serve', '--no-work'],
    // what they say is said once, by this process
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const running = new Set<Worker>()
  let closing = false
  const fork = () => {
    const worker = cluster.fork({ COIN_WEB: '' })
    running.add(worker)
    worker.once('exit', () => {
      running.delete(worker)
    })
    return worker
  }
  const keep = (worker: Worker) =>
    worker.once('exit', code => {
      if (closing) return
      console.error(`A web process ended with ${code}; another takes its place.`)
      setTimeout(() => closing || keep(fork()), pause).unref()
    })
  const close = async () => {
    closing = true
    const ended = [...running].map(worker => once(worker, 'exit'))
    for (const worker of running) worker.process.kill('SIGTERM')
    await Promise.all(ended)
  }
  const first = Array.from({ length: count }, fork)
  try {
    await Promise.all(first.map(listening))
  } catch (error) {
    await close()
    throw error
  }
  for (const worker of first) keep(worker)
  return { close }
}

/** Ends the line to the process that started this one, which would keep it running. */
export function leaveOthers(): void {
  if (cluster.isWorker) process.disconnect?.()
}

async function listening(worker: Worker): Promise<void> {
  const ended = once(worker, 'exit').then(() => {
    throw new CoinError('boot', 'A web process could not start.', { hint: 'The lines above say why.' })
  })
  await Promise.race([once(worker, 'listening'), ended])
  ended.catch(() => {})
}
