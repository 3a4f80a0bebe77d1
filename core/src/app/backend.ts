import { getTableName } from 'drizzle-orm'
import type { Configuration, ConfigurationTable } from './configuration.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** One difference between what should be and what is. */
export interface Difference {
  readonly path: string
  readonly from: Json | undefined
  readonly to: Json | undefined
}

export interface BackendIo {
  readonly log: { info(message: string): void; warn(message: string): void }
  readonly signal: AbortSignal
}

/** Makes one piece of infrastructure agree with the configurations: desired state, compared with what is observed. */
export interface BackendSpec<T extends ConfigurationTable, D extends Json> {
  /** Unique among backends, and stays: its state is kept by it. The table's name unless given. */
  readonly name?: string
  /** Where this configuration lives out there: a DN, a path, a user name. A changed key destroys the old one. */
  key(configuration: Configuration<T>): string
  /** What should be there. Pure; `undefined` means nothing should. */
  desired(configuration: Configuration<T>): D | undefined
  /** What is there; `undefined` when nothing is. Throws when it cannot tell. */
  read(key: string, io: BackendIo): Promise<D | undefined>
  /** What has to change. Pure; a structural difference unless given. */
  plan?(desired: D, observed: D | undefined): readonly Difference[]
  /** Makes it so. Safe to repeat. */
  apply(key: string, desired: D, io: BackendIo): Promise<void>
  /** Removes it. Absent already is success. */
  destroy(key: string, io: BackendIo): Promise<void>
}

const brand = Symbol.for('coin.backend')

/** A backend of any type, as the registry keeps it. */
export interface AnyBackend {
  readonly [brand]: 1
  readonly name: string
  /** The type of configuration that it serves. */
  readonly type: string
  readonly spec: BackendSpec<ConfigurationTable, Json>
}

export const isBackend = (value: unknown): value is AnyBackend => typeof value === 'object' && value !== null && brand in value

/** Declares a backend for the configurations of `table`. */
export function defineBackend<T extends ConfigurationTable, D extends Json>(table: T, spec: BackendSpec<T, D>): AnyBackend {
  const type = getTableName(table)
  // the registry only ever hands it configurations of `table`
  return Object.freeze({
    [brand]: 1 as const,
    name: spec.name ?? type,
    type,
    spec: spec as unknown as BackendSpec<ConfigurationTable, Json>,
  })
}
