import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import ipaddr from 'ipaddr.js'
import type { OidcProvider } from '../app/accounts-config.ts'
import type { Coin } from '../coin.ts'
import type { Auth, AuthOptions } from './auth.ts'

const known = new WeakMap<Coin, Map<string, Promise<Auth>>>()

/** The sign-in machinery of a running Coin, loaded when first needed. */
export function authOf(coin: Coin, options: AuthOptions): Promise<Auth> {
  const ofCoin = known.get(coin) ?? new Map<string, Promise<Auth>>()
  known.set(coin, ofCoin)
  const key = JSON.stringify([options.publicUrl ?? null, options.oidc?.id ?? null])
  const auth = ofCoin.get(key) ?? import('./auth.ts').then(({ createAuth }) => createAuth(coin, options))
  ofCoin.set(key, auth)
  return auth
}

/** What is asked of better-auth besides a path: a body to post, or the service that somebody comes from. */
interface Asked {
  readonly body?: Readonly<Record<string, unknown>>
  readonly oidc?: OidcProvider
}

/** Asks better-auth as if its own address had been posted to (without a body: looked at), so that its limits hold. */
export async function callAuth(c: Context, path: string, { body, oidc }: Asked = {}): Promise<Response> {
  const { authOrigin, addressHeader } = await import('./auth.ts')
  const { coin, publicUrl, address } = c.var
  const auth = await authOf(coin, { publicUrl, ...(oidc && { oidc }) })
  const headers = new Headers({ 'Content-Type': 'application/json', Origin: originFor(c, path) ?? authOrigin, [addressHeader]: address })
  for (const name of ['Cookie', 'User-Agent']) {
    const value = c.req.header(name)
    if (value) headers.set(name, value)
  }
  return auth.handler(
    new Request(`${authOrigin}/api/auth${path}`, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }),
  )
}

/** A passkey is for an origin: of the site, or while that is not set, of the request, which was compared with its host already. */
const originFor = (c: Context, path: string) =>
  path.startsWith('/passkey/') && c.var.publicUrl === undefined ? c.req.header('Origin') : undefined

/** Hands the cookies that better-auth sets on to the browser. */
export function passCookies(c: Context, answer: Response | Headers): void {
  for (const cookie of (answer instanceof Headers ? answer : answer.headers).getSetCookie())
    c.header('Set-Cookie', cookie, { append: true })
}

/** Takes back that a sign-in counted as an attempt: only failures do. */
export async function forgiveSignIn(c: Context): Promise<void> {
  const key = `${bucketOf(c.var.address)}|/sign-in/email`
  await c.var.coin.database.db.execute(sql`UPDATE auth.rate_limit SET count = greatest(count - 1, 0) WHERE key = ${key}`)
}

const minute = 60_000
const attempts = 5

/** Counts an attempt that better-auth does not see, beside its own; true when the address made too many within a minute. */
export async function isTooMany(c: Context, what: string): Promise<boolean> {
  const now = Date.now()
  const { rows } = await c.var.coin.database.db.execute<{ count: number }>(sql`
    INSERT INTO auth.rate_limit AS r (id, key, count, last_request) VALUES (${crypto.randomUUID()}, ${`${bucketOf(c.var.address)}|${what}`}, 1, ${now})
    ON CONFLICT (key) DO UPDATE SET count = CASE WHEN r.last_request < ${now - minute} THEN 1 ELSE r.count + 1 END, last_request = ${now}
    RETURNING count`)
  return (rows[0]?.count ?? 0) > attempts
}

/** How better-auth names whoever shares a count of attempts: an IPv4 address, or the /64 around an IPv6 one. */
function bucketOf(address: string): string {
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return [...parsed.parts.slice(0, 4), 0, 0, 0, 0].map(part => part.toString(16).padStart(4, '0')).join(':')
}
