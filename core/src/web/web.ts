import { sql } from 'drizzle-orm'
import { type Context, Hono } from 'hono'
import { sessionOf } from '../accounts/session.ts'
import { mountAdmin } from '../admin/mount.ts'
import { nobody } from '../app/access.ts'
import { type Scope, withinScope, withScope } from '../app/scope.ts'
import type { Coin } from '../coin.ts'
import { addressOf } from './address.ts'
import { bodyLimits, readableBody } from './body.ts'
import { keepDeeds } from './deeds.ts'
import { settledOptions, type WebEnv, type WebOptions } from './env.ts'
import { errorResponse, notFound } from './errors.tsx'
import { clearShownFlash, readFlash } from './flash.ts'
import { securityHeaders } from './headers.ts'
import { localeOf } from './locale.ts'
import { sameOriginOnly } from './origin.ts'
import { countQueries, withQueryCount } from './query-count.ts'
import { mountMachines, mountRoutes } from './routes.ts'
import { stated, statedRoutes } from './stated.ts'
import { themeOf } from './theme.ts'
import { wantsFragment } from './wants.ts'

/** The whole site as one request handler: the pages of all apps, the back office, static files, errors. */
export function createWeb(coin: Coin, options: WebOptions = {}): Hono<WebEnv> {
  const settings = settledOptions(options)
  const { registry } = coin
  const { basePath } = registry.config
  const secure = settings.publicUrl?.startsWith('https:') ?? false
  if (settings.debug) countQueries(coin.database.pool)

  const web = new Hono<WebEnv>({ strict: false })
  web.use(securityHeaders(secure))
  web.use(async (c, next) => {
    c.set('coin', coin)
    c.set('routes', () => statedRoutes(web))
    c.set('actor', nobody)
    c.set('secure', secure)
    c.set('publicUrl', settings.publicUrl)
    c.set('address', addressOf(c, settings.trustProxy))
    const scope: Scope = {
      registry,
      db: coin.database.db,
      actor: nobody,
      locale: localeOf(c, registry),
      basePath,
      path: c.req.path.slice(basePath.length) || '/',
      query: new URL(c.req.url).searchParams,
      app: 'coin',
      flash: readFlash(c),
      theme: themeOf(c),
      fragment: wantsFragment(c),
      exact: settings.debug,
      sealer: coin.sealer,
    }
    if (!settings.debug) return withScope(scope, next)
    const { statements } = await withQueryCount(() => withScope(scope, next))
    c.res.headers.set('Server-Timing', `db;desc="${statements()}"`)
  })
  web.onError((error, c) => errorResponse(c, error))
  web.notFound(c => errorResponse(c, notFound()))

  const site = basePath ? web.basePath(basePath) : web
  site.get('/static/*', stated({ name: 'static', app: 'coin', access: 'public' }, registry.assets.handler))
  const healthz = async (c: Context) => {
    const alive = await coin.database.db.execute(sql`SELECT 1`).then(
      () => true,
      () => false,
    )
    return c.text(alive ? 'ok' : 'the database does not answer', alive ? 200 : 503)
  }
  site.get('/healthz', stated({ name: 'healthz', app: 'coin', access: 'public' }, healthz))
  mountMachines(site, coin)
  site.use(sameOriginOnly(settings))
  const limits = bodyLimits(registry)
  site.use(limits.before)
  site.use(async (c, next) => {
    const { actor, language } = await sessionOf(coin, c)
    c.set('actor', actor)
    await withinScope({ actor, locale: localeOf(c, registry, language) }, next)
    clearShownFlash(c)
  })
  site.use(limits.after)
  site.use(readableBody)
  site.use(keepDeeds(coin))
  mountRoutes(site, coin)
  mountAdmin(site, coin)
  return web
}
