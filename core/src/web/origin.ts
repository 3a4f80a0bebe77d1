import type { MiddlewareHandler } from 'hono'
import { CoinError } from '../errors.ts'
import type { WebEnv } from './env.ts'

/**
 * Where people reach this site, for links in mails: `COIN_URL`, else where `HOST` and `PORT` say. Never what a request claims:
 * somebody could have a link to their own site mailed.
 */
export function publicOrigin(env: NodeJS.ProcessEnv = process.env): string {
  if (env.COIN_URL) return new URL(env.COIN_URL).origin
  const host = ['', '0.0.0.0', '::'].includes(env.HOST ?? '') ? '127.0.0.1' : (env.HOST ?? '')
  return `http://${host.includes(':') ? `[${host}]` : host}:${env.PORT || 8000}`
}

const safe = ['GET', 'HEAD', 'OPTIONS']

/** Refuses what another site makes a browser send: whatever may write must come from our own pages. */
export const sameOriginOnly = (allowed: {
  readonly publicUrl: string | undefined
  readonly trustProxy: boolean
}): MiddlewareHandler<WebEnv> => {
  const ours = allowed.publicUrl ? new URL(allowed.publicUrl).origin : undefined
  return async (c, next) => {
    if (safe.includes(c.req.method)) return next()
    const origin = c.req.header('origin')
    const forwarded = allowed.trustProxy ? c.req.header('x-forwarded-host')?.split(',').at(-1)?.trim() : undefined
    const host = forwarded || c.req.header('host') || new URL(c.req.url).host
    const fits =
      origin === undefined
        ? c.req.header('sec-fetch-site') === 'same-origin'
        : ours
          ? origin === ours
          : hostOf(origin) === host.toLowerCase()
    if (fits) return next()
    throw new CoinError('forbidden', 'This form was sent from another site.', {
      hint: 'Open the page again and send it from there. If you administer Coin: COIN_URL must be the address that people see.',
    })
  }
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}
