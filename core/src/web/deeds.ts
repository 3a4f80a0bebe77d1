import type { MiddlewareHandler } from 'hono'
import { currentScope, isStaff } from '../app/scope.ts'
import { recordDeed } from '../audit/deeds.ts'
import type { Coin } from '../coin.ts'
import type { WebEnv } from './env.ts'

/**
 * Keeps in the audit log what staff did by a request: what was carried out, and what was taken away as a file. What was refused or only
 * looked at is not a deed. Row by row, the history says what changed.
 */
export function keepDeeds(coin: Coin): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    await next()
    // as it was when the request came: after signing out there is nobody left to name
    const { actor, path } = currentScope()
    if (!isStaff(actor)) return
    // a form that comes back, or a plan that is shown, is not answered with a redirect
    const carriedOut = c.req.method === 'POST' && c.res.status === 303
    const taken = c.res.status === 200 && (c.res.headers.get('content-disposition')?.startsWith('attachment') ?? false)
    if (!carriedOut && !taken) return
    await recordDeed(coin, actor, { did: taken ? 'downloaded' : 'carried_out', path, address: c.var.address })
  }
}
