import { sql } from 'drizzle-orm'
import type { Actor } from '../app/scope.ts'
import type { Database, Tx } from './database.ts'
import type { ConstraintMessages } from './errors.ts'
import { explain, isTransient } from './errors.ts'

const attempts = 5

/**
 * Runs `work` in a READ COMMITTED transaction as `actor`; `beforeCommit` runs in it last. Deadlocks and serialisation failures are
 * retried from the start, so `work` must have no effects outside of the database. What the database refuses comes as a CoinError in words.
 */
export async function inTransaction<R>(
  database: Database,
  actor: Actor,
  constraints: ConstraintMessages,
  work: (tx: Tx) => Promise<R>,
  beforeCommit: (tx: Tx) => Promise<void>,
): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.db.transaction(
        async tx => {
          await tx.execute(sql`SELECT set_config('coin.actor', ${JSON.stringify({ label: actor.label, user: actor.userId })}, true)`)
          const result = await work(tx as unknown as Tx)
          await beforeCommit(tx as unknown as Tx)
          return result
        },
        { isolationLevel: 'read committed' },
      )
    } catch (error) {
      if (!isTransient(error) || attempt === attempts) throw explain(error, constraints)
    }
  }
}
