import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** Lets no link that was mailed to this user set a password any more: the one that they have now was chosen after it. */
export async function forgetLinks(db: Tx, userId: string): Promise<void> {
  await db.execute(sql`DELETE FROM auth.verification WHERE value = ${userId} AND identifier LIKE 'reset-password:%'`)
}
