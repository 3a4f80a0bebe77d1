import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { currentScope, type Flash } from '../app/scope.ts'

const name = 'coin.flash'
const longest = 1000

/** Keeps one sentence for the next page. */
export function setFlash(c: Context, flash: Flash): void {
  const text = JSON.stringify([flash.kind, flash.message.slice(0, longest)])
  setCookie(c, name, Buffer.from(text).toString('base64url'), { ...cookieOptions(c), maxAge: 120 })
}

/** The sentence kept for this page, if any. */
export function readFlash(c: Context): Flash | undefined {
  const text = getCookie(c, name)
  if (!text) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (!Array.isArray(value)) return undefined
    const [kind, message] = value as unknown[]
    return (kind === 'ok' || kind === 'fail') && typeof message === 'string' ? { kind, message: message.slice(0, longest) } : undefined
  } catch {
    return undefined
  }
}

/** Forgets the sentence once a page has shown it. */
export function clearShownFlash(c: Context): void {
  const isPage = c.res.headers.get('Content-Type')?.startsWith('text/html') && c.res.status < 500
  const replaced = c.res.headers.getSetCookie().some(cookie => cookie.startsWith(`${name}=`))
  if (isPage && !replaced && getCookie(c, name) !== undefined) setCookie(c, name, '', { ...cookieOptions(c), maxAge: 0 })
}

/** What every cookie of the site has: for the site only, not for scripts, not sent along from other sites. */
export function cookieOptions(c: Context) {
  return { path: currentScope().basePath || '/', httpOnly: true, sameSite: 'Lax', secure: c.get('secure') } as const
}
