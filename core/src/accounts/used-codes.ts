import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** Longer than an app shows a code and a server takes it, with clocks that differ. */
const keptFor = sql`interval '3 minutes'`

const digestOf = (code: string) => createHash('sha256').update(code).digest('hex')

/** Takes a code for this user; false when it was taken in the last minutes, by whoever looked over a shoulder too. */
export async function takeCode(db: Tx, userId: string, code: string): Promise<boolean> {
  await db.execute(sql`DELETE FROM auth.used_code WHERE user_id = ${userId} AND at < now() - ${keptFor}`)
  const taken = await db.execute(sql`
    INSERT INTO auth.used_code (user_id, digest) SELECT id, ${digestOf(code)} FROM auth."user" WHERE id = ${userId} ON CONFLICT DO NOTHING`)
  return taken.rowCount === 1
}

/** Gives back a code that was not the right one. */
export async function giveCodeBack(db: Tx, userId: string, code: string): Promise<void> {
  await db.execute(sql`DELETE FROM auth.used_code WHERE user_id = ${userId} AND digest = ${digestOf(code)}`)
}
