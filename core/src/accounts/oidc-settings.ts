import { sql } from 'drizzle-orm'
import { systemActor } from '../app/access.ts'
import type { OidcProvider } from '../app/accounts-config.ts'
import type { Coin } from '../coin.ts'
import { publicOrigin } from '../web/origin.ts'
import { recordAccountEvent } from './account-events.ts'
import { arrivalOf } from './arrival.ts'
import { discover, discoveryUrl } from './discovery.ts'

type Claims = Readonly<Record<string, unknown>>

/** How better-auth is to talk to a service: PKCE, state and nonce; only signed tokens of its own count. */
export function oidcSettings(provider: OidcProvider, publicUrl: string | undefined, basePath: string) {
  const { id, name, clientId, clientSecret, scopes } = provider
  const origin = publicUrl === undefined ? publicOrigin() : new URL(publicUrl).origin
  return {
    providerId: id,
    name,
    discoveryUrl: discoveryUrl(provider),
    requireIdTokenVerification: true,
    clientId,
    ...(clientSecret === undefined ? { tokenEndpointAuth: { method: 'none' as const } } : { clientSecret }),
    scopes: [...scopes],
    pkce: true,
    redirectURI: `${origin}${basePath}/sign-in/with/${id}/back`,
    disableSignUp: provider.createUsers === false,
    getUserInfo: (tokens: { readonly idToken?: string | undefined; readonly accessToken?: string | undefined }) =>
      claimsOf(provider, tokens),
    mapProfileToUser: (claims: Claims) => arrive(provider, claims),
  }
}

/** What becomes of somebody who comes for the first time, and of the tokens that were handed out. */
export function oidcHooks(coin: Coin, provider: OidcProvider | undefined) {
  return {
    account: {
      create: {
        before: async <A extends object>(account: A) => ({ data: { ...account, accessToken: null, refreshToken: null, idToken: null } }),
        after: async ({ userId, providerId }: { readonly userId: string; readonly providerId: string }) => {
          if (providerId === provider?.id) await tellOfLink(coin, userId, provider)
        },
      },
    },
    user: {
      create: {
        before: async <U extends { readonly email: string; readonly emailVerified: boolean }>(user: U) => {
          const { name } = user as U & { readonly name?: string }
          return user.emailVerified && provider && (await mayCome(coin, provider, user.email))
            ? { data: { ...user, name: name || user.email } }
            : false
        },
        after: async ({ id, email }: { readonly id: string; readonly email: string }) => {
          if (provider?.createUsers === 'member') await becomeMember(coin, id, email)
        },
      },
    },
  }
}

/** The names of roles that these claims give; undefined when none follow this service. */
export function rolesOf(provider: OidcProvider, claims: Claims): readonly string[] | undefined {
  if (!provider.roles) return undefined
  const claim = claims[provider.rolesClaim]
  const groups = Array.isArray(claim) ? claim : [claim]
  return [
    ...new Set(
      groups.flatMap(group =>
        typeof group === 'string' && Object.hasOwn(provider.roles ?? {}, group) ? [provider.roles?.[group] ?? ''] : [],
      ),
    ),
  ]
}

/** Of the token, which better-auth has verified, and of the service's own answer about the same person. */
async function claimsOf(
  provider: OidcProvider,
  tokens: { readonly idToken?: string | undefined; readonly accessToken?: string | undefined },
) {
  if (!tokens.idToken) return null
  const claims = await allClaims(provider, tokens.idToken, tokens.accessToken)
  return { ...claims, emailVerified: provider.trustEmail || claims.email_verified === true || claims.email_verified === 'true' }
}

async function allClaims(provider: OidcProvider, idToken: string, accessToken: string | undefined): Promise<Claims> {
  const ofToken = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
  const { userinfo } = await discover(provider)
  if (!userinfo || !accessToken) return ofToken
  const answer = await fetch(userinfo, {
    headers: { Authorization: `Bearer ${accessToken}`, Accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  })
  const more: unknown = answer.ok ? await answer.json().catch(() => undefined) : undefined
  if (typeof more !== 'object' || more === null || Reflect.get(more, 'sub') !== ofToken.sub) return ofToken
  return { ...more, ...ofToken }
}

function arrive(provider: OidcProvider, claims: Claims) {
  const arrival = arrivalOf()
  if (arrival) {
    arrival.claims = claims
    arrival.twoFactors = provider.twoFactors || (Array.isArray(claims.amr) && claims.amr.includes('mfa'))
  }
  const text = (claim: unknown) => (typeof claim === 'string' ? claim : '')
  return {
    email: text(claims.email).toLowerCase(),
    name: text(claims.name) || text(claims.preferred_username),
  }
}

async function mayCome(coin: Coin, provider: OidcProvider, email: string): Promise<boolean> {
  if (provider.createUsers === 'staff') return (rolesOf(provider, arrivalOf()?.claims ?? {}) ?? []).length > 0
  const { rows } = await coin.database.db.execute(
    sql`SELECT FROM member WHERE lower(email) = ${email.toLowerCase()} AND user_id IS NULL LIMIT 2`,
  )
  return provider.createUsers === 'member' && rows.length === 1
}

const tellOfLink = (coin: Coin, userId: string, { name }: OidcProvider) =>
  coin.transaction(systemActor('sign-in'), tx => recordAccountEvent(tx, userId, 'account_linked', { detail: name }))

const becomeMember = (coin: Coin, userId: string, email: string) =>
  coin.transaction(systemActor('sign-in'), tx =>
    tx.execute(sql`UPDATE member SET user_id = ${userId} WHERE lower(email) = ${email.toLowerCase()} AND user_id IS NULL`),
  )
