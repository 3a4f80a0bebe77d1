import type { Tx } from '../db/database.ts'
import type { Difference } from './backend.ts'
import type { Actor } from './scope.ts'

/** What becomes of one prefix. */
export interface PlannedAddress {
  readonly prefix: string
  readonly family: 4 | 6
  readonly kind: 'added' | 'kept' | 'released' | 'moved'
  /** The pool's name. */
  readonly pool: string
  /** Of an added one: how many of its length its pool can still give afterwards. */
  readonly left?: number
  /** Of a released one: the last day before somebody else may get it (ISO); null when it is free at once. */
  readonly restsUntil?: string | null
  /** Of one that is handed over: from what to what, in the words of their apps. */
  readonly between?: readonly [string, string]
}

/** What one backend would make of one configuration. */
export interface PlannedEffect {
  readonly backend: string
  /** What people call the backend. */
  readonly label: string
  /** The configuration, in the words of its app. */
  readonly about: string
  /** Where it lives out there. */
  readonly key: string
  /** Where it has lived until then, when it moves. */
  readonly leaves?: string
  /** The days on which it holds (ISO): at once when there is no first one, for good when there is no last one. */
  readonly from?: string
  readonly until?: string
  /**
   * `compared` with what is there now; `expected`, from what should be there, on a day to come; `unreadable` when the target cannot be
   * read: then it is what would be sent; `refused` when the app cannot say what it wants.
   */
  readonly state: 'compared' | 'expected' | 'unreadable' | 'refused'
  /** Why it is unreadable or refused, in English. */
  readonly error?: string
  /** From what is there to what should be; secrets are masked. */
  readonly differences: readonly Difference[]
}

/** What a change would do. Nothing of it has happened. */
export interface ChangePlan {
  /** Given back to have exactly this applied: covers the change, the rows it stands on, the prefixes, and what the targets hold. */
  readonly hash: string
  readonly addresses: readonly PlannedAddress[]
  readonly network: readonly PlannedEffect[]
}

/** What is not as it was when a plan was shown. */
export type Moved = 'stored' | 'addresses' | 'wanted' | 'observed'

/** Where a change is written: as `Coin.transaction`. */
export interface Writer {
  transaction<R>(actor: Actor, work: (tx: Tx) => Promise<R>): Promise<R>
}

/** A change as one transaction of `writer`. It may be run several times, so it has no effect outside of the database. */
export type PlannedChange<R> = (writer: Writer) => Promise<R>

/** Works out what a change would do, and applies what was shown. */
export interface Planner {
  /**
   * Runs the change with its hooks, rolls it back, then compares with what the targets hold. No lock is held while a target answers.
   * `input` names the change: another one has another hash. Throws what the change throws.
   */
  plan(input: unknown, change: PlannedChange<unknown>): Promise<ChangePlan>
  /** Applies the change when its plan is still the one with this hash; else nothing happens, and the plan as it is now is given. */
  apply<R>(
    input: unknown,
    change: PlannedChange<R>,
    hash: string,
  ): Promise<{ readonly done: R } | { readonly plan: ChangePlan; readonly moved: readonly Moved[] }>
}
