import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { TestCoin } from '../testing/coin.ts'

/** Writes on a given day, as the system. */
export const on = <R>(coin: TestCoin, day: string, work: (tx: Tx) => Promise<R>): Promise<R> =>
  coin.asSystem('test', () =>
    coin.write(async tx => {
      await tx.execute(sql`SELECT set_config('coin.today', ${day}, true)`)
      return work(tx)
    }),
  )

export interface Issued {
  readonly memberId: number
  /** Below zero: a credit note. */
  readonly amount: string
  readonly currency?: string
  readonly correctsId?: number
}

/** Issues an invoice of one line, or a credit note, and returns its id. */
export async function issueOf(tx: Tx, { memberId, amount, currency = 'EUR', correctsId }: Issued): Promise<number> {
  const id = await draftOf(tx, { memberId, amount, currency, ...(correctsId !== undefined && { correctsId }) })
  await tx.execute(sql`UPDATE invoice SET state = 'issued' WHERE id = ${id}`)
  return id
}

/** The same, not yet issued. */
export async function draftOf(tx: Tx, { memberId, amount, currency = 'EUR', correctsId }: Issued): Promise<number> {
  const credit = amount.startsWith('-')
  const { rows } = await tx.execute<{ id: number }>(sql`
    INSERT INTO invoice (member_id, kind, currency, corrects_id)
    VALUES (${memberId}, ${credit ? 'credit_note' : 'invoice'}, ${currency}, ${correctsId ?? null}) RETURNING id`)
  const id = (rows[0] as { id: number }).id
  await tx.execute(sql`
    INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, net)
    VALUES (${id}, 1, 'Line', ${credit ? -1 : 1}, ${amount.replace('-', '')}, ${amount})`)
  return id
}

export interface Found {
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly byHand: boolean
}

/** What is allocated for a member: `payment 1` or `credit note 2`, to `invoice 3` or `payment 4`. */
export async function allocationsOf(coin: TestCoin, memberId: number): Promise<Found[]> {
  const { rows } = await coin.pool.query<Found>(
    `SELECT CASE WHEN a.from_payment IS NULL THEN 'credit note ' || a.from_credit_note ELSE 'payment ' || a.from_payment END AS "from",
       CASE WHEN a.to_invoice IS NULL THEN 'payment ' || a.to_payment ELSE 'invoice ' || a.to_invoice END AS "to",
       sum(a.amount)::text AS amount, a.by_hand AS "byHand"
     FROM payment_allocation a LEFT JOIN payment p ON p.id = a.from_payment LEFT JOIN invoice n ON n.id = a.from_credit_note
     WHERE coalesce(p.member_id, n.member_id) = $1 GROUP BY 1, 2, 4, a.from_payment, a.to_invoice ORDER BY 1, 2, 4`,
    [memberId],
  )
  return rows
}

/** Everything of a Coin's money that does not add up; nothing, unless a rule is broken. */
export async function contradictions(coin: TestCoin): Promise<unknown[]> {
  const { rows } = await coin.pool.query(`
    SELECT 'payment' AS what, id FROM payment p WHERE allocated <> coalesce((SELECT sum(CASE WHEN a.from_payment = p.id THEN a.amount ELSE -a.amount END)
      FROM payment_allocation a WHERE p.id IN (a.from_payment, a.to_payment)), 0)
    UNION ALL SELECT 'invoice', id FROM invoice i WHERE allocated <> coalesce((SELECT sum(CASE WHEN a.to_invoice = i.id THEN a.amount ELSE -a.amount END)
      FROM payment_allocation a WHERE i.id IN (a.to_invoice, a.from_credit_note)), 0)
    UNION ALL SELECT 'settled', id FROM invoice WHERE state = 'issued' AND (settled_on IS NOT NULL) <> (allocated = total)
    UNION ALL SELECT 'balance', member_id FROM member_balance b WHERE owed <>
      coalesce((SELECT sum(total) FROM invoice i WHERE i.member_id = b.member_id AND i.currency = b.currency AND state = 'issued'), 0)
      - coalesce((SELECT sum(amount) FROM payment p WHERE p.member_id = b.member_id AND p.currency = b.currency), 0)
    UNION ALL SELECT 'open', b.member_id FROM member_balance b WHERE owed <>
      coalesce((SELECT sum(total - allocated) FROM invoice i WHERE i.member_id = b.member_id AND i.currency = b.currency AND state = 'issued'), 0)
      - coalesce((SELECT sum(amount - allocated) FROM payment p WHERE p.member_id = b.member_id AND p.currency = b.currency), 0)`)
  return rows
}
