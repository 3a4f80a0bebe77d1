import { isIP } from 'node:net'
import type { Context } from 'hono'

/**
 * Whether a browser can make passkeys for this site: they belong to a name, over https. While `COIN_URL` is not set that is `localhost`
 * only, never what a request calls the site.
 */
export function passkeysWork(c: Context): boolean {
  const { publicUrl } = c.var
  const { protocol, hostname } = new URL(publicUrl ?? c.req.url)
  if (hostname === 'localhost') return true
  return publicUrl !== undefined && protocol === 'https:' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0
}
