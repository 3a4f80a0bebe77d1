import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import type { Actor } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { browserName } from './browser-name.ts'
import { type AccountEventKind, toldByMail } from './event-words.ts'
import { mailSecurityChange } from './mails.ts'

/** From where: the address, and the browser or the service in words. */
export interface Whence {
  readonly address?: string
  readonly detail?: string
}

/** Keeps that something happened to an account; when it touches its security, a mail tells its owner. */
export async function recordAccountEvent(tx: Tx, userId: string, kind: AccountEventKind, { address = '', detail = '' }: Whence = {}) {
  const { rows } = await tx.execute<{ email: string; name: string; language: string }>(sql`
    WITH kept AS (INSERT INTO account_event (user_id, kind, address, detail)
      SELECT id, ${kind}, ${address}, ${detail} FROM auth."user" WHERE id = ${userId} RETURNING user_id)
    SELECT u.email, u.name, u.language FROM kept JOIN auth."user" u ON u.id = kept.user_id`)
  const owner = rows[0]
  if (owner && toldByMail.has(kind)) await mailSecurityChange(tx, owner, kind, { address, detail })
}

/** The same from a request, in a transaction of its own, as the account's owner. */
export function recordFor(c: Context, user: AccountOwner, kind: AccountEventKind, detail = browserOf(c)): Promise<void> {
  return c.var.coin.transaction(ownerOf(user), tx => recordAccountEvent(tx, user.id, kind, { address: c.var.address, detail }))
}

export interface AccountOwner {
  readonly id: string
  readonly name: string
  readonly email: string
}

/** Who acts on an account of their own, whatever else they may do. */
export const ownerOf = (user: AccountOwner): Actor => ({
  kind: 'user',
  label: user.name || user.email,
  userId: user.id,
  roles: [],
  permissions: new Set(),
})

/**
 * A failure is kept when the account exists; whoever tried is nobody. What was typed is not kept: it may be a password. One statement
 * whether or not somebody has this address, so that the time of the answer does not tell.
 */
export function recordFailure(c: Context, email: string): Promise<unknown> {
  return c.var.coin.transaction(c.var.actor, tx =>
    tx.execute(sql`INSERT INTO account_event (user_id, kind, address, detail)
      SELECT id, 'sign_in_failed', ${c.var.address}, ${browserOf(c)} FROM auth."user" WHERE email = ${email.trim().toLowerCase()}`),
  )
}

/** The browser of a request, as people know it. */
export const browserOf = (c: Context): string => browserName(c.req.header('User-Agent') ?? '')
