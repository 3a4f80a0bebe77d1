import { createHash } from 'node:crypto'
import { passkey } from '@better-auth/passkey'
import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { genericOAuth, twoFactor } from 'better-auth/plugins'
import { systemActor } from '../app/access.ts'
import type { OidcProvider } from '../app/accounts-config.ts'
import type { Coin } from '../coin.ts'
import { type AccountOwner, ownerOf, recordAccountEvent } from './account-events.ts'
import { sessionAge } from './fresh-session.ts'
import { forgetLinks } from './links.ts'
import { mailPasswordLink } from './mails.ts'
import { oidcHooks, oidcSettings } from './oidc-settings.ts'
import { passkeySettings } from './passkey-settings.ts'
import { longestPassword, shortestPassword } from './rules.ts'
import { beginSession } from './strength.ts'
import { accounts, passkeys, rateLimits, sessions, twoFactors, users, verifications } from './tables.ts'

/** Where better-auth believes to be: nobody outside ever talks to it, our forms do. */
export const authOrigin = 'http://accounts.coin.invalid'
/** Tells it where a request comes from; set by us, never taken from the client. */
export const addressHeader = 'x-coin-address'

const hour = 60 * 60
/** Failures per minute and address; what succeeds is not counted. */
const signInLimit = { window: 60, max: 5 }
const codeLimit = { window: 60, max: 10 }

/** Of one site: where it is reached, when that is known. */
export interface AuthOptions {
  readonly publicUrl: string | undefined
  /** The service that people come from; each has its own, so that one that does not answer stops nobody else. */
  readonly oidc?: OidcProvider
}

/** Passwords, second factors, passkeys, sessions and their limits, kept in the schema `auth`. */
export function createAuth(coin: Coin, { publicUrl, oidc }: AuthOptions) {
  const secure = publicUrl?.startsWith('https:') ?? false
  const { config, providerName } = coin.registry
  return betterAuth({
    appName: providerName,
    baseURL: authOrigin,
    secrets: [coin.secret, ...coin.earlierSecrets].map(value => ({ version: versionOf(value), value })),
    // passkeys are made for an origin, which better-auth reads from the request while no address is set
    trustedOrigins: publicUrl ? [] : ['http://localhost:*', 'http://localhost'],
    database: drizzleAdapter(coin.database.db, {
      provider: 'pg',
      schema: {
        user: users,
        session: sessions,
        account: accounts,
        verification: verifications,
        rateLimit: rateLimits,
        twoFactor: twoFactors,
        passkey: passkeys,
      },
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
      resetPasswordTokenExpiresIn: hour,
      onPasswordReset: ({ user }, request) => passwordWasSet(coin, user, request?.headers.get(addressHeader) ?? ''),
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
    session: {
      ...sessionAge,
      // what needs a recent sign-in asks for the password itself
      freshAge: 0,
      additionalFields: { strong: { type: 'boolean', input: false, defaultValue: false } },
    },
    plugins: [
      withCodeAfter(twoFactor({ issuer: providerName, allowPasswordless: true }), oidc),
      passkey(passkeySettings(providerName, publicUrl)),
      genericOAuth({ config: oidc ? [oidcSettings(oidc, publicUrl, config.basePath)] : [] }),
    ],
    // what a sign-in service hands out is not needed after the sign-in, and not kept
    account: { updateAccountOnSignIn: false },
    databaseHooks: {
      session: { create: { before: (session, context) => beginSession(coin, session, context) } },
      ...oidcHooks(coin, oidc),
    },
    rateLimit: {
      enabled: true,
      storage: 'database',
      window: 10,
      max: 100,
      customRules: {
        '/sign-in/email': signInLimit,
        '/sign-in/social': { window: 60, max: 20 },
        '/change-password': { window: 60, max: 5 },
        '/verify-password': { window: 60, max: 5 },
        '/request-password-reset': { window: 300, max: 5 },
        '/reset-password': { window: 60, max: 10 },
        '/two-factor/verify-totp': codeLimit,
        '/two-factor/verify-backup-code': codeLimit,
        '/two-factor/*': codeLimit,
        '/passkey/verify-authentication': codeLimit,
      },
    },
    advanced: {
      cookiePrefix: 'coin',
      useSecureCookies: secure,
      defaultCookieAttributes: { path: config.basePath || '/', httpOnly: true, sameSite: 'lax', secure },
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: { generateId: () => crypto.randomUUID() },
    },
    logger: { disabled: true },
    telemetry: { enabled: false },
  })
}
export type Auth = ReturnType<typeof createAuth>

/** The links that were mailed before end, and a mail says that there is a new password. */
const passwordWasSet = (coin: Coin, user: AccountOwner, address: string) =>
  coin.transaction(ownerOf(user), async tx => {
    await forgetLinks(tx, user.id)
    await recordAccountEvent(tx, user.id, 'password_set', { address })
  })

/** Secrets follow one another; what one encrypted says which. */
const versionOf = (secret: string) => createHash('sha256').update(secret).digest().readUInt32BE() >>> 1

/** Who has an app for codes is asked for one after a sign-in service too, unless that asks for two factors itself. */
function withCodeAfter<P extends ReturnType<typeof twoFactor>>(plugin: P, oidc: OidcProvider | undefined): P {
  if (!oidc || oidc.twoFactors) return plugin
  const after = plugin.hooks.after.map(hook => ({
    ...hook,
    matcher: (context: Parameters<typeof hook.matcher>[0]) => hook.matcher(context) || (context.path ?? '').startsWith('/callback/'),
  }))
  return { ...plugin, hooks: { ...plugin.hooks, after } }
}
