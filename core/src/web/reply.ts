import type { Context } from 'hono'
import type { Flash } from '../app/scope.ts'
import { setFlash } from './flash.ts'

/**
 * Answers a POST: the browser goes on to `href` (made by `url()` or `sitePath()`), where one sentence says what has happened.
 */
export function redirectTo(c: Context, href: string, message?: string, kind: Flash['kind'] = 'ok'): Response {
  if (message) setFlash(c, { kind, message })
  return c.redirect(href, 303)
}
