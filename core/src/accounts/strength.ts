import { APIError } from 'better-auth/api'
import { sql } from 'drizzle-orm'
import type { Coin } from '../coin.ts'
import { arrivalOf } from './arrival.ts'

interface AuthContext {
  readonly path?: string | undefined
  readonly context: { readonly session?: { readonly session: object } | null }
}

/** What a session is begun with: whether two factors were shown. Whose account is disabled begins none. */
export async function beginSession<S extends { readonly userId: string }>(coin: Coin, session: S, context: AuthContext | null) {
  const { rows } = await coin.database.db.execute(sql`SELECT FROM auth."user" WHERE id = ${session.userId} AND disabled_at IS NOT NULL`)
  if (rows.length > 0) throw new APIError('FORBIDDEN', { code: 'ACCOUNT_DISABLED' })
  return { data: { ...session, strong: isStrong(context) } }
}

/** Both factors at once, or what the session that it follows had. */
const twoAtOnce = ['/two-factor/verify-totp', '/two-factor/verify-backup-code', '/passkey/verify-authentication']

function isStrong(context: AuthContext | null): boolean {
  const path = context?.path ?? ''
  if (twoAtOnce.includes(path)) return true
  if (path.startsWith('/callback/')) return arrivalOf()?.twoFactors === true
  const before = context?.context.session?.session
  return path === '/change-password' && before !== undefined && Reflect.get(before, 'strong') === true
}
