import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** What a subscription used of something on a day. */
export interface Usage {
  readonly subscriptionId: number
  /** What was measured, such as `traffic`: lower case letters, digits, dots, colons and dashes. */
  readonly source: string
  /** ISO. */
  readonly day: string
  /** All of that day, not below zero, four decimals at most: a number, or its text. */
  readonly quantity: string | number
}

/**
 * Records what was used, for strategies that bill it. A day that was recorded before is replaced, of a day that is given twice the last counts:
 * so measuring may be repeated. What was billed already is corrected by the next run, and what is as it was costs nothing. Returns how many days changed.
 */
export async function recordUsage(tx: Tx, rows: readonly Usage[]): Promise<number> {
  if (rows.length === 0) return 0
  const { rowCount } = await tx.execute(sql`
    INSERT INTO subscription_usage AS kept (subscription_id, source, day, quantity)
    SELECT DISTINCT ON (u."subscriptionId", u.source, u.day) u."subscriptionId", u.source, u.day, u.quantity
    FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS ("subscriptionId" bigint, source text, day date, quantity numeric(16, 4)))
      WITH ORDINALITY AS u ("subscriptionId", source, day, quantity, n)
    ORDER BY u."subscriptionId", u.source, u.day, u.n DESC
    ON CONFLICT (subscription_id, source, day) DO UPDATE SET quantity = excluded.quantity WHERE kept.quantity <> excluded.quantity`)
  return rowCount ?? 0
}
