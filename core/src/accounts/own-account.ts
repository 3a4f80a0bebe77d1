import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { authOf } from './auth-of.ts'

/** A passkey as its owner sees it. */
export interface OwnPasskey extends Record<string, unknown> {
  readonly id: string
  readonly name: string | null
  readonly aaguid: string | null
  /** ISO 8601. */
  readonly createdAt: string
}

/** The account of whoever asks, and what it has to sign in with. */
export interface OwnAccount {
  readonly id: string
  readonly email: string
  readonly name: string
  /** The session that asks. */
  readonly session: string
  /** When that session began. */
  readonly since: Date
  /** Whether that session began with two factors. */
  readonly strong: boolean
  readonly hasPassword: boolean
  /** An app for codes is set up and confirmed. */
  readonly hasCodes: boolean
  readonly passkeys: readonly OwnPasskey[]
}

/** The account that is signed in, also when the second factor still lacks. Throws `not_signed_in`. */
export async function ownAccount(c: Context): Promise<OwnAccount> {
  const { coin, publicUrl } = c.var
  const auth = await authOf(coin, { publicUrl })
  const found = await auth.api.getSession({ headers: c.req.raw.headers })
  if (!found) throw new CoinError('not_signed_in', 'You are not signed in.', { hint: 'Sign in, then try again.' })
  const { user, session } = found
  const factors = await factorsOf(coin.database.db, user.id)
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    session: session.id,
    since: session.createdAt,
    strong: session.strong === true,
    ...factors,
  }
}

type Factors = Pick<OwnAccount, 'hasPassword' | 'hasCodes' | 'passkeys'>

async function factorsOf(db: Tx, userId: string): Promise<Factors> {
  const { rows } = await db.execute<Factors & Record<string, unknown>>(sql`
    SELECT two_factor_enabled AS "hasCodes",
      EXISTS (SELECT FROM auth.account a WHERE a.user_id = u.id AND a.provider_id = 'credential' AND a.password IS NOT NULL) AS "hasPassword",
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'aaguid', p.aaguid, 'createdAt', p.created_at)
        ORDER BY p.created_at, p.id), '[]') FROM auth.passkey p WHERE p.user_id = u.id) AS passkeys
    FROM auth."user" u WHERE u.id = ${userId}`)
  return rows[0] ?? { hasPassword: false, hasCodes: false, passkeys: [] }
}

/**
 * The account whose second factors are to be changed. Whoever has one already, and did not show it in this session, changes none: else a
 * password alone would be enough to put another in its place.
 */
export async function accountToSecure(c: Context): Promise<OwnAccount> {
  const account = await ownAccount(c)
  if (lacksShown(c, account)) {
    throw new CoinError('forbidden', 'Your account has a second factor, and this session began without it.', {
      hint: 'Sign in with your passkey, or sign out and in again with a code.',
    })
  }
  // who has no password to confirm it with has just come
  if (!account.hasPassword && Date.now() - account.since.getTime() > recent) {
    throw new CoinError('forbidden', 'You signed in too long ago for this.', { hint: 'Sign out and in again first.' })
  }
  return account
}

const recent = 60 * 60 * 1000

/** Two factors are required, there is one, and it was not shown. */
export const lacksShown = (c: Context, account: OwnAccount): boolean =>
  c.var.actor.signingIn === true && (account.hasCodes || account.passkeys.length > 0)
