import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'

/**
 * About how many members a reminder is due for, quickly: late by the first stage, not paused, not reminded a few days ago. Whether it is worth
 * writing for is left to the page.
 */
export async function countDue(db: Tx): Promise<number> {
  const { stages, everyDays } = currentScope().registry.config.reminders
  const { rows } = await db.execute<{ count: number }>(sql`
    SELECT count(DISTINCT i.member_id)::int AS count FROM invoice i JOIN member m ON m.id = i.member_id
    WHERE i.state = 'issued' AND i.allocated <> i.total AND i.total > 0 AND i.due_on <= coin.today() - ${stages[0]?.afterDays ?? 1}::int AND i.disputed_on IS NULL
      AND (i.kind = 'invoice' OR (i.kind = 'fee' AND m.fee_reminders))
      AND NOT EXISTS (SELECT FROM reminder r WHERE r.member_id = m.id AND greatest(upper(r.quiet), r.sent_on + ${everyDays}::int) > coin.today())
      AND NOT EXISTS (SELECT FROM reminder_pause p WHERE p.member_id = m.id AND (p.until IS NULL OR p.until >= coin.today()))`)
  return rows[0]?.count ?? 0
}
