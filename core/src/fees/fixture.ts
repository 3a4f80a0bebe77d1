import { sql } from 'drizzle-orm'
import type { ConfigInput } from '../app/config.ts'
import type { Tx } from '../db/database.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'

/** A Coin whose day the test names. */
export async function feesCoin(fees: ConfigInput['fees'] = {}, provider: ConfigInput['provider'] = {}) {
  const coin: TestCoin = await testCoin({ apps: [], fees, provider: { name: 'Comète', ...provider } })
  /** Does something on a day. */
  const on = <R>(day: string, work: (tx: Tx) => Promise<R>): Promise<R> =>
    coin.asSystem('test', () =>
      coin.write(async tx => {
        await tx.execute(sql`SELECT set_config('coin.today', ${day}, true)`)
        return work(tx)
      }),
    )
  /** What SQL says, past Coin. */
  const ask = async (text: string, values: unknown[] = []) => (await coin.pool.query(text, values)).rows
  /** A member with some columns set. */
  const member = async (columns: Readonly<Record<string, unknown>> = {}): Promise<number> => {
    const id = await addMember(coin)
    const names = Object.keys(columns)
    if (names.length > 0)
      await coin.pool.query(`UPDATE member SET ${names.map((name, i) => `${name} = $${i + 2}`).join(', ')} WHERE id = $1`, [
        id,
        ...Object.values(columns),
      ])
    return id
  }
  return { coin, on, ask, member, close: () => coin.close() }
}
