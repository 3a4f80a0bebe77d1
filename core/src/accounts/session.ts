import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { nobody } from '../app/access.ts'
import { rightsOf } from '../app/rights.ts'
import type { Actor } from '../app/scope.ts'
import type { Coin } from '../coin.ts'
import { explain, isDatabaseDown } from '../db/errors.ts'
import { executePrepared } from '../db/prepared.ts'
import { CoinError } from '../errors.ts'
import { authOf, passCookies } from './auth-of.ts'
import { freshSession, type Standing, standingColumns } from './fresh-session.ts'

export interface Session {
  readonly actor: Actor
  /** What the user's account says, or `''`. */
  readonly language: string
}

/** Who asks, by the session cookie. Costs nothing without one. */
export async function sessionOf(coin: Coin, c: Context): Promise<Session> {
  if (!c.req.header('cookie')?.includes('coin.session_token=')) return { actor: nobody, language: '' }
  const { twoFactors } = coin.registry.config.accounts
  const fresh = await freshSession(coin, c).catch(unanswered)
  if (fresh) return sessionFor(twoFactors, fresh.strong, fresh.language, actorFrom(fresh, fresh))
  const auth = await authOf(coin, { publicUrl: c.var.publicUrl })
  const { response, headers } = await auth.api.getSession({ headers: c.req.raw.headers, returnHeaders: true }).catch(unanswered)
  passCookies(c, headers)
  if (!response) return { actor: nobody, language: '' }
  return sessionFor(twoFactors, response.session.strong, response.user.language, await actorOf(coin, response.user))
}

const sessionFor = (setting: 'optional' | 'staff' | 'everyone', strong: boolean, language: string, actor: Actor): Session => ({
  actor: strong || !needsTwoFactors(setting, actor) ? actor : signingIn(actor),
  language,
})

/** Whether a setting wants two factors of somebody. */
export const needsTwoFactors = (setting: 'optional' | 'staff' | 'everyone', actor: Actor): boolean =>
  actor.kind === 'user' && (setting === 'everyone' || (setting === 'staff' && actor.roles.includes('staff')))

/** Until the second factor is there, they are nobody: whatever is not for setting it up is closed. */
const signingIn = ({ label, userId }: Actor): Actor => ({ ...nobody, label, ...(userId !== undefined && { userId }), signingIn: true })

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
}

/** A user as who acts now. */
async function actorOf(coin: Pick<Coin, 'database'>, user: SignedIn): Promise<Actor> {
  const { rows } = await executePrepared<Standing>(
    coin.database.db,
    sql`SELECT ${standingColumns} FROM auth."user" u LEFT JOIN member m ON m.user_id = u.id WHERE u.id = ${user.id}`,
  )
  return rows[0] ? actorFrom(user, rows[0]) : nobody
}

/** The member that a user is, and what their roles allow. */
function actorFrom(user: SignedIn, { member, disabled, roles }: Standing): Actor {
  if (disabled) return nobody
  const memberId = member === null ? undefined : Number(member)
  return {
    kind: 'user',
    label: user.name || user.email,
    userId: user.id,
    ...(memberId !== undefined && { memberId }),
    roles: [...(memberId === undefined ? [] : ['member']), ...(roles.length > 0 ? ['staff'] : [])],
    ...rightsOf(roles),
  }
}
