import type { Context } from 'hono'

/** True when the client asks for data, not for a page. */
export function wantsJson(c: Context): boolean {
  const accept = c.req.header('accept') ?? ''
  return accept.includes('application/json') && !accept.includes('text/html')
}

/** True when htmx asks for a part of a page; going back in history it wants a whole one. */
export const wantsFragment = (c: Context): boolean =>
  c.req.header('hx-request') === 'true' && c.req.header('hx-history-restore-request') !== 'true'

/** True when somebody looks at a page in a browser: they can be sent elsewhere. */
export const wantsPage = (c: Context): boolean => ['GET', 'HEAD'].includes(c.req.method) && !wantsFragment(c) && !wantsJson(c)
