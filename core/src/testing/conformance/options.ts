import type { InferInsertModel } from 'drizzle-orm'
import type { App } from '../../app/app.ts'
import type { ConfigurationTable } from '../../app/configuration.ts'

/** The columns of an app's own table. */
export type Values<T extends ConfigurationTable> = Omit<InferInsertModel<T>, 'id' | 'type'>

/** What the suite has to know about a backend. */
export interface Conformance<T extends ConfigurationTable> {
  /** The apps that bring the type and the backend. Called when the tests begin, and again for each further worker. */
  readonly apps: () => readonly App[]
  /** The table of a type that the backend serves. */
  readonly table: T
  /** The columns of the `n`th configuration: no two have the same key. */
  readonly values: (n: number) => Values<T>
  /** Columns whose change the target has to hear of. */
  readonly change: Partial<Values<T>> | ((n: number) => Partial<Values<T>>)
  /** Columns of the `n`th configuration that give it another key. Without it a key never changes. */
  readonly rename?: (n: number) => Partial<Values<T>>
  /** Somebody edits by hand what is there under `key`, past Coin. */
  readonly edit: (key: string) => Promise<void>
  /** Prefixes of pools, from which each configuration gets its first subnets. */
  readonly pools?: readonly string[]
  /** The target as a server that can be away. */
  readonly server?: { readonly stop: () => Promise<void>; readonly start: () => Promise<void> }
  /** Leaves no room in the target, so that it refuses to write; gives what makes room again. */
  readonly fill?: () => Promise<() => Promise<void>>
  /** Keeps Coin from reading what is there under `key`, though the target answers; gives what allows it again. */
  readonly hide?: (key: string) => Promise<() => Promise<void>>
  /** What nobody may read in a log or an error, beside the secrets that the backend declares: the password of the target, say. */
  readonly secrets?: readonly string[]
  /** Seconds without an answer after which a call has failed; 2 unless given. */
  readonly patience?: number
  /** Seconds in which everything has to have been put right; 30 unless given. */
  readonly seconds?: number
}
