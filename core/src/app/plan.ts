import type { Tx } from '../db/database.ts'
import type { Reason } from '../ui/reason.ts'
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

/** What a period costs, without VAT. */
export interface PlannedFee {
  readonly amount: string
  readonly currency: string
  readonly months: number
}

/** A line that the next run bills only with the change (`added`), or only without it (`removed`). In the member's language, without VAT. */
export interface PlannedLine {
  readonly kind: 'added' | 'removed'
  readonly description: string
  /** How the amount comes about. */
  readonly explanation: string
  /** Below zero it is given back. */
  readonly amount: string
  readonly currency: string
}

/** What a change does to the bills of one subscription, or of many together. */
export interface PlannedMoney {
  /** How many subscriptions it is about. */
  readonly subscriptions: number
  /** The reference of the one. */
  readonly about?: string
  /** Up to when the next run bills (ISO). */
  readonly until: string
  /** `refused`: the next run would set members aside, for `error`; `too_many` to be worked out. */
  readonly state: 'worked_out' | 'refused' | 'too_many'
  readonly error?: Reason
  /** Of many together there are none. */
  readonly lines: readonly PlannedLine[]
  /** What the next run bills more than without the change, by currency; none when it bills the same. */
  readonly difference: readonly { readonly currency: string; readonly amount: string }[]
  /** What a period costs instead, from the first day on which that differs until the last (ISO). Null: nothing is billed. */
  readonly fee?: { readonly from: string; readonly until?: string; readonly before: PlannedFee | null; readonly after: PlannedFee | null }
}

/** What a change would do. Nothing of it has happened. */
export interface ChangePlan {
  /** Given back to have exactly this applied: covers the change, the rows it stands on, what is billed, the prefixes, and what the targets hold. */
  readonly hash: string
  /** Empty when nobody is billed otherwise. */
  readonly money: readonly PlannedMoney[]
  readonly addresses: readonly PlannedAddress[]
  readonly network: readonly PlannedEffect[]
}

/** What is not as it was when a plan was shown. */
export type Moved = 'stored' | 'money' | 'addresses' | 'wanted' | 'observed'

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
