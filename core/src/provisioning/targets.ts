import type { AnyBackend, BackendIo, Json, Target } from '../app/backend.ts'
import { CoinError } from '../errors.ts'

/** How long a target stays open after its last use. */
const linger = 10_000
/** How long it may take to close: what does not is left behind. */
const closing = 2000

interface Opened {
  readonly target: Promise<Target<Json>>
  /** Of whom it was opened for: a target may end with it. */
  readonly signal: AbortSignal
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
    const closed = entry.target.then(target => target.close?.()).catch(() => {})
    const limit = Promise.withResolvers<void>()
    const timer = setTimeout(limit.resolve, closing)
    await Promise.race([closed, limit.promise])
    clearTimeout(timer)
  }

  return {
    async use(backend, io, patience, work) {
      const known = opened.get(backend.name)
      const entry: Opened =
        known && !known.bad && !known.signal.aborted
          ? known
          : { target: openOne(backend, io, patience), signal: io.signal, users: 0, bad: false }
      // the other one is let go of when nobody uses it any more
      if (known && known !== entry) {
        known.bad = true
        if (known.users === 0) void discard(backend.name, known)
      }
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

const ofTargets = new WeakSet<Error>()

/** Whether a call to a target has thrown it, and not the database or Coin itself. */
export const isOfTarget = (error: unknown): boolean => error instanceof Error && ofTargets.has(error)

/** Says that a target has given this error as its answer. */
export function ofTarget(error: Error): Error {
  ofTargets.add(error)
  return error
}

/** Waits for `work` for so many seconds; then its signal is aborted, and the target counts as silent. */
export async function withPatience<R>(io: BackendIo, seconds: number, work: (io: BackendIo) => Promise<R>): Promise<R> {
  const limit = new AbortController()
  const silence = Promise.withResolvers<never>()
  // nothing is left on the signal of a worker, which lives for long
  const stop = () => {
    silence.reject(new CoinError('unavailable', 'Interrupted: this process stops.'))
    limit.abort()
  }
  const timer = setTimeout(() => {
    silence.reject(new CoinError('unavailable', 'No answer in {{seconds}} s.', { values: { seconds } }))
    limit.abort()
  }, seconds * 1000)
  silence.promise.catch(() => {})
  if (io.signal.aborted) stop()
  else io.signal.addEventListener('abort', stop, { once: true })
  try {
    // who has lost the lane begins nothing more: it is another's
    return await Promise.race([limit.signal.aborted ? silence.promise : work({ ...io, signal: limit.signal }), silence.promise])
  } catch (error) {
    if (error instanceof Error) ofTargets.add(error)
    throw error
  } finally {
    clearTimeout(timer)
    io.signal.removeEventListener('abort', stop)
  }
}
