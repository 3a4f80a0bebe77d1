import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { AccountOwner } from './account-events.ts'

/** Whose password was right a moment ago, and whose code is awaited now. better-auth checks the signature when the code comes. */
export async function challengedUser(c: Context): Promise<AccountOwner | undefined> {
  const name = `${c.var.secure ? '__Secure-' : ''}coin.two_factor`
  const identifier = getCookie(c, name)?.split('.')[0]
  if (!identifier) return undefined
  const { rows } = await c.var.coin.database.db.execute<AccountOwner & Record<string, unknown>>(sql`
    SELECT u.id, u.name, u.email FROM auth.verification v JOIN auth."user" u ON u.id = v.value
    WHERE v.identifier = ${identifier} AND v.expires_at > now()`)
  return rows[0]
}
