import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import ipaddr from 'ipaddr.js'
import type { Coin } from '../coin.ts'
import type { Auth } from './auth.ts'

const known = new WeakMap<Coin, Map<boolean, Promise<Auth>>>()

/** The sign-in machinery of a running Coin, loaded when first needed. */
export function authOf(coin: Coin, secure: boolean): Promise<Auth> {
  const ofCoin = known.get(coin) ?? new Map<boolean, Promise<Auth>>()
  known.set(coin, ofCoin)
  const auth = ofCoin.get(secure) ?? import('./auth.ts').then(({ createAuth }) => createAuth(coin, secure))
  ofCoin.set(secure, auth)
  return auth
}

/** Asks better-auth as if its own address had been posted to, so that its limits hold. */
export async function callAuth(c: Context, path: string, body: Readonly<Record<string, unknown>>): Promise<Response> {
  const { authOrigin, addressHeader } = await import('./auth.ts')
  const auth = await authOf(c.var.coin, c.var.secure)
  const headers = new Headers({ 'Content-Type': 'application/json', Origin: authOrigin, [addressHeader]: c.var.address })
  for (const name of ['Cookie', 'User-Agent']) {
    const value = c.req.header(name)
    if (value) headers.set(name, value)
  }
  return auth.handler(new Request(`${authOrigin}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))
}

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

/** How better-auth names whoever shares a count of attempts: an IPv4 address, or the /64 around an IPv6 one. */
function bucketOf(address: string): string {
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return [...parsed.parts.slice(0, 4), 0, 0, 0, 0].map(part => part.toString(16).padStart(4, '0')).join(':')
}
