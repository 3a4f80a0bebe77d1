import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { type BankLineOf, bankLineOf } from '../payments/bank/queries.ts'

/** A payment with what became of it. Amounts are decimal numbers. */
export interface Payment extends Record<string, unknown> {
  readonly id: number
  readonly method: string
  /** Below zero it went back to the member. */
  readonly amount: string
  readonly currency: string
  readonly receivedOn: string
  readonly reference: string
  /** What is not used of it. */
  readonly left: string
  /** Of money that went back: the payment that it undoes. */
  readonly reverses: { readonly id: number; readonly on: string } | null
  readonly uses: readonly Use[]
  /** What the bank said of it. */
  readonly bank?: BankLineOf | undefined
}

/** What a payment covered, or what money that went back was taken from. */
export interface Use {
  readonly what: 'bill' | 'payment'
  readonly id: number
  readonly kind: string
  readonly number: string | null
  readonly on: string
  readonly amount: string
}

/** A payment of this member; undefined for another's. Two statements. */
export async function paymentOf(db: Tx, memberId: number, id: number): Promise<Payment | undefined> {
  const { rows } = await db.execute<Payment>(sql`
    SELECT p.id, p.method, p.amount::text, p.currency, p.received_on AS "receivedOn", p.reference, (p.amount - p.allocated)::text AS left,
      (SELECT jsonb_build_object('id', r.id, 'on', r.received_on) FROM payment r WHERE r.id = p.reverses_id) AS reverses,
      coalesce((SELECT jsonb_agg(to_jsonb(u) ORDER BY u.on, u.id) FROM (
        SELECT CASE WHEN o.id IS NULL THEN 'bill' ELSE 'payment' END AS what, coalesce(o.id, i.id) AS id, coalesce(o.method, i.kind) AS kind, i.number,
          coalesce(o.received_on, i.issued_on) AS on, sum(a.amount)::text AS amount
        FROM payment_allocation a
        LEFT JOIN payment o ON o.id = CASE WHEN a.from_payment = p.id THEN a.to_payment ELSE a.from_payment END
        LEFT JOIN invoice i ON i.id = CASE WHEN a.from_payment = p.id THEN a.to_invoice ELSE a.from_credit_note END
        WHERE a.from_payment = p.id OR a.to_payment = p.id GROUP BY o.id, i.id) u), '[]') AS uses
    FROM payment p WHERE p.id = ${id} AND p.member_id = ${memberId}`)
  const [payment] = rows
  return payment && { ...payment, bank: (await bankLineOf(db, [id])).get(id) }
}
