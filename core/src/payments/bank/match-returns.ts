import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'

/**
 * Direct debits that the bank took back, by the end-to-end id that they were collected under (`returnable_payment`): the line reverses that
 * payment. Only where the format says so itself, never where a label was guessed from, and only once for a payment of the same amount.
 */
export async function matchReturns(tx: Tx, importId: number): Promise<void> {
  await tx.execute(sql`
    WITH returned AS (
      SELECT l.id, p.id AS payment_id, p.member_id, l.end_to_end_id, l.return_reason, row_number() OVER (PARTITION BY p.id ORDER BY l.position) AS n,
        count(*) OVER (PARTITION BY l.id) AS payments
      FROM bank_line l JOIN bank_import m ON m.id = l.import_id AND m.format = 'camt053'
      JOIN returnable_payment r ON r.end_to_end_id = upper(l.end_to_end_id)
      JOIN payment p ON p.id = r.payment_id AND p.amount = -l.amount AND p.currency = l.currency AND p.received_on <= l.booked_on
      WHERE l.import_id = ${importId} AND l.outcome = 'none' AND l.is_return AND l.amount < 0
        AND NOT EXISTS (SELECT FROM payment o WHERE o.reverses_id = p.id))
    UPDATE bank_line l SET outcome = 'return', member_id = r.member_id, reverses_id = r.payment_id, confidence = 100,
      reason = jsonb_build_object('by', 'return', 'endToEndId', r.end_to_end_id, 'code', r.return_reason)
    FROM returned r WHERE l.id = r.id AND r.n = 1 AND r.payments = 1`)
}
