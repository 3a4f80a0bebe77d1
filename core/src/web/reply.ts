import type { Context } from 'hono'
import type { Html } from '../app/html.ts'
import type { Flash } from '../app/scope.ts'
import { setFlash } from './flash.ts'

/**
 * Answers a POST: the browser goes on to `href` (made by `url()` or `sitePath()`), where one sentence says what has happened.
 */
export function redirectTo(c: Context, href: string, message?: string, kind: Flash['kind'] = 'ok'): Response {
  if (message) setFlash(c, { kind, message })
  return c.redirect(href, 303)
}

const encoder = new TextEncoder()

/** Answers with a page, as bytes: what is no plain text would be sent through a stream, and text be encoded twice, to measure it first. */
export async function pageAnswer(c: Context, page: Html): Promise<Response> {
  const text: unknown = await (await page).toString()
  return c.body(encoder.encode(String(text)), { headers: { 'Content-Type': 'text/html; charset=UTF-8' } })
}
