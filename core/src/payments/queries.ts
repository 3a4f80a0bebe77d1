import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** One thing that a payment or a credit note pays, or is paid by. */
export interface AllocationLine {
  readonly id: number
  readonly amount: string
  readonly byHand: boolean
  readonly on: string
  /** What is at the other end, and its address below `/admin`. */
  readonly what: 'invoice' | 'credit_note' | 'payment'
  readonly target: number
  /** The number of an invoice or a credit note. */
  readonly number: string | null
  /** The day of an invoice or a payment. */
  readonly day: string
}

/** Everything that a payment's page tells. */
export interface PaymentHead extends Record<string, unknown> {
  readonly member: string
  /** What the member owes in this currency; below zero in credit. */
  readonly owed: string
  /** What is not allocated; never below zero. */
  readonly left: string
  /** What may still be paid back. */
  readonly reversible: string
  readonly invoiceNumber: string | null
  readonly reversedOn: string | null
  readonly lines: readonly AllocationLine[]
}

/** What a payment's page tells, in one statement. */
export async function paymentHead(tx: Tx, id: number): Promise<PaymentHead | undefined> {
  const { rows } = await tx.execute<PaymentHead>(sql`
    SELECT m.display_name AS member, coalesce((SELECT b.owed FROM member_balance b WHERE b.member_id = p.member_id AND b.currency = p.currency), 0)::text AS owed,
      abs(p.amount - p.allocated)::text AS left,
      greatest(0, p.amount + coalesce((SELECT sum(r.amount) FROM payment r WHERE r.reverses_id = p.id), 0))::text AS reversible,
      (SELECT i.number FROM invoice i WHERE i.id = p.invoice_id) AS "invoiceNumber",
      (SELECT r.received_on FROM payment r WHERE r.id = p.reverses_id) AS "reversedOn",
      coalesce((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'amount', a.amount::text, 'byHand', a.by_hand, 'on', a.created_at,
          'what', CASE WHEN o.id IS NOT NULL THEN 'payment' WHEN i.kind = 'credit_note' THEN 'credit_note' ELSE 'invoice' END,
          'target', coalesce(o.id, i.id), 'number', i.number, 'day', coalesce(o.received_on, i.issued_on)) ORDER BY a.id)
        FROM payment_allocation a
        LEFT JOIN invoice i ON i.id = coalesce(a.to_invoice, a.from_credit_note)
        LEFT JOIN payment o ON o.id = CASE WHEN a.from_payment = p.id THEN a.to_payment ELSE a.from_payment END
        WHERE a.from_payment = p.id OR a.to_payment = p.id), '[]') AS lines
    FROM payment p JOIN member m ON m.id = p.member_id WHERE p.id = ${id}`)
  return rows[0]
}

/** An invoice or a refund that money may be allocated to by hand. */
export interface OpenBill {
  readonly kind: 'invoice' | 'payment'
  readonly id: number
  readonly number: string | null
  readonly day: string
  /** What the rules did not leave to it, or a person allocated: what a person may still cover. */
  readonly free: string
  readonly disputed: boolean
}

/** What a credit could be allocated to by hand, the oldest first: what is not covered by hand yet, at most 200. */
export async function coverable(tx: Tx, memberId: number, currency: string): Promise<readonly OpenBill[]> {
  const { rows } = await tx.execute<OpenBill & Record<string, unknown>>(sql`
    SELECT * FROM (
      SELECT 'invoice' AS kind, id, number, issued_on AS day, disputed_on IS NOT NULL AS disputed,
        (total - coalesce((SELECT sum(a.amount) FROM payment_allocation a WHERE a.to_invoice = i.id AND a.by_hand), 0))::text AS free,
        allocated <> total AS open
      FROM invoice i WHERE member_id = ${memberId} AND currency = ${currency} AND state = 'issued' AND total > 0
      UNION ALL SELECT 'payment', id, NULL, received_on, false,
        (-amount - coalesce((SELECT sum(a.amount) FROM payment_allocation a LEFT JOIN payment f ON f.id = a.from_payment
          WHERE a.to_payment = p.id AND (a.by_hand OR f.id = p.reverses_id)), 0))::text, allocated <> amount
      FROM payment p WHERE member_id = ${memberId} AND currency = ${currency} AND amount < 0) e
    WHERE free::numeric > 0 ORDER BY open DESC, day, id LIMIT 200`)
  return rows
}

/** A payment or a credit note that a person allocates. */
export interface Credit extends Record<string, unknown> {
  readonly member_id: number
  readonly member: string
  readonly currency: string
  readonly amount: string
  readonly day: string
  readonly number: string | null
  /** What is not allocated by hand, nor given back. */
  readonly free: string
}

/** A payment that was received. */
export async function paymentCredit(tx: Tx, id: number): Promise<Credit | undefined> {
  const { rows } = await tx.execute<Credit>(sql`
    SELECT p.member_id, m.display_name AS member, p.currency, p.amount::text, p.received_on AS day, NULL AS number,
      (p.amount - coalesce((SELECT sum(a.amount) FROM payment_allocation a LEFT JOIN payment r ON r.id = a.to_payment
        WHERE a.from_payment = p.id AND (a.by_hand OR r.reverses_id = p.id)), 0))::text AS free
    FROM payment p JOIN member m ON m.id = p.member_id WHERE p.id = ${id} AND p.amount > 0`)
  return rows[0]
}

/** An issued credit note. */
export async function creditNoteCredit(tx: Tx, id: number): Promise<Credit | undefined> {
  const { rows } = await tx.execute<Credit>(sql`
    SELECT n.member_id, m.display_name AS member, n.currency, (-n.total)::text AS amount, n.issued_on AS day, n.number,
      (-n.total - coalesce((SELECT sum(a.amount) FROM payment_allocation a WHERE a.from_credit_note = n.id AND a.by_hand), 0))::text AS free
    FROM invoice n JOIN member m ON m.id = n.member_id WHERE n.id = ${id} AND n.state = 'issued' AND n.kind = 'credit_note'`)
  return rows[0]
}

/** The page of what an allocation comes from. */
export async function sourceOf(tx: Tx, allocationId: number): Promise<string | undefined> {
  const { rows } = await tx.execute<{ path: string }>(sql`
    SELECT CASE WHEN from_payment IS NULL THEN '/admin/invoices/' || from_credit_note ELSE '/admin/payments/' || from_payment END AS path
    FROM payment_allocation WHERE id = ${allocationId}`)
  return rows[0]?.path
}
