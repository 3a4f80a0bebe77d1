import { getTableName } from 'drizzle-orm'
import type { BaseConfiguration, Configuration, ConfigurationTable } from './configuration.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** One difference between what should be and what is. */
export interface Difference {
  readonly path: string
  /** What is there. */
  readonly from: Json | undefined
  /** What should be. */
  readonly to: Json | undefined
}

export interface BackendIo {
  readonly log: { info(message: string): void; warn(message: string): void }
  /** Aborted when the process is asked to stop, or the target has been silent for too long. */
  readonly signal: AbortSignal
}

/** What is to be written under a key, and what was just read there. */
export interface Wanted<D extends Json> {
  readonly key: string
  readonly desired: D
  readonly observed: D | undefined
}

/** Of many, those that could not be done, by key, and why. The others are done. */
export type Failures = ReadonlyMap<string, Error>

/**
 * A target that is open: takes many configurations per call, and its calls may overlap. A call that throws says that nothing is known of
 * the whole target; with a connection error, or a CoinError `unavailable`, that it does not answer, and Coin waits until it does.
 */
export interface Target<D extends Json> {
  /** What is there, by key: a key where nothing is is left out, one that cannot be read has its error. */
  read(keys: readonly string[], io: BackendIo): Promise<ReadonlyMap<string, D | Error>>
  /** Makes it so. Safe to repeat. */
  apply(wanted: readonly Wanted<D>[], io: BackendIo): Promise<Failures | undefined>
  /** Removes. Absent already is success. */
  destroy(keys: readonly string[], io: BackendIo): Promise<Failures | undefined>
  /** All that is there and could be ours, in batches of any size: without it a sweep finds no orphans. */
  list?(io: BackendIo): AsyncIterable<ReadonlyMap<string, D>>
  /** Lets go of connections and files. */
  close?(): Promise<void> | void
}

interface Declaration<C, D extends Json> {
  /** Unique among backends, and stays: its state is kept by it. The table's name unless given. */
  readonly name?: string
  /** What people call it; the name unless given. */
  readonly label?: string
  /** Where this configuration lives out there: a DN, a path, a user name. No two have the same. A changed key destroys the old one. */
  key(configuration: C): string
  /**
   * What should be there. Pure; `undefined` means nothing should. Not asked for a subscription that has not started or has ended:
   * nothing should be there.
   */
  desired(configuration: C): D | undefined
  /** What has to change. Pure; a structural difference unless given. */
  plan?(desired: D, observed: D | undefined): readonly Difference[]
  /** Keys of what is desired whose values no page, log or error shows. */
  readonly secrets?: readonly (D extends { readonly [key: string]: Json } ? keyof D & string : string)[]
  /** A suspended subscription: `removed` (unless given) as if it had ended, or `told`: `desired` looks at it and decides. */
  readonly whenSuspended?: 'removed' | 'told'
  /** One batch after the other, whichever worker: for a target that is one file, or is reloaded. */
  readonly serial?: boolean
  /** Configurations per call at most; 250 unless given. The functions of a simple backend are called for one at a time. */
  readonly batch?: number
}

/** A backend in four functions about one configuration each. */
export interface BackendSpec<C, D extends Json> extends Declaration<C, D> {
  /** What is there; `undefined` when nothing is. Throws when it cannot tell. */
  read(key: string, io: BackendIo): Promise<D | undefined>
  /** Makes it so. Safe to repeat. */
  apply(key: string, desired: D, io: BackendIo): Promise<void>
  /** Removes it. Absent already is success. */
  destroy(key: string, io: BackendIo): Promise<void>
  readonly open?: never
}

/** A backend that is opened once and takes many configurations per call. */
export interface TargetSpec<C, D extends Json> extends Declaration<C, D> {
  /** Connects. What it throws means that the target does not answer. */
  open(io: BackendIo): Promise<Target<D>>
}

const brand = Symbol.for('coin.backend')

/** A backend of any types, as the registry keeps it. */
export interface AnyBackend {
  readonly [brand]: 1
  readonly name: string
  readonly label: string
  /** The types of configuration that it serves, or every type. */
  readonly types: readonly string[] | 'every'
  /** Configurations per call at most. */
  readonly batch: number
  readonly spec: TargetSpec<Configuration<ConfigurationTable>, Json>
}

export const isBackend = (value: unknown): value is AnyBackend => typeof value === 'object' && value !== null && brand in value

/** Declares a backend for the configurations of `table`, of several tables, or of `every` type there is. */
export function defineBackend<T extends ConfigurationTable, D extends Json>(
  table: T | readonly T[],
  spec: BackendSpec<Configuration<T>, D>,
): AnyBackend
export function defineBackend<T extends ConfigurationTable, D extends Json>(
  table: T | readonly T[],
  spec: TargetSpec<Configuration<T>, D>,
): AnyBackend
export function defineBackend<D extends Json>(
  every: 'every',
  spec: (BackendSpec<BaseConfiguration, D> | TargetSpec<BaseConfiguration, D>) & { readonly name: string },
): AnyBackend
export function defineBackend(
  table: ConfigurationTable | readonly ConfigurationTable[] | 'every',
  given: BackendSpec<never, Json> | TargetSpec<never, Json>,
): AnyBackend {
  // the registry only ever hands it configurations of its own tables
  const spec = given as unknown as
    | BackendSpec<Configuration<ConfigurationTable>, Json>
    | TargetSpec<Configuration<ConfigurationTable>, Json>
  const types = table === 'every' ? table : [table].flat().map(each => getTableName(each as ConfigurationTable))
  const name = spec.name ?? (types === 'every' ? types : (types[0] ?? ''))
  return Object.freeze({
    [brand]: 1 as const,
    name,
    label: spec.label ?? name,
    types,
    batch: isTarget(spec) ? (spec.batch ?? 250) : 1,
    spec: isTarget(spec) ? spec : { ...spec, open: async () => oneByOne(spec) },
  })
}

const isTarget = (
  spec: BackendSpec<Configuration<ConfigurationTable>, Json> | TargetSpec<Configuration<ConfigurationTable>, Json>,
): spec is TargetSpec<Configuration<ConfigurationTable>, Json> => typeof spec.open === 'function'

/** Four functions about one configuration as a target. */
function oneByOne({ read, apply, destroy }: BackendSpec<never, Json>): Target<Json> {
  return {
    async read(keys, io) {
      const found = new Map<string, Json | Error>()
      for (const key of keys) {
        const there = await read(key, io).catch(caught)
        if (there !== undefined) found.set(key, there)
      }
      return found
    },
    apply: (wanted, io) =>
      each(
        wanted,
        ({ key }) => key,
        ({ key, desired }) => apply(key, desired, io),
      ),
    destroy: (keys, io) =>
      each(
        keys,
        key => key,
        key => destroy(key, io),
      ),
  }
}

async function each<I>(items: readonly I[], keyOf: (item: I) => string, work: (item: I) => Promise<void>): Promise<Failures> {
  const failures = new Map<string, Error>()
  for (const item of items) await work(item).catch(error => failures.set(keyOf(item), caught(error)))
  return failures
}

/** Anything that was thrown, as an error. */
const caught = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
