import type { AnyBackend, BackendIo, Json, Target } from '../app/backend.ts'
import { CoinError } from '../errors.ts'

/** How long a target stays open after its last use. */
const linger = 10_000

interface Opened {
  readonly target: Promise<Target<Json>>
  users: number
  timer?: NodeJS.Timeout
  bad: boolean
}

/** Open targets of one process: opened once, shared by all who use them at a time, closed after a while of rest. */
export interface Targets {
  /** Lends a backend's target to `work`. When `work` throws, the target is opened anew for the next. */
  use<R>(backend: AnyBackend, io: BackendIo, patience: number, work: (target: Target<Json>, io: BackendIo) => Promise<R>): Promise<R>
  close(): Promise<void>
}

export function openTargets(): Targets {
  const opened = new Map<string, Opened>()

  const discard = async (name: string, entry: Opened) => {
    clearTimeout(entry.timer)
    if (opened.get(name) === entry) opened.delete(name)
    await entry.target.then(target => target.close?.()).catch(() => {})
  }

  return {
    async use(backend, io, patience, work) {
      const known = opened.get(backend.name)
      const entry: Opened = known && !known.bad ? known : { target: openOne(backend, io, patience), users: 0, bad: false }
      opened.set(backend.name, entry)
      clearTimeout(entry.timer)
      entry.users++
      try {
        return await work(await entry.target, io)
      } catch (error) {
        // a new one is opened for the next; those that still use this one end first
        entry.bad = true
        if (opened.get(backend.name) === entry) opened.delete(backend.name)
        throw error
      } finally {
        entry.users--
        if (entry.users === 0 && entry.bad) await discard(backend.name, entry)
        else if (entry.users === 0) {
          entry.timer = setTimeout(() => void discard(backend.name, entry), linger)
          entry.timer.unref()
        }
      }
    },
    async close() {
      await Promise.all([...opened].map(([name, entry]) => discard(name, entry)))
    },
  }
}

const openOne = (backend: AnyBackend, io: BackendIo, patience: number): Promise<Target<Json>> =>
  withPatience(io, patience, async inner => {
    try {
      return await backend.spec.open(inner)
    } catch (error) {
      throw new Unreachable(error)
    }
  })

/** What `open` threw: nothing is known of the target. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'Unreachable'
  }
}

/** Waits for `work` for so many seconds; then its signal is aborted, and the target counts as silent. */
export async function withPatience<R>(io: BackendIo, seconds: number, work: (io: BackendIo) => Promise<R>): Promise<R> {
  const limit = new AbortController()
  const signal = AbortSignal.any([io.signal, limit.signal])
  const timer = setTimeout(() => limit.abort(), seconds * 1000)
  const silence = new Promise<never>((_resolve, reject) => {
    const speak = () =>
      reject(
        limit.signal.aborted
          ? new CoinError('unavailable', 'No answer in {{seconds}} s.', { values: { seconds } })
          : new CoinError('unavailable', 'Interrupted: this process stops.'),
      )
    if (signal.aborted) speak()
    else signal.addEventListener('abort', speak, { once: true })
  })
  try {
    return await Promise.race([work({ ...io, signal }), silence])
  } finally {
    clearTimeout(timer)
  }
}
