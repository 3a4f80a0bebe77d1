import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { nobody } from '../app/access.ts'
import type { Actor } from '../app/scope.ts'
import type { Coin } from '../coin.ts'
import { explain, isDatabaseDown } from '../db/errors.ts'
import { CoinError } from '../errors.ts'
import { authOf, passCookies } from './auth-of.ts'

export interface Session {
  readonly actor: Actor
  /** What the user's account says, or `''`. */
  readonly language: string
}

/** Who asks, by the session cookie. Costs nothing without one. */
export async function sessionOf(coin: Coin, c: Context): Promise<Session> {
  if (!c.req.header('cookie')?.includes('coin.session_token=')) return { actor: nobody, language: '' }
  const auth = await authOf(coin, c.var.secure)
  const { response, headers } = await auth.api.getSession({ headers: c.req.raw.headers, returnHeaders: true }).catch(unanswered)
  passCookies(c, headers)
  return response ? { actor: await actorOf(coin, response.user), language: response.user.language } : { actor: nobody, language: '' }
}

// better-auth says no more than that it could not find out
function unanswered(error: unknown): never {
  const explained = explain(error, {})
  throw isDatabaseDown(error) || explained === error
    ? new CoinError('unavailable', 'The database does not answer.', { hint: 'Try again in a moment.', cause: error })
    : explained
}

interface SignedIn {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: string
}

/** A user as who acts: their roles, what these allow, and the member that they are. */
async function actorOf(coin: Pick<Coin, 'database'>, user: SignedIn): Promise<Actor> {
  const { rows } = await coin.database.db.execute<{ id: string }>(sql`SELECT id FROM member WHERE user_id = ${user.id}`)
  const staff = user.role === 'staff'
  const memberId = rows[0] && Number(rows[0].id)
  return {
    kind: 'user',
    label: user.name || user.email,
    userId: user.id,
    ...(memberId !== undefined && { memberId }),
    roles: [...(memberId === undefined ? [] : ['member']), ...(staff ? ['staff'] : [])],
    permissions: new Set(staff ? ['*'] : []),
  }
}
