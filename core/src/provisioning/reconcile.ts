import { sql } from 'drizzle-orm'
import type { AnyBackend, BackendIo, Difference, Failures, Json, Target } from '../app/backend.ts'
import type { Coin } from '../coin.ts'
import { type AnyConfigurationRow, loadConfigurations } from '../configurations/queries.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { serves, type Want, wantOf } from './backends.ts'
import { compare } from './compare.ts'
import { withoutSecrets } from './mask.ts'
import { wordsOf } from './messages.ts'
import { claim, type Due, type Outcome, release, settle } from './state.ts'
import { isOfTarget, ofTarget, withPatience } from './targets.ts'
import { engineTransaction } from './transaction.ts'
import { isUnreachable } from './unreachable.ts'

/** One configuration on its way through a batch. */
interface Item extends Due {
  /** Undefined when it is gone, or no longer of this backend. */
  readonly want: Want | undefined
  readonly gone: boolean
  error?: unknown
  observed?: Json | undefined
}

export interface BatchResult {
  /** How many were written or removed. */
  readonly written: number
  readonly failed: number
}

interface Work {
  readonly coin: Coin
  readonly backend: AnyBackend
  readonly target: Target<Json>
  readonly io: BackendIo
  /** Seconds that a call may take. */
  readonly patience: number
  /** Told of those at which a call that nobody waited for any more has ended after all: it may have written what was wanted before. */
  readonly onLate?: (ids: readonly number[]) => void
}

/**
 * Makes a target agree with some configurations: what should be there against what is, applied, and read back. Those that are gone, or want
 * nothing there, and the old places of those that moved are removed first. Each has its outcome written. Throws when the target does not
 * answer: then nothing is written, and all of them stay due. Nobody else may work on the same configurations meanwhile.
 */
export async function reconcile(work: Work, dues: readonly Due[]): Promise<BatchResult> {
  const items = await load(work, dues)
  const { removed, written } = await putRight(work, items).catch(error => {
    const words = wordsOf(error)
    const shown = withoutSecrets(
      work.backend,
      words,
      items.flatMap(({ want, observed }) => [want?.desired, observed]),
    )
    // what it was is kept, unless its words are not for everybody
    if (shown === words) throw error
    const other = new CoinError(isUnreachable(error) ? 'unavailable' : 'refused', shown)
    throw isOfTarget(error) ? ofTarget(other) : other
  })
  const outcomes = items.map((item): Outcome => {
    const error = item.error === undefined ? null : withoutSecrets(work.backend, wordsOf(item.error), [item.want?.desired, item.observed])
    return { id: item.id, asked: item.asked, gone: item.gone, error }
  })
  // one that stays is one statement, which needs no transaction around it
  if (outcomes.length === 1 && !outcomes[0]?.gone) await settle(work.coin.database.db, work.backend.name, outcomes)
  else await transaction(work, tx => settle(tx, work.backend.name, outcomes))
  return { written: removed + written, failed: outcomes.filter(({ error }) => error !== null).length }
}

async function putRight(work: Work, items: Item[]): Promise<{ removed: number; written: number }> {
  const removed = await removeOutdated(work, items)
  await claimPlaces(work, items)
  return { removed, written: await writeWanted(work, items) }
}

const transaction = <R>({ coin }: Work, run: (tx: Tx) => Promise<R>): Promise<R> => engineTransaction(coin, run)

const sound = (items: readonly Item[]) => items.filter(({ error }) => error === undefined)

async function load({ coin, backend }: Work, dues: readonly Due[]): Promise<Item[]> {
  const { registry, database } = coin
  const ids = dues.map(({ id }) => id)
  const found = new Map((await loadConfigurations(registry, database.db, ids)).map(row => [row.id as number, row]))
  const lost = ids.filter(id => !found.has(id))
  const stranded = new Set<number>()
  if (lost.length > 0) {
    const { rows } = await database.db.execute<{ id: number }>(
      sql`SELECT id FROM configuration WHERE id = ANY (${sql.param(lost)}::bigint[])`,
    )
    for (const { id } of rows) stranded.add(Number(id))
  }
  return dues.map(due => {
    const row = found.get(due.id)
    if (!row && stranded.has(due.id))
      return {
        ...due,
        want: undefined,
        gone: false,
        error: new CoinError('refused', 'No installed app knows this configuration.', { hint: 'Add its app to coin.config.ts.' }),
      }
    if (!row || !serves(backend, row.type as string)) return { ...due, want: undefined, gone: true }
    return { ...due, gone: false, ...wanted(backend, row) }
  })
}

function wanted(backend: AnyBackend, row: AnyConfigurationRow): Pick<Item, 'want' | 'error'> {
  try {
    return { want: wantOf(backend, row) }
  } catch (error) {
    return { want: undefined, error }
  }
}

/** Removes what is at places that are not wanted any more, sees that it is gone, and lets go of the places. Returns how many there were. */
async function removeOutdated(work: Work, items: Item[]): Promise<number> {
  const places = new Map<string, Item>()
  for (const item of sound(items)) {
    const { key, want } = item
    if (key !== null && (want?.desired === undefined || want.key !== key)) places.set(key, item)
  }
  const nowhere = sound(items).filter(({ key, want }) => key === null && want && want.desired === undefined && !places.has(want.key))
  for (const item of await takePlaces(work, nowhere)) places.set(item.want?.key ?? '', item)
  if (places.size === 0) return 0
  const fail = (key: string, error: unknown) => {
    const item = places.get(key)
    if (item) item.error ??= error
  }
  const keys = [...places.keys()]
  const ids = [...places.values()].map(({ id }) => id)
  await many(work, keys, ids, fail, io => work.target.destroy(keys, io))
  const left = await readMany(work, keys)
  for (const [key, there] of left)
    fail(key, there instanceof Error ? there : new CoinError('refused', 'What was removed is still there: {{key}}', { values: { key } }))
  const released = [...places].filter(([, item]) => item.error === undefined)
  await transaction(work, tx =>
    release(
      tx,
      work.backend.name,
      released.map(([key, { id }]) => ({ id, key })),
    ),
  )
  return released.filter(([, { key }]) => key !== null).length
}

/**
 * Those that are not known to be anywhere, and whose place is nobody else's: what is there may be removed. The place is theirs until then, so
 * that nobody puts something there meanwhile.
 */
async function takePlaces(work: Work, items: readonly Item[]): Promise<readonly Item[]> {
  if (items.length === 0) return items
  const places = items.map(({ id, want }) => ({ id, key: want?.key ?? '' }))
  const held = await transaction(work, tx => claim(tx, work.backend.name, places))
  return items.filter(({ id }) => !held.has(id))
}

const isWanted = (item: Item): item is Item & { want: { key: string; desired: Json } } => item.want?.desired !== undefined

async function claimPlaces(work: Work, items: Item[]): Promise<void> {
  const moving = sound(items).filter(item => isWanted(item) && item.want.key !== item.key)
  if (moving.length === 0) return
  const places = moving.map(({ id, want }) => ({ id, key: want?.key ?? '' }))
  const held = await transaction(work, tx => claim(tx, work.backend.name, places))
  for (const item of moving) {
    const holder = held.get(item.id)
    if (holder !== undefined)
      item.error = new CoinError(
        'refused',
        'The place {{key}} belongs to configuration {{holder}}; it is free when that one has left it.',
        {
          values: { key: item.want?.key ?? '', holder },
        },
      )
  }
}

/** Reads, plans, applies, reads back. Returns how many were applied. */
async function writeWanted(work: Work, items: Item[]): Promise<number> {
  const { backend, target } = work
  const byKey = new Map(
    sound(items)
      .filter(isWanted)
      .map(item => [item.want.key, item]),
  )
  if (byKey.size === 0) return 0
  const observe = async (keys: readonly string[]) => {
    const found = await readMany(work, keys)
    for (const key of keys) {
      const item = byKey.get(key)
      const there = found.get(key)
      if (there instanceof Error && item) item.error = there
      else if (item) item.observed = there as Json | undefined
    }
  }
  await observe([...byKey.keys()])
  const differing = [...byKey.values()].filter(item => item.error === undefined && plan(backend, item).length > 0)
  if (differing.length === 0) return 0
  const fail = (key: string, error: unknown) => {
    const item = byKey.get(key)
    if (item) item.error = error
  }
  const keys = differing.map(({ want }) => want.key)
  const ids = differing.map(({ id }) => id)
  await many(work, keys, ids, fail, io =>
    target.apply(
      differing.map(({ want: { key, desired }, observed }) => ({ key, desired, observed })),
      io,
    ),
  )
  const applied = differing.filter(({ error }) => error === undefined)
  await observe(applied.map(({ want }) => want.key))
  for (const item of applied) {
    if (item.error !== undefined) continue
    const rest = plan(backend, item)
    if (rest.length > 0)
      item.error = new CoinError('refused', 'What was written reads back differently: {{paths}}', {
        values: { paths: rest.map(({ path }) => path || item.want.key).join(', ') },
      })
  }
  return applied.filter(({ error }) => error === undefined).length
}

function plan(backend: AnyBackend, item: Item): readonly Difference[] {
  try {
    return compare(backend, item.want?.desired, item.observed)
  } catch (error) {
    item.error = error
    return []
  }
}

/** A call for many: what it throws, unless the target does not answer, is the failure of each. */
async function many(
  { io, patience, onLate }: Work,
  keys: readonly string[],
  ids: readonly number[],
  fail: (key: string, error: unknown) => void,
  call: (io: BackendIo) => Promise<Failures | undefined>,
): Promise<void> {
  let leftAt: number | undefined
  const watched = async (inner: BackendIo) => {
    try {
      const failures = await call(inner)
      if (leftAt !== undefined) onLate?.(ids)
      return failures
    } catch (error) {
      // one that ends because it was given up has not gone on
      if (leftAt !== undefined && performance.now() > leftAt + 1000) onLate?.(ids)
      throw error
    }
  }
  try {
    for (const [key, error] of (await withPatience(io, patience, watched)) ?? []) {
      if (isUnreachable(error)) throw ofTarget(error)
      fail(key, error)
    }
  } catch (error) {
    if (isUnreachable(error)) throw error
    for (const key of keys) fail(key, error)
  } finally {
    leftAt = performance.now()
  }
}

async function readMany({ target, io, patience }: Work, keys: readonly string[]): Promise<ReadonlyMap<string, Json | Error>> {
  if (keys.length === 0) return new Map()
  try {
    const found = await withPatience(io, patience, inner => target.read(keys, inner))
    for (const there of found.values()) if (there instanceof Error && isUnreachable(there)) throw ofTarget(there)
    return found
  } catch (error) {
    if (isUnreachable(error)) throw error
    const failure = error instanceof Error ? error : new Error(String(error))
    return new Map(keys.map(key => [key, failure]))
  }
}
