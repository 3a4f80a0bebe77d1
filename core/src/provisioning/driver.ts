import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import type { AnyBackend, BackendIo } from '../app/backend.ts'
import type { Coin } from '../coin.ts'
import { type Tx, withSettings } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'
import type { Service } from '../jobs/background.ts'
import { type Log, prefixed } from '../jobs/log.ts'
import { channel } from './ask.ts'
import { backendNamed, careOf } from './backends.ts'
import { adopt } from './mark.ts'
import { wordsOf } from './messages.ts'
import { reconcile } from './reconcile.ts'
import { lookAgain, settle, takeDue } from './state.ts'
import { markDown, markUp, takeProbes, wakeFailed } from './target-state.ts'
import { isOfTarget, openTargets, type Targets, withPatience } from './targets.ts'
import { engineTransaction } from './transaction.ts'
import { isUnreachable } from './unreachable.ts'

/** Lanes of one backend that one worker has at work at a time: while some read or keep their outcome, others write. */
const abreast = 8

/** How long until it looks by itself, should nobody have told it. */
const longest = 1000

/** How often it looks for targets to be probed, and has what failed tried again after a success; however much there is to do. */
const betweenProbes = 250
const betweenWakes = 1000

interface Lane {
  readonly backend: string
  /** Undefined: all of them, one batch after the other. */
  readonly lane: number | undefined
}

/**
 * Works on what is due, for as long as a worker runs. The lanes of a backend are worked on side by side, each by one worker at a time: who has
 * the session lock of a lane. When a worker dies, its session and so its lanes are free at once.
 */
export const drive =
  (coin: Coin): Service =>
  async ({ log, signal }) => {
    const targets = openTargets()
    const suspects: Drive['suspects'] = new Map()
    let complaint = ''
    while (!signal.aborted) {
      try {
        await withSession(coin, signal, async (session, ended) => {
          await session.turn(db => adopt(db, coin.registry))
          complaint = ''
          await driveSession({
            coin,
            targets,
            log: prefixed(log, 'provisioning'),
            session,
            signal: ended,
            wokenAt: new Map(),
            elsewhere: new Map(),
            suspects,
          })
        })
      } catch (error) {
        if (complaint !== wordsOf(error)) log.warn(`The network cannot be looked after, and it is tried again: ${wordsOf(error)}`)
        complaint = wordsOf(error)
      }
      await sleep(signal.aborted ? 0 : 1000, undefined, { signal }).catch(() => {})
    }
    await targets.close()
  }

interface Session {
  /** Runs a piece of work on the connection, after those before it: it takes one at a time. */
  turn<R>(work: (db: Tx) => Promise<R>): Promise<R>
  /** Resolves at the next notification, or when there is other news. */
  news(): Promise<void>
  poke(): void
}

/** A connection of its own, on which locks are held and news come. `ended` is aborted when it is lost or `signal` is. */
async function withSession(coin: Coin, signal: AbortSignal, work: (session: Session, ended: AbortSignal) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    // of a machine that vanished the lanes are free within seconds; without effect on a local socket
    connectionString: withSettings(coin.database.url, {
      TimeZone: coin.registry.timeZone,
      tcp_keepalives_idle: 3,
      tcp_keepalives_interval: 2,
      tcp_keepalives_count: 2,
    }),
    application_name: 'coin provisioning',
    keepAlive: true,
  })
  const lost = new AbortController()
  client.on('error', () => lost.abort())
  client.on('end', () => lost.abort())
  let pending = Promise.withResolvers<void>()
  const poke = () => {
    pending.resolve()
    pending = Promise.withResolvers<void>()
  }
  client.on('notification', poke)
  await client.connect()
  try {
    await client.query(`LISTEN ${channel}`)
    const db = drizzle(client) as unknown as Tx
    let last: Promise<unknown> = Promise.resolve()
    const turn = <R>(next: (db: Tx) => Promise<R>): Promise<R> => {
      const result = last.then(() => next(db))
      last = result.catch(() => {})
      return result
    }
    await work({ turn, news: () => pending.promise, poke }, AbortSignal.any([signal, lost.signal]))
  } finally {
    await client.end().catch(() => {})
  }
}

interface Drive {
  readonly coin: Coin
  readonly targets: Targets
  readonly log: Log
  readonly session: Session
  readonly signal: AbortSignal
  /** When what failed was last woken, by backend. */
  readonly wokenAt: Map<string, number>
  /** Lanes that another worker has, by name, and until when that is believed. */
  readonly elsewhere: Map<string, number>
  /** By lane: configurations at which the target stopped answering, and how often it did so at each alone. */
  readonly suspects: Map<string, Map<number, number>>
}

async function driveSession(drive: Drive): Promise<void> {
  const { coin, session, signal } = drive
  const names = coin.registry.backends.map(({ backend }) => backend.name)
  const running = new Map<string, Promise<void>>()
  const stopped = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
  const begin = (name: string, work: () => Promise<void>) => {
    running.set(
      name,
      work()
        // such as a session that is lost: the loop sees that by itself
        .catch(error => {
          if (!signal.aborted) drive.log.warn(`${name}: ${wordsOf(error)}`)
        })
        .finally(() => running.delete(name)),
    )
  }
  let lookForProbes = 0
  try {
    while (!signal.aborted) {
      const news = session.news()
      if (performance.now() >= lookForProbes) {
        lookForProbes = performance.now() + betweenProbes
        const unasked = names.filter(name => !running.has(`probe ${name}`))
        for (const { backend, key } of await session.turn(db => takeProbes(db, unasked)))
          begin(`probe ${backend}`, () => probe(drive, backend, key))
      }
      for (const lane of await session.turn(db => dueLanes(coin, db, names))) {
        const name = `${lane.backend}/${lane.lane ?? ''}`
        const sisters = [...running.keys()].filter(other => other.startsWith(`${lane.backend}/`)).length
        const isElsewhere = (drive.elsewhere.get(name) ?? 0) > performance.now()
        if (!running.has(name) && !isElsewhere && sisters < abreast) begin(name, () => runLane(drive, lane, name))
      }
      const rest = Promise.withResolvers<void>()
      const timer = setTimeout(rest.resolve, longest)
      await Promise.race([news, stopped, rest.promise])
      clearTimeout(timer)
    }
  } finally {
    await Promise.allSettled(running.values())
  }
}

async function dueLanes(coin: Coin, db: Tx, names: readonly string[]): Promise<Lane[]> {
  // the oldest of each lane by the index: however many are due
  const { rows } = await executePrepared<{ backend: string; lane: number }>(
    db,
    sql`
    SELECT b.backend, l.lane FROM unnest(${sql.param(names)}::text[]) AS b (backend) CROSS JOIN generate_series(0, 15) AS l (lane)
      CROSS JOIN LATERAL (SELECT s.due_at FROM provisioning_state s WHERE s.backend = b.backend AND s.lane = l.lane::smallint AND s.due_at <= now() ORDER BY s.due_at LIMIT 1) AS oldest
      LEFT JOIN provisioning_target t ON t.backend = b.backend
    WHERE t.down_since IS NULL ORDER BY oldest.due_at`,
  )
  const lanes = rows.map(
    ({ backend, lane }): Lane => ({ backend, lane: backendNamed(coin.registry, backend)?.spec.serial ? undefined : lane }),
  )
  return lanes.filter((each, index) => each.lane !== undefined || lanes.findIndex(({ backend }) => backend === each.backend) === index)
}

const lockOf = (name: string) => sql`hashtextextended('coin.lane:' || ${name}, 0)`

/** Takes a lane, works until nothing in it is due, and lets it go. */
async function runLane(drive: Drive, { backend: name, lane }: Lane, lockName: string): Promise<void> {
  const { coin, session, signal, log } = drive
  const backend = backendNamed(coin.registry, name)
  if (!backend) return
  const { rows } = await session.turn(db => db.execute<{ mine: boolean }>(sql`SELECT pg_try_advisory_lock(${lockOf(lockName)}) AS mine`))
  if (!rows[0]?.mine) {
    // there may be lanes that nobody has
    drive.elsewhere.set(lockName, performance.now() + longest)
    return session.poke()
  }
  try {
    while (!signal.aborted && (await runBatch(drive, backend, lane, lockName)));
  } catch (error) {
    if (!signal.aborted) log.warn(`${name}: ${wordsOf(error)}`)
    await sleep(1000, undefined, { signal }).catch(() => {})
  } finally {
    if (!signal.aborted) await session.turn(db => db.execute(sql`SELECT pg_advisory_unlock(${lockOf(lockName)})`)).catch(() => {})
  }
  // what was asked between the last look and the unlocking
  session.poke()
}

/** One batch of a lane. False when that was all, or the target does not answer. */
async function runBatch(drive: Drive, backend: AnyBackend, lane: number | undefined, laneName: string): Promise<boolean> {
  const { coin, targets, signal, log } = drive
  const { db } = coin.database
  const suspects = drive.suspects.get(laneName) ?? new Map<number, number>()
  // those at which it stopped answering go one by one, until it is known which of them it is
  const limit = suspects.size > 0 ? 1 : backend.batch
  const dues = await takeDue(db, backend.name, lane, limit)
  const [first] = dues
  if (!first) return false
  if (!suspects.has(Number(first.id))) suspects.clear()
  const io: BackendIo = { log: prefixed(log, backend.name), signal }
  const { patience } = careOf(coin.registry, backend.name)
  // who stops leaves it to those who go on
  const onLate = (ids: readonly number[]) => void engineTransaction(coin, tx => lookAgain(tx, backend.name, ids)).catch(() => {})
  try {
    const result = await targets.use(backend, io, patience, target =>
      coin.asSystem(`backend ${backend.name}`, () => reconcile({ coin, backend, target, io, patience, onLate }, dues)),
    )
    if (result.written > 0 && performance.now() >= (drive.wokenAt.get(backend.name) ?? 0) + betweenWakes) {
      drive.wokenAt.set(backend.name, performance.now())
      await wakeFailed(db, backend.name)
    }
    for (const { id } of dues) suspects.delete(Number(id))
    // what is asked meanwhile is seen when the lane has been let go
    return dues.length === limit
  } catch (error) {
    if (!isUnreachable(error) || !isOfTarget(error) || signal.aborted) throw error
    const alone = dues.length === 1 ? (suspects.get(Number(first.id)) ?? 0) + 1 : 0
    // it has answered others since, and is silent at this one again: that is no reason for the others to wait
    if (alone > 1) {
      await engineTransaction(coin, tx => settle(tx, backend.name, [{ ...first, error: wordsOf(error), gone: false }]))
      suspects.delete(Number(first.id))
      return true
    }
    drive.suspects.set(laneName, suspects)
    for (const { id } of dues) suspects.set(Number(id), alone)
    log.warn(`${backend.name} does not answer: ${wordsOf(error)}`)
    await markDown(db, backend.name, wordsOf(error))
    return false
  }
}

/** Asks a target that did not answer whether it does now; then everything that waited for it is due. */
async function probe({ coin, targets, signal, log, session }: Drive, name: string, key: string | null): Promise<void> {
  const backend = backendNamed(coin.registry, name)
  if (!backend) return
  const { patience } = careOf(coin.registry, name)
  const io: BackendIo = { log: prefixed(log, name), signal }
  try {
    const found = await targets.use(backend, io, patience, target =>
      withPatience(io, patience, inner => target.read(key === null ? [] : [key], inner)),
    )
    for (const there of found.values()) if (isUnreachable(there)) throw there
    await markUp(coin.database.db, name)
    log.info(`${name} answers again`)
    session.poke()
  } catch (error) {
    if (!signal.aborted) await markDown(coin.database.db, name, wordsOf(error)).catch(() => {})
  }
}

/** Looks after the network without a worker until `isDone`: for a command that waits for what it asked. */
export async function driveUntil(
  coin: Coin,
  io: { readonly log: Log; readonly signal: AbortSignal },
  isDone: () => Promise<boolean>,
): Promise<void> {
  const done = new AbortController()
  const driving = drive(coin)({ log: io.log, signal: AbortSignal.any([io.signal, done.signal]) })
  try {
    while (!io.signal.aborted && !(await isDone())) await sleep(100)
  } finally {
    done.abort()
    await driving
  }
}
