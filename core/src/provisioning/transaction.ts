import type { Coin } from '../coin.ts'
import type { Tx } from '../db/database.ts'
import { isTransient } from '../db/errors.ts'

const attempts = 5

/** A transaction on the engine's own tables, which have neither hooks nor history. A deadlock is tried again. */
export async function engineTransaction<R>({ database }: Pick<Coin, 'database'>, work: (tx: Tx) => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.db.transaction(tx => work(tx as unknown as Tx), { isolationLevel: 'read committed' })
    } catch (error) {
      if (!isTransient(error) || attempt === attempts) throw error
    }
  }
}
