import type { AnyBackend, BackendIo, Difference, Json, Target } from '../app/backend.ts'
import type { Coin } from '../coin.ts'
import { loadConfigurations } from '../configurations/queries.ts'
import { serves, type Want, wantOf } from './backends.ts'
import { compare } from './compare.ts'
import { maskDifferences, withoutSecrets } from './mask.ts'
import { wordsOf } from './messages.ts'
import {
  type Counts,
  goneOf,
  type Known,
  keepAgreement,
  keepDoubt,
  keepDrift,
  knownAgain,
  type Sweep,
  tellProgress,
} from './sweep-state.ts'
import { ofTarget, withPatience } from './targets.ts'
import { engineTransaction } from './transaction.ts'
import { isUnreachable } from './unreachable.ts'

/** Told of the counts as they grow. */
export type OnProgress = (counts: Readonly<Counts>) => void

/** A sweep at work. */
export interface Work {
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

interface Judged {
  readonly known: Known
  readonly want: Want
  readonly difference: readonly Difference[]
}

/** Compares some configurations with what was found; what differs is read once more before it counts. Without `found` they are read. */
export async function judge(work: Work, all: readonly Known[], found: ReadonlyMap<string, Json> | undefined): Promise<void> {
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

/** What is wanted of some configurations, and that nothing is of those that are gone. */
export async function wantsOf({ coin, backend }: Work, some: readonly Known[]): Promise<{ known: Known; want: Want }[]> {
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

async function tell(work: Work): Promise<void> {
  work.onProgress(work.counts)
  if (performance.now() < work.toldAt + 250) return
  await tellProgress(work.coin.database.db, work.sweep.id, work.counts)
  work.toldAt = performance.now()
}
