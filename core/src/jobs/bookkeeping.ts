import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import type { WorkerEvents } from 'graphile-worker'
import type pg from 'pg'
import { messageOf } from '../db/storable.ts'
import type { Log } from './log.ts'

/**
 * The job queue does not wait for what it writes about a job that has ended: when the database goes away at that moment, nobody is there to
 * catch it. On this pool, and with these events, it is said and passed over: the job is looked after by whoever asks next. Anything else that
 * goes wrong then is thrown as before.
 */
export function keepBooks(pool: pg.Pool, log: Log): WorkerEvents {
  // between these events it begins to write, and what it begins keeps the mark for as long as it takes
  const isBookkeeping = new AsyncLocalStorage<boolean>()
  const events: WorkerEvents = new EventEmitter()
  for (const ended of ['job:success', 'job:error'] as const) events.on(ended, () => isBookkeeping.enterWith(true))
  events.on('job:complete', () => isBookkeeping.enterWith(false))

  const passOver = (error: unknown) => {
    if (!isConnectionLost(error)) throw error
    log.warn(`What became of a job was not written down, the database was away: ${messageOf(error)}`)
    return { rows: [], rowCount: 0 }
  }
  const connect = pool.connect.bind(pool)
  const connectForBooks = async () => {
    const client = await connect().catch(passOver)
    if (!('release' in client)) return { query: async () => client, release() {} }
    return { query: (query: pg.QueryConfig) => client.query(query).catch(passOver), release: () => client.release() }
  }
  const connectFor = (done?: Parameters<typeof connect>[0]) =>
    done ? connect(done) : isBookkeeping.getStore() ? connectForBooks() : connect()
  Object.assign(pool, { connect: connectFor })
  return events
}

/** What the queue itself tries again, for long. */
const triedAgain = new Set(['EHOSTUNREACH', 'ETIMEDOUT'])
const words =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed)|Cannot use a pool after calling end)/

/** Whether there was nobody to answer, and not an answer that refuses something. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException
  // said by a server that ends: the class 08, or that it was shut down or has crashed
  if ('severity' in error) return /^(08...|57P0[12])$/.test(code)
  return words.test(error.message) || (/^(connect|read|write|getaddrinfo)$/.test(syscall) && !triedAgain.has(code))
}
