import { sql } from 'drizzle-orm'
import type { ConfigInput } from '../app/config.ts'
import { addDraft } from '../billing/draft.ts'
import { issueInvoices } from '../billing/issue.ts'
import type { Tx } from '../db/database.ts'
import { testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'

/** A Coin whose day the test names. */
export async function datedCoin(config: Partial<ConfigInput> = {}) {
  const coin = await testCoin({ apps: [], ...config })
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
    for (const [name, value] of Object.entries(columns)) await ask(`UPDATE member SET ${name} = $2 WHERE id = $1`, [id, value])
    return id
  }
  /** Issues an invoice of one line on a day, due on another, and returns its id. */
  const invoice = (memberId: number, amount: string, day: string, given: Given = {}): Promise<number> =>
    on(day, async tx => {
      const { dueOn = day, kind = 'invoice', subscriptionId } = given
      const line = { description: 'Access', unitPrice: amount, ...(subscriptionId !== undefined && { subscriptionId }) }
      const id = await addDraft(tx, { memberId, kind, dueOn, lines: [line] })
      await issueInvoices(tx, [id])
      return id
    })
  return { coin, on, ask, member, invoice, close: () => coin.close() }
}

interface Given {
  readonly dueOn?: string
  readonly kind?: 'invoice' | 'fee' | 'donation'
  readonly subscriptionId?: number
}
