import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { verifications } from './tables.ts'

/** A token for the address of a page where this user chooses a password, within so many hours. */
export async function passwordToken(tx: Tx, userId: string, hours: number): Promise<string> {
  const token = randomBytes(18).toString('base64url')
  const expiresAt = new Date(Date.now() + hours * 60 * 60 * 1000)
  await tx.insert(verifications).values({ id: randomUUID(), identifier: `reset-password:${token}`, value: userId, expiresAt })
  return token
}

/** Lets no link that was mailed to this user set a password any more: the one that they have now was chosen after it. */
export async function forgetLinks(db: Tx, userId: string): Promise<void> {
  await db.execute(sql`DELETE FROM auth.verification WHERE value = ${userId} AND identifier LIKE 'reset-password:%'`)
}
