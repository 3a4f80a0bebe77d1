import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { systemActor } from '../app/access.ts'
import type { Coin } from '../coin.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { accounts, type Role, users } from './tables.ts'

/** Characters that a password has at least. */
export const shortestPassword = 10
/** And at most. */
export const longestPassword = 200

export interface NewUser {
  readonly email: string
  readonly name: string
  /** Without one, the user sets it by a link: see `inviteMember`. */
  readonly password?: string | undefined
  /** `staff` makes an administrator; `inviteStaff` gives other roles. */
  readonly role: Role
  readonly language?: string
}

/** Adds somebody who may sign in. */
export async function createUser(user: NewUser, tx: Tx): Promise<{ readonly id: string }> {
  const email = checkedEmail(user.email)
  const id = randomUUID()
  await tx.insert(users).values({ id, email, name: user.name, role: user.role, language: user.language ?? '', emailVerified: true })
  if (user.role === 'staff') await tx.execute(sql`SELECT coin.make_administrator(${id})`)
  if (user.password !== undefined) await setPassword(id, user.password, tx)
  return { id }
}

/** Gives a user this password; sessions stay. */
async function setPassword(userId: string, password: string, tx: Tx): Promise<void> {
  if (password.length < shortestPassword)
    throw invalid('password', 'A password has at least {{count}} characters.', { count: shortestPassword })
  if (password.length > longestPassword)
    throw invalid('password', 'A password has at most {{count}} characters.', { count: longestPassword })
  const { hashPassword } = await import('better-auth/crypto')
  const hash = await hashPassword(password)
  const changed = await tx.execute(
    sql`UPDATE auth.account SET password = ${hash}, updated_at = now() WHERE user_id = ${userId} AND provider_id = 'credential'`,
  )
  if (changed.rowCount === 0)
    await tx.insert(accounts).values({ id: randomUUID(), accountId: userId, providerId: 'credential', userId, password: hash })
}

/** An e-mail address as it is kept: users are found by it, whatever the case. */
export function checkedEmail(text: string): string {
  const email = text.trim().toLowerCase()
  if (!/^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(email)) throw invalid('email', 'Give an e-mail address such as name@example.org.')
  return email
}

export interface FirstAdmin {
  readonly email: string
  /** Only when it was made up here: shown once, kept nowhere. */
  readonly password?: string
}

/**
 * Makes the first administrator when nobody works for the provider yet; undefined when somebody does. Address and password:
 * as given, else from `COIN_ADMIN_EMAIL` and `COIN_ADMIN_PASSWORD`, else made up.
 */
export function ensureFirstAdmin(
  coin: Coin,
  given: { readonly email?: string; readonly password?: string } = {},
): Promise<FirstAdmin | undefined> {
  const email = given.email ?? (process.env.COIN_ADMIN_EMAIL || 'admin@example.org')
  const chosen = given.password ?? (process.env.COIN_ADMIN_PASSWORD || undefined)
  return coin.transaction(systemActor('start'), async tx => {
    // of two processes that start at once the second one waits, and then finds the first one's
    await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('auth.first_admin', 0))`)
    const { rows } = await tx.execute(sql`SELECT FROM auth."user" WHERE role = 'staff' LIMIT 1`)
    if (rows.length > 0) return undefined
    const password = chosen ?? randomBytes(12).toString('base64url')
    try {
      await createUser({ email, name: 'Administrator', password, role: 'staff' }, tx)
    } catch (error) {
      throw wrongSetting(error)
    }
    return { email: checkedEmail(email), ...(chosen === undefined && { password }) }
  })
}

const wrongSetting = (error: unknown) =>
  error instanceof CoinError && error.code === 'invalid'
    ? new CoinError('boot', error.message, {
        values: error.values,
        hint: 'Look at COIN_ADMIN_EMAIL and COIN_ADMIN_PASSWORD.',
        cause: error,
      })
    : error
