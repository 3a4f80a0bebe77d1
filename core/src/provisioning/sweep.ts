import type { AnyBackend, BackendIo, Difference, Json, Target } from '../app/backend.ts'
import type { Coin } from '../coin.ts'
import { loadConfigurations } from '../configurations/queries.ts'
import { isDatabaseError } from '../db/storable.ts'
import type { Log } from '../jobs/log.ts'
import { backendNamed, careOf, isKeepable, serves, type Want, wantOf } from './backends.ts'
import { compare } from './compare.ts'
import { healSweep } from './heal.ts'
import { adopt } from './mark.ts'
import { maskDifferences, maskValue, withoutSecrets } from './mask.ts'
import { wordsOf } from './messages.ts'
import {
  beginSweep,
  type Counts,
  countExpected,
  endSweep,
  goneOf,
  holdersOf,
  type Known,
  keepAgreement,
  keepDoubt,
  keepDrift,
  keepOrphans,
  keepUnverifiable,
  knownAfter,
  knownAgain,
  noCounts,
  type Sweep,
  tellProgress,
} from './sweep-state.ts'
import { markDown } from './target-state.ts'
import { isOfTarget, ofTarget, openTargets, withPatience } from './targets.ts'
import { engineTransaction } from './transaction.ts'
import { isUnreachable } from './unreachable.ts'

/** Configurations looked at together. */
const page = 1000

/** Batches that are compared at the same time: one waits for the database while the other computes. */
const together = 2

/** Entries of a target that no configuration explains: more than these are not all kept. */
const mostSuspects = 100_000

export type OnProgress = (counts: Readonly<Counts>) => void

interface Work {
  readonly coin: Coin
  readonly backend: AnyBackend
  readonly target: Target<Json>
  readonly io: BackendIo
  readonly patience: number
  readonly sweep: Sweep
  readonly counts: Counts
  readonly onProgress: OnProgress
  /** Configurations that have been judged. */
  readonly seen: Set<number>
  /** What is there under keys that nobody holds. */
  readonly suspects: Map<string, Json>
  toldAt: number
}

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

interface Judged {
  readonly known: Known
  readonly want: Want
  readonly difference: readonly Difference[]
}

/** Compares some configurations with what was found; what differs is read once more before it counts. Without `found` they are read. */
async function judge(work: Work, all: readonly Known[], found: ReadonlyMap<string, Json> | undefined): Promise<void> {
  const { counts, backend, coin, seen } = work
  for (const { id } of all) seen.add(Number(id))
  const calm = all.filter(known => !known.due)
  counts.changing += all.length - calm.length
  const wantsAll = await wantsOf(work, calm)
  const read = found ? undefined : await readAll(work, wantsAll)
  const there = found ?? read?.there ?? new Map<string, Json>()
  counts.listed += read?.there.size ?? 0
  const unreadable = read?.errors ?? new Map<string, string>()
  const wants = wantsAll.filter(({ want }) => !unreadable.has(want.key))
  const differing = differ(work, wants, there)
  const again =
    differing.length === 0 || !found ? { confirmed: differing, errors: new Map<string, string>() } : await lookAgain(work, differing)
  const { confirmed } = again
  counts.compared += all.length
  counts.changing += differing.length - confirmed.length - again.errors.size
  counts.in_sync += wants.length - differing.length
  for (const { want, difference } of confirmed) {
    if (want.desired === undefined) counts.unwanted++
    else if (difference.length === 1 && difference[0]?.path === '' && difference[0].from === undefined) counts.missing++
    else counts.differing++
  }
  const kept = confirmed.map(({ known, difference }) => ({
    id: Number(known.id),
    asked: Number(known.asked),
    difference: shown(backend, difference),
  }))
  const agreeing = new Set(differing.map(({ known }) => known.id))
  const recovered = wants.filter(({ known }) => known.state !== 'in_sync' && !agreeing.has(known.id)).map(({ known }) => Number(known.id))
  const doubtful = wantsAll.flatMap(({ known, want }) => {
    const error = unreadable.get(want.key) ?? again.errors.get(want.key)
    return error === undefined ? [] : [{ id: Number(known.id), error }]
  })
  if (kept.length + recovered.length + doubtful.length > 0)
    await engineTransaction(coin, async tx => {
      await keepDoubt(tx, backend.name, doubtful)
      await keepDrift(tx, backend.name, kept)
      await keepAgreement(tx, backend.name, recovered)
    })
  await tell(work)
}

const shown = (backend: AnyBackend, difference: readonly Difference[]) => maskDifferences(backend, difference)

async function wantsOf({ coin, backend }: Work, some: readonly Known[]): Promise<{ known: Known; want: Want }[]> {
  const byId = new Map(some.map(known => [Number(known.id), known]))
  const rows = await loadConfigurations(coin.registry, coin.database.db, [...byId.keys()])
  const gone = await goneOf(
    coin.database.db,
    some,
    rows.filter(row => serves(backend, row.type as string)).map(({ id }) => id as number),
  )
  // of a configuration that went without a word, as from a restored copy, nothing is wanted where it was
  const left = gone.flatMap(known => (known.key === null ? [] : [{ known, want: { key: known.key, desired: undefined } }]))
  const wanted = rows.flatMap(row => {
    const known = byId.get(row.id as number)
    if (!known || !serves(backend, row.type as string)) return []
    try {
      return [{ known, want: wantOf(backend, row) }]
    } catch {
      // what an app cannot say fails when it is next looked at, with its words
      return []
    }
  })
  return [...wanted, ...left]
}

/** Nothing is wanted and nothing is there, or what is there is what is wanted, at the place where it is known to be. */
function differ({ backend, suspects }: Work, wants: readonly { known: Known; want: Want }[], there: ReadonlyMap<string, Json>): Judged[] {
  return wants.flatMap(({ known, want }) => {
    const key = want.key
    const observed = there.get(key) ?? suspects.get(key)
    if (want.desired === undefined)
      return observed === undefined ? [] : [{ known, want, difference: compare(backend, undefined, observed) }]
    const difference = compare(backend, want.desired, observed)
    return difference.length === 0 ? [] : [{ known, want, difference }]
  })
}

/** Those of them that still differ, and of which nothing was asked meanwhile; and why others cannot be read. */
async function lookAgain(work: Work, differing: readonly Judged[]): Promise<{ confirmed: Judged[]; errors: Read['errors'] }> {
  const { there, errors } = await readAll(work, differing)
  const ids = differing.map(({ known }) => Number(known.id))
  const now = new Map((await knownAgain(work.coin.database.db, work.backend.name, ids)).map(known => [Number(known.id), known]))
  const calm = differing.filter(({ known }) => {
    const again = now.get(Number(known.id))
    return again !== undefined && !again.due && Number(again.asked) === Number(known.asked)
  })
  const legible = calm.filter(({ want }) => !errors.has(want.key))
  return { confirmed: differ(work, legible, there), errors }
}

interface Read {
  readonly there: ReadonlyMap<string, Json>
  /** In words, of those that cannot be read. */
  readonly errors: ReadonlyMap<string, string>
}

async function readAll({ backend, target, io, patience }: Work, wants: readonly { want: Want }[]): Promise<Read> {
  const found = new Map<string, Json>()
  const errors = new Map<string, string>()
  const wanted = new Map(wants.map(({ want }) => [want.key, want.desired]))
  for (let from = 0; from < wants.length; from += backend.batch) {
    const keys = wants.slice(from, from + backend.batch).map(({ want }) => want.key)
    for (const [key, there] of await withPatience(io, patience, inner => target.read(keys, inner))) {
      if (there instanceof Error && isUnreachable(there)) throw ofTarget(there)
      if (there instanceof Error) errors.set(key, withoutSecrets(backend, wordsOf(there), [wanted.get(key)]))
      else found.set(key, there)
    }
  }
  return { there: found, errors }
}

/** What nobody holds or wants, and is still there: kept with its value, secrets masked. */
async function findOrphans(work: Work): Promise<void> {
  const { coin, backend, suspects, counts, target, io, patience, sweep } = work
  const orphans: { key: string; value: Json }[] = []
  const keys = [...suspects.keys()]
  for (let from = 0; from < keys.length; from += page) {
    const some = keys.slice(from, from + page)
    const left = new Map<string, Json>()
    for (let at = 0; at < some.length; at += backend.batch) {
      const part = some.slice(at, at + backend.batch)
      for (const [key, there] of await withPatience(io, patience, inner => target.read(part, inner)))
        if (!(there instanceof Error)) left.set(key, there)
    }
    // asked after it was read: who removes something lets go of its place only then
    const holders = await holdersOf(coin.database.db, backend.name, [...left.keys()])
    for (const { key } of holders) left.delete(key ?? '')
    for (const [key, value] of left) orphans.push({ key, value: maskValue(backend, value) })
  }
  const wanted = await wantedElsewhere(work, orphans)
  const found = orphans.filter(({ key }) => !wanted.has(key))
  counts.orphaned = found.length
  const kept = found.filter(({ key }) => isKeepable(key))
  if (kept.length < found.length) io.log.warn(`${found.length - kept.length} entries have names that cannot be kept: nobody is shown them`)
  await engineTransaction(coin, tx => keepOrphans(tx, sweep, kept))
}

/** Keys that a configuration wants, though it does not hold them: it is being moved there, or should not be there. */
async function wantedElsewhere(work: Work, orphans: readonly { key: string }[]): Promise<Set<string>> {
  const wanted = new Set<string>()
  if (orphans.length === 0) return wanted
  const asked = new Set(orphans.map(({ key }) => key))
  for (let last = 0; ; ) {
    const some = await knownAfter(work.coin.database.db, work.backend.name, last, page)
    const end = some.at(-1)
    if (!end) return wanted
    last = Number(end.id)
    for (const { want } of await wantsOf(
      work,
      some.filter(({ key }) => key === null || !asked.has(key)),
    ))
      if (asked.has(want.key)) wanted.add(want.key)
  }
}

async function tell(work: Work): Promise<void> {
  work.onProgress(work.counts)
  if (performance.now() < work.toldAt + 250) return
  await tellProgress(work.coin.database.db, work.sweep.id, work.counts)
  work.toldAt = performance.now()
}
