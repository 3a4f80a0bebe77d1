import { createHmac, timingSafeEqual } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { HeldRole } from '../app/rights.ts'
import type { Coin } from '../coin.ts'
import { executePrepared } from '../db/prepared.ts'

/** What a user is here: a member, or staff with roles. */
export interface Standing extends Record<string, unknown> {
  readonly member: string | null
  readonly disabled: boolean
  readonly roles: readonly HeldRole[]
}

/** A session that need not be renewed yet, and whose it is. */
export interface FreshSession extends Standing {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly language: string
  readonly strong: boolean
}

/** How long a session lives, and how soon it is renewed while somebody uses it; in seconds. */
export const sessionAge = { expiresIn: 30 * 24 * 60 * 60, updateAge: 60 * 60 } as const

/** The standing of the user `u`, member `m`. */
export const standingColumns: SQL = sql`m.id AS member, u.disabled_at IS NOT NULL AS disabled,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('permissions', r.permissions, 'offers', r.offers, 'groups', r.groups)), '[]')
    FROM user_role g JOIN role r ON r.id = g.role_id WHERE g.user_id = u.id) AS roles`

/**
 * The session of a cookie that better-auth signed, in one statement: all that most requests need of it. Undefined for any other cookie, and
 * for a session that has ended or is due to be renewed: better-auth sees to these.
 */
export async function freshSession(coin: Coin, c: Context): Promise<FreshSession | undefined> {
  const token = signedToken(getCookie(c, 'coin.session_token', c.var.secure ? 'secure' : undefined), coin.secret)
  if (token === undefined) return undefined
  const { rows } = await executePrepared<FreshSession>(
    coin.database.db,
    sql`
    SELECT u.id, u.name, u.email, u.language, s.strong, ${standingColumns}
    FROM auth.session s JOIN auth."user" u ON u.id = s.user_id LEFT JOIN member m ON m.user_id = u.id
    WHERE s.token = ${token} AND s.expires_at > now() + make_interval(secs => ${sessionAge.expiresIn - sessionAge.updateAge})`,
  )
  return rows[0]
}

/** The token of a cookie, if its signature is ours. */
function signedToken(cookie: string | undefined, secret: string): string | undefined {
  const [, token, signature] = /^(.+)\.([\w+/]{43}=)$/.exec(cookie ?? '') ?? []
  if (token === undefined || signature === undefined) return undefined
  const expected = createHmac('sha256', secret).update(token).digest()
  return timingSafeEqual(expected, Buffer.from(signature, 'base64')) ? token : undefined
}
