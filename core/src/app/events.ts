import type { Tx } from '../db/database.ts'

/** A change of one row. Ids and names only: what a handler needs of the row it reads when it runs. */
export interface Change {
  readonly op: 'added' | 'changed' | 'removed'
  readonly id: number
  /** The columns that changed, in the database's words. */
  readonly changed: readonly string[]
  /** What is kept of a row that may be gone; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** What can be listened to. One line per entity of the outbox. */
export interface Events {
  member: Change
  offer: Change
  offer_price: Change
  subscription: Change
  subscription_offer: Change
  subscription_suspension: Change
  subscription_discount: Change
  subscription_free_price: Change
  /** Of an issued invoice, credit note, call for a fee or donation: issued, paid (`allocated`), in dispute. Drafts tell nothing. */
  invoice: Change
  payment: Change
  configuration: Change
  pool: Change
  pool_prefix: Change
  reserved_range: Change
  offer_pool: Change
  subnet: Change
  /**
   * A configuration has failed on a backend for longer than `provisioning.alertAfter` (`added`), or does no more (`removed`). The id is
   * the configuration's; the detail names the `backend`, since when (`since`) and why (`error`).
   */
  provisioning: Change
}
export type EventName = keyof Events

/**
 * Runs inside the transaction that made the change, before it commits: may write in `tx`, may throw to refuse. Runs only
 * for changes made through Coin. No input or output: a transaction waits for it.
 */
export type BeforeCommit = { readonly [E in EventName]?: (change: Events[E], tx: Tx) => Promise<void> | void }

/**
 * Runs in a job after the commit, for every change whoever made it, psql included: each change once, the changes of a
 * row together and in order. `tx` commits with the removal of the delivery; throw to be called again later.
 */
export type AfterCommit = { readonly [E in EventName]?: (id: number, changes: readonly Events[E][], tx: Tx) => Promise<void> }

export const eventNames: readonly EventName[] = [
  'member',
  'offer',
  'offer_price',
  'subscription',
  'subscription_offer',
  'subscription_suspension',
  'subscription_discount',
  'subscription_free_price',
  'invoice',
  'payment',
  'configuration',
  'pool',
  'pool_prefix',
  'reserved_range',
  'offer_pool',
  'subnet',
  'provisioning',
]
