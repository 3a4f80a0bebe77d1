import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { recordAccountEvent } from './account-events.ts'
import { passwordToken } from './links.ts'
import { mailPasswordLink } from './mails.ts'

/**
 * Takes somebody's second factor and passkeys away, for when they are lost, and ends their sessions. A mail tells them. What lets in
 * then is the password, and where two factors are required they are set up again.
 */
export async function resetSecondFactor(tx: Tx, userId: string): Promise<void> {
  const { rowCount } = await tx.execute(sql`
    WITH codes AS (DELETE FROM auth.two_factor WHERE user_id = ${userId}),
      keys AS (DELETE FROM auth.passkey WHERE user_id = ${userId}),
      ended AS (DELETE FROM auth.session WHERE user_id = ${userId}),
      begun AS (DELETE FROM auth.verification WHERE value = ${userId} AND identifier LIKE '2fa-%')
    UPDATE auth."user" SET two_factor_enabled = false, updated_at = now() WHERE id = ${userId}`)
  if (rowCount === 0) throw new CoinError('not_found', 'There is no such account.')
  await recordAccountEvent(tx, userId, 'factor_reset')
}

/** Mails a link to choose a password, which works for an hour. */
export async function sendPasswordLink(tx: Tx, userId: string): Promise<void> {
  const { rows } = await tx.execute<{ email: string; name: string; language: string }>(
    sql`SELECT email, name, language FROM auth."user" WHERE id = ${userId}`,
  )
  const user = rows[0]
  if (!user) throw new CoinError('not_found', 'There is no such account.')
  await mailPasswordLink(tx, 'reset', user, await passwordToken(tx, userId, 1))
}
