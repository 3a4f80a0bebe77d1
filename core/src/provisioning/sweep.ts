import type { BackendIo, Json } from '../app/backend.ts'
import type { Coin } from '../coin.ts'
import { isDatabaseError } from '../db/storable.ts'
import type { Log } from '../jobs/log.ts'
import { backendNamed, careOf } from './backends.ts'
import { healSweep } from './heal.ts'
import { adopt } from './mark.ts'
import { wordsOf } from './messages.ts'
import { judge, type OnProgress, type Work } from './sweep-judge.ts'
import { findOrphans } from './sweep-orphans.ts'
import { beginSweep, countExpected, endSweep, holdersOf, keepUnverifiable, knownAfter, noCounts } from './sweep-state.ts'
import { markDown } from './target-state.ts'
import { isOfTarget, openTargets, withPatience } from './targets.ts'
import { engineTransaction } from './transaction.ts'
import { isUnreachable } from './unreachable.ts'

/** Configurations looked at together. */
const page = 1000

/** Batches that are compared at the same time: one waits for the database while the other computes. */
const together = 2

/** Entries of a target that no configuration explains: more than these are not all kept. */
const mostSuspects = 100_000

/**
 * Compares a whole target with what should be there, keeps what differs, and puts right what the sweep may. The target is read in batches and
 * nothing of it is kept but its orphans, so that memory does not grow with it. What changes while it is looked at is not judged. A target that
 * cannot be read makes the sweep fail, and what was thought to agree `not_verifiable`. Safe to repeat after a crash.
 */
export async function runSweep(
  coin: Coin,
  id: number,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
  onProgress: OnProgress = () => {},
): Promise<void> {
  const { db } = coin.database
  const sweep = await beginSweep(db, id)
  if (!sweep) return
  const counts = noCounts()
  const backend = backendNamed(coin.registry, sweep.backend)
  if (!backend) return endSweep(db, sweep, counts, { status: 'failed', message: 'No installed app brings this backend.' })
  const { patience } = careOf(coin.registry, backend.name)
  const io: BackendIo = { log, signal }
  const targets = openTargets()
  try {
    await engineTransaction(coin, tx => adopt(tx, coin.registry))
    counts.total = await countExpected(db, backend.name)
    await targets.use(backend, io, patience, async target => {
      const work: Work = {
        ...{ coin, backend, target, io, patience, sweep, counts, onProgress },
        ...{ seen: new Set(), suspects: new Map(), toldAt: 0 },
      }
      await coin.asSystem(`sweep ${backend.name}`, async () => {
        const { list } = target
        if (list) await compareListed(work, inner => list.call(target, inner))
        await compareOthers(work)
        await findOrphans(work)
      })
    })
  } catch (error) {
    // what the database says is not about the target: it is done once more
    if (signal.aborted || (!isOfTarget(error) && (isDatabaseError(error) || isUnreachable(error)))) throw error
    const message = wordsOf(error)
    if (isUnreachable(error)) await markDown(db, backend.name, message)
    await engineTransaction(coin, async tx => {
      await keepUnverifiable(tx, backend.name, message)
      await endSweep(tx, sweep, counts, { status: 'failed', message })
    })
    return onProgress(counts)
  } finally {
    await targets.close()
  }
  await engineTransaction(coin, tx => healSweep(tx, coin.registry, sweep, counts))
  onProgress(counts)
}
/** What is there, batch after batch: the next one is read while others are compared. */
async function compareListed(work: Work, list: (io: BackendIo) => AsyncIterable<ReadonlyMap<string, Json>>): Promise<void> {
  const { io, patience, coin, backend } = work
  const ended = new AbortController()
  const batches = list({ ...io, signal: AbortSignal.any([io.signal, ended.signal]) })[Symbol.asyncIterator]()
  const next = () => withPatience(io, patience, () => batches.next())
  const judging: Promise<void>[] = []
  try {
    let reading = next()
    for (;;) {
      const { done, value } = await reading
      if (done) return void (await Promise.all(judging))
      reading = next()
      // when the comparison fails, nobody waits for what was being read
      reading.catch(() => {})
      work.counts.listed += value.size
      const holders = await holdersOf(coin.database.db, backend.name, [...value.keys()])
      const held = new Set(holders.map(({ key }) => key))
      for (const [key, there] of value) if (!held.has(key) && work.suspects.size < mostSuspects) work.suspects.set(key, there)
      if (judging.length >= together) await judging.shift()
      const judged = judge(work, holders, value)
      judged.catch(() => {})
      judging.push(judged)
    }
  } finally {
    ended.abort()
    // not waited for: one that is silent in the middle of a batch would hold the sweep up for ever
    batches.return?.().catch(() => {})
    await Promise.allSettled(judging)
  }
}

/** Configurations that the list did not show: missing, or rightly so. Of a target that cannot be listed, all of them are read. */
async function compareOthers(work: Work): Promise<void> {
  const { coin, backend, target } = work
  for (let last = 0; ; ) {
    const some = await knownAfter(coin.database.db, backend.name, last, page)
    const end = some.at(-1)
    if (!end) return
    last = Number(end.id)
    const left = some.filter(({ id }) => !work.seen.has(Number(id)))
    await judge(work, left, target.list ? work.suspects : undefined)
  }
}
