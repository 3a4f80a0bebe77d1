import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { invalid } from '../errors.ts'

/** Nobody reminds the member until the end of that day (ISO), or until further notice. */
export async function pauseReminders(tx: Tx, memberId: number, { until, reason }: { until: string | null; reason: string }): Promise<void> {
  if (reason.trim() === '') throw invalid('reason', 'Say why, for those who come after you.')
  await tx.execute(sql`
    INSERT INTO reminder_pause (member_id, until, reason, set_by) VALUES (${memberId}, ${until}, ${reason.trim()}, ${currentScope().actor.label})
    ON CONFLICT (member_id) DO UPDATE SET until = excluded.until, reason = excluded.reason, set_by = excluded.set_by`)
}

export const resumeReminders = (tx: Tx, memberId: number) => tx.execute(sql`DELETE FROM reminder_pause WHERE member_id = ${memberId}`)
