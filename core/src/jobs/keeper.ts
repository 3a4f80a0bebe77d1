import { setTimeout as sleep } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/node-postgres'
import { type Database, openDatabase, type Tx } from '../db/database.ts'
import { messageOf } from '../db/storable.ts'
import type { Log } from './log.ts'
import { letGo, signOff, signOn } from './rescue.ts'

// between rounds, and for how long after one that had work they follow sooner: what changes a lot is told within milliseconds
const pause = 200
const shortPause = 15
const busyFor = 3000

export interface Keeper {
  /** Tells the other workers that `worker` lives; returns once they can know. */
  signOn(worker: string): Promise<void>
  /** The worker that signed on has ended: the others free what it may have left locked. */
  abandon(): void
  stop(): Promise<void>
}

interface Session {
  readonly db: Tx
  readonly on: Set<string>
  readonly isLost: () => boolean
  close(): Promise<void>
}

/** Holds a session of its own, in which `round` is called again and again, sooner after it said that it had work; opens another one when it is lost. */
export function startKeeper(url: string, log: Log, round: (db: Tx, self: string) => Promise<boolean>): Keeper {
  const stopping = new AbortController()
  const database = openDatabase(url, { max: 1, name: 'coin worker' })
  const waiting: (() => void)[] = []
  let worker = ''
  let session: Session | undefined
  let complaint = ''
  let busyUntil = 0

  const turn = async () => {
    session ??= await openSession(database)
    for (const left of [...session.on].filter(id => id !== worker)) {
      await letGo(session.db, left)
      session.on.delete(left)
    }
    if (worker === '') return
    if (!session.on.has(worker)) {
      await signOn(session.db, worker)
      session.on.add(worker)
    }
    for (const resolve of waiting.splice(0)) resolve()
    if (await round(session.db, worker)) busyUntil = performance.now() + busyFor
    complaint = ''
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await turn()
      } catch (error) {
        if (complaint !== messageOf(error)) log.warn(`The worker cannot look after the queue, and tries again: ${messageOf(error)}`)
        complaint = messageOf(error)
        if (session?.isLost()) await session.close()
        if (session?.isLost()) session = undefined
        await sleep(1000, undefined, { signal: stopping.signal }).catch(() => {})
      }
      await sleep(performance.now() < busyUntil ? shortPause : pause, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()

  return {
    signOn(id) {
      worker = id
      return new Promise(resolve => waiting.push(resolve))
    },
    abandon() {
      worker = ''
    },
    async stop() {
      stopping.abort()
      await loop
      if (session && !session.isLost()) for (const id of session.on) await signOff(session.db, id).catch(() => {})
      await session?.close()
      await database.close()
    },
  }
}

async function openSession(database: Database): Promise<Session> {
  const client = await database.pool.connect()
  let lost = false
  const lose = () => {
    lost = true
  }
  client.on('error', lose)
  client.on('end', lose)
  // a machine that vanished is noticed within seconds; without effect on a local socket
  await client.query('SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2')
  return {
    db: drizzle(client) as unknown as Tx,
    on: new Set(),
    isLost: () => lost,
    async close() {
      lost = true
      client.release(true)
    },
  }
}
