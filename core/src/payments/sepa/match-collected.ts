import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'

/**
 * Bank lines of money that direct debits brought: it is recorded by their batch already, so that they wait for nobody. One line for each debit, by its
 * end-to-end id, or one for the batch, by its message id.
 */
export async function matchCollected(tx: Tx, importId: number): Promise<void> {
  await tx.execute(sql`
    -- found once, and not once for each line
    WITH f AS MATERIALIZED (
      SELECT l.id, b.id AS batch_id, b.collect_on FROM bank_line l JOIN sepa_collection c ON c.end_to_end_id = upper(l.end_to_end_id) AND c.amount = l.amount
      JOIN sepa_batch b ON b.id = c.batch_id WHERE l.import_id = ${importId} AND c.state <> 'cancelled'
      UNION ALL SELECT l.id, b.id, b.collect_on FROM bank_line l JOIN sepa_batch b ON b.collect_on BETWEEN l.booked_on - 10 AND l.booked_on AND b.state IN ('sent', 'executed')
        AND strpos(upper(concat_ws(' ', l.label, l.end_to_end_id, l.bank_reference)), b.message_id) > 0
      WHERE l.import_id = ${importId} AND l.amount <= (SELECT sum(c.amount) FROM sepa_collection c WHERE c.batch_id = b.id))
    UPDATE bank_line l SET outcome = 'ignore', member_id = NULL, invoice_id = NULL, confidence = NULL, reason = jsonb_build_object('by', 'collected', 'batch', f.batch_id, 'on', f.collect_on)
    FROM f
    WHERE l.id = f.id AND l.outcome IN ('none', 'match', 'ignore') AND l.amount > 0 AND NOT l.is_return AND l.currency = 'EUR'`)
}
