import { createHash, timingSafeEqual } from 'node:crypto'
import manifest from '../../package.json' with { type: 'json' }
import { currentScope, isStaff, mayEverywhere } from '../app/scope.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { metricsText } from './metrics.ts'

/**
 * What Prometheus reads. For who has the token of `COIN_METRICS_TOKEN`, and for staff who may see the network; without the variable only for
 * them.
 */
export const metricsView: View = {
  path: '/metrics',
  access: 'public',
  async get(c) {
    const { actor, db, registry } = currentScope()
    if (!hasToken(c.req.header('authorization')) && !(isStaff(actor) && mayEverywhere(actor, 'provisioning.view'))) {
      if (actor.kind !== 'nobody')
        throw new CoinError('forbidden', 'You may not open this page.', { hint: 'Ask somebody who works for the provider.' })
      return c.text('A token is needed: Authorization: Bearer …\n', 401, { 'WWW-Authenticate': 'Bearer realm="metrics"' })
    }
    const { text, type } = await metricsText(db, registry, manifest.version)
    return c.body(text, 200, { 'Content-Type': type, 'Cache-Control': 'no-store' })
  },
}

/** Compared by digest: how long it takes says nothing about the token. */
function hasToken(header: string | undefined): boolean {
  const wanted = process.env.COIN_METRICS_TOKEN
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]
  return Boolean(wanted) && given !== undefined && timingSafeEqual(digest(given), digest(wanted ?? ''))
}

const digest = (text: string) => createHash('sha256').update(text).digest()
