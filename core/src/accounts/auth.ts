import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { systemActor } from '../app/access.ts'
import type { Coin } from '../coin.ts'
import { forgetLinks } from './links.ts'
import { mailPasswordLink } from './mails.ts'
import { longestPassword, shortestPassword } from './rules.ts'
import { accounts, rateLimits, sessions, users, verifications } from './tables.ts'

/** Where better-auth believes to be: nobody outside ever talks to it, our forms do. */
export const authOrigin = 'http://accounts.coin.invalid'
/** Tells it where a request comes from; set by us, never taken from the client. */
export const addressHeader = 'x-coin-address'

const day = 24 * 60 * 60
/** Failures per minute and address; what succeeds is not counted. */
const signInLimit = { window: 60, max: 5 }

/** Passwords, sessions and their limits, kept in the schema `auth`. */
export function createAuth(coin: Coin, secure: boolean) {
  return betterAuth({
    baseURL: authOrigin,
    secret: coin.secret,
    database: drizzleAdapter(coin.database.db, {
      provider: 'pg',
      schema: { user: users, session: sessions, account: accounts, verification: verifications, rateLimit: rateLimits },
    }),
    user: {
      additionalFields: {
        role: { type: 'string', input: false, defaultValue: 'member' },
        language: { type: 'string', input: false, defaultValue: '' },
      },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: shortestPassword,
      maxPasswordLength: longestPassword,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: 60 * 60,
      onPasswordReset: ({ user }) => forgetLinks(coin.database.db, user.id),
      sendResetPassword: ({ user, token }) =>
        coin.transaction(systemActor('password reset'), tx =>
          mailPasswordLink(
            tx,
            'reset',
            { email: user.email, name: user.name, language: String(Reflect.get(user, 'language') ?? '') },
            token,
          ),
        ),
    },
    session: { expiresIn: 30 * day, updateAge: day },
    rateLimit: {
      enabled: true,
      storage: 'database',
      window: 10,
      max: 100,
      customRules: {
        '/sign-in/email': signInLimit,
        '/change-password': { window: 60, max: 5 },
        '/request-password-reset': { window: 300, max: 5 },
        '/reset-password': { window: 60, max: 10 },
      },
    },
    advanced: {
      cookiePrefix: 'coin',
      useSecureCookies: secure,
      defaultCookieAttributes: { path: coin.registry.config.basePath || '/', httpOnly: true, sameSite: 'lax', secure },
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: { generateId: () => crypto.randomUUID() },
    },
    logger: { disabled: true },
    telemetry: { enabled: false },
  })
}
export type Auth = ReturnType<typeof createAuth>
