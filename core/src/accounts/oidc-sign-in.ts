import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { OidcProvider } from '../app/accounts-config.ts'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import { CoinError, isCoinError } from '../errors.ts'
import { cookieOptions, setFlash } from '../web/flash.ts'
import { redirectTo } from '../web/reply.ts'
import { browserOf, ownerOf, recordAccountEvent } from './account-events.ts'
import { type Arrival, withArrival } from './arrival.ts'
import { callAuth, passCookies } from './auth-of.ts'
import { discover } from './discovery.ts'
import { afterSignIn, askForCode } from './entering.ts'
import { rolesOf } from './oidc-settings.ts'
import { oidcWords, untrusted } from './oidc-words.ts'

const nextCookie = 'coin.next'

/** Sends the browser to a sign-in service. */
export async function goToService(c: Context) {
  const provider = serviceOf(c)
  try {
    await discover(provider)
  } catch (error) {
    return refused(c, provider, error)
  }
  const body = { provider: provider.id, callbackURL: '/done', errorCallbackURL: '/refused', disableRedirect: true }
  const answer = await callAuth(c, '/sign-in/social', { body, oidc: provider })
  const { url: there } = answer.ok ? ((await answer.json()) as { url?: string }) : {}
  if (!there) return refused(c, provider)
  passCookies(c, answer)
  setCookie(c, nextCookie, c.req.query('next') ?? '', { ...cookieOptions(c), maxAge: 600 })
  return c.redirect(there, 302)
}

/** Whom the service sends back is signed in, when its answer holds; their roles follow its claim. */
export async function comeFromService(c: Context) {
  const provider = serviceOf(c)
  const { search } = new URL(c.req.url)
  const { result: answer, arrival } = await withArrival(() => callAuth(c, `/callback/${provider.id}${search}`, { oidc: provider }))
  const why = await failureOf(answer)
  if (why !== undefined) return refused(c, provider, why)
  const user = await arrived(c, provider, arrival)
  if (!user) return refused(c, provider)
  const needsCode = await isChallenge(answer)
  try {
    await c.var.coin.transaction(ownerOf(user), async tx => {
      for (const { handle } of c.var.coin.registry.signedIn)
        await handle({ userId: user.id, service: provider.id, roles: rolesOf(provider, arrival.claims ?? {}) }, tx)
      if (!needsCode)
        await recordAccountEvent(tx, user.id, 'signed_in', { address: c.var.address, detail: `${provider.name}, ${browserOf(c)}` })
    })
  } catch (error) {
    return refused(c, provider, error)
  }
  const next = getCookie(c, nextCookie)
  if (needsCode) return askForCode(c, answer, next)
  passCookies(c, answer)
  if (provider.roles && arrival.claims?.[provider.rolesClaim] === undefined)
    setFlash(c, { kind: 'fail', message: t(noClaim.message, { name: provider.name, claim: provider.rolesClaim }) })
  return c.redirect(afterSignIn(next, [await roleOf(c, user.id)]), 303)
}

const noClaim = { message: '{{name}} does not say what you belong to (claim “{{claim}}”), so you have no roles from there.' }

function serviceOf(c: Context): OidcProvider {
  const provider = c.var.coin.registry.config.accounts.oidc.find(({ id }) => id === c.req.param('provider'))
  if (!provider) throw new CoinError('not_found', 'There is no such sign-in service.')
  return provider
}

/** What went wrong, as better-auth calls it; undefined when nothing did. */
async function failureOf(answer: Response): Promise<string | undefined> {
  const location = answer.headers.get('Location')
  if (location !== null) return new URL(location, 'http://here.invalid').searchParams.get('error') ?? undefined
  if (answer.ok) return undefined
  const body: unknown = await answer.json().catch(() => undefined)
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : ''
}

/** Whether a code is to follow: then the session that began has ended already. */
async function isChallenge(answer: Response): Promise<boolean> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined)
  return typeof body === 'object' && body !== null && 'twoFactorRedirect' in body
}

/** The account that the service's subject is linked to. */
async function arrived(c: Context, provider: OidcProvider, { claims }: Arrival) {
  const { rows } = await c.var.coin.database.db.execute<{ id: string; name: string; email: string }>(sql`
    SELECT u.id, u.name, u.email FROM auth.account a JOIN auth."user" u ON u.id = a.user_id
    WHERE a.provider_id = ${provider.id} AND a.account_id = ${String(claims?.sub ?? '')}`)
  return rows[0]
}

/** As it is now that the roles have followed. */
async function roleOf(c: Context, userId: string): Promise<string> {
  const { rows } = await c.var.coin.database.db.execute<{ role: string }>(sql`SELECT role FROM auth."user" WHERE id = ${userId}`)
  return rows[0]?.role ?? ''
}

/** Back to the ways to sign in, with the reason. */
function refused(c: Context, { name }: OidcProvider, reason?: unknown): Response {
  if (isCoinError(reason)) {
    const { message, hint, values } = reason
    return redirectTo(c, url('accounts:signIn'), [t(message, values), hint && t(hint, values)].filter(Boolean).join(' '), 'fail')
  }
  if (reason !== undefined && typeof reason !== 'string') throw reason
  const { message } = oidcWords[reason ?? ''] ?? untrusted
  return redirectTo(c, url('accounts:signIn'), t(message, { name }), 'fail')
}
