import { sql } from 'drizzle-orm'
import { type Change, type EventName, eventNames } from '../app/events.ts'
import type { Registry } from '../app/registry.ts'
import { CoinError } from '../errors.ts'
import type { Tx } from './database.ts'

/** A row of the outbox, as the hooks and the relay read it. */
export interface OutboxRow {
  readonly id: number
  readonly entity: EventName
  readonly entity_id: number
  readonly op: Change['op']
  readonly changed: readonly string[]
  readonly configuration_id: number | null
  readonly detail: Readonly<Record<string, unknown>> | null
  readonly hooked: boolean
}

/** Hooks may write, and what they write has hooks: more rounds than this is two apps that answer each other. */
const rounds = 10

/**
 * Gives the changes that this transaction has made to those who want them before it commits: the apps' `beforeCommit`, and
 * `onChanges` with the subnets and all that has a `beforeCommit`, of a round. Rows so handled are marked, so that the job after the commit does
 * not repeat it.
 */
export async function runHooks(
  tx: Tx,
  registry: Registry,
  onChanges: (rows: readonly OutboxRow[], tx: Tx) => Promise<void>,
): Promise<void> {
  // what nobody hears is left as it is: an import changes hundreds of thousands of payments and invoices
  const heard = ['subnet', ...eventNames.filter(event => registry.beforeCommit(event).length > 0)]
  for (let round = 0; round < rounds; round++) {
    const { rows } = await tx.execute<OutboxRow & Record<string, unknown>>(sql`
      UPDATE coin.outbox SET hooked = true WHERE xid = pg_current_xact_id() AND NOT hooked AND entity = ANY (${sql.param(heard)}::text[])
      RETURNING id, entity, entity_id, op, changed, configuration_id, detail, hooked`)
    if (rows.length === 0) return
    const ordered = [...rows].sort((a, b) => a.id - b.id)
    for (const row of ordered) {
      for (const { handle } of registry.beforeCommit(row.entity)) await handle(changeOf(row), tx)
    }
    await onChanges(ordered, tx)
  }
  throw new CoinError('refused', 'The apps’ hooks answer each other without end.', {
    hint: 'Look at beforeCommit and onSubnetEvent of the apps that were added last.',
  })
}

/** The change that a row of the outbox tells of. */
export const changeOf = (row: OutboxRow): Change => ({ op: row.op, id: row.entity_id, changed: row.changed, detail: row.detail ?? {} })
