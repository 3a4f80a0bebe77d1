import type { Context, Hono, MiddlewareHandler } from 'hono'
import type { Reply } from '../app/html.ts'
import type { Route } from '../app/routes.ts'
import { withinScope } from '../app/scope.ts'
import type { Coin } from '../coin.ts'
import { requireAccess } from './access.ts'
import { limitedBody, readableBody } from './body.ts'
import type { WebEnv } from './env.ts'
import { errorResponse, notFound } from './errors.tsx'
import { pageAnswer } from './reply.ts'
import { type Statement, stated } from './stated.ts'

type ViewRoute = Extract<Route, { kind: 'view' }>
type ConfigurationRoute = Extract<Route, { kind: 'configuration' }>
type Method = 'get' | 'post'

/** Mounts every route of the apps. Who may use one is asked before its code runs. */
export function mountRoutes(site: Hono<WebEnv>, coin: Coin): void {
  for (const route of coin.registry.routes) {
    if (route.kind === 'view' && route.view.machine) continue
    for (const method of methods) {
      if (!route.view[method]) continue
      const handle = route.kind === 'view' ? viewHandler(route, method) : configurationHandler(coin, route, method)
      site[method](
        route.path,
        stated(statementFor(route, method), (c: Context<WebEnv>) =>
          inApp(c, route.app, () => requireAccess(c, route.access, narrows(route)) ?? handle(c)),
        ),
      )
    }
  }
}

/**
 * Mounts what programs call. Comes before the session and the check of the origin: these need none, because nothing is done here in the
 * name of whoever is signed in.
 */
export function mountMachines(site: Hono<WebEnv>, coin: Coin): void {
  for (const route of coin.registry.routes) {
    for (const method of methods) {
      if (route.kind !== 'view' || !route.view.machine || !route.view[method]) continue
      const handle = viewHandler(route, method)
      const serve: MiddlewareHandler<WebEnv> = c => inApp(c, route.app, () => handle(c))
      // the parts are the same for every route: each gets a handler of its own to say so
      const parts: readonly MiddlewareHandler<WebEnv>[] = [authorized, limitedBody, readableBody, serve]
      const own = parts.map((part): MiddlewareHandler<WebEnv> => stated(statementFor(route, method), (c, next) => part(c, next)))
      site.on(method.toUpperCase(), [route.path], ...own)
    }
  }
}

const methods = ['get', 'post'] as const

function statementFor(route: Route, method: Method): Statement {
  const { name, app, access } = route
  if (route.kind === 'view')
    return { name, app, access, ...(route.view.narrows && { narrows: true }), ...(route.view.machine && { machine: true }) }
  return { name, app, access: access === 'staff' ? access : 'owner', permission: permissionFor(route.view, method), narrows: true }
}

/** What staff need for a page of a configuration. */
const permissionFor = (view: ConfigurationRoute['view'], method: Method): string =>
  view.permission ?? (method === 'get' ? 'configuration.view' : 'configuration.change')

/** A configuration is loaded for whoever asks, narrowed to what they may see. */
const narrows = (route: Route) => route.kind === 'configuration' || route.view.narrows === true

const authorized: MiddlewareHandler<WebEnv> = async (c, next) =>
  c.req.header('authorization') ? next() : c.body(null, 401, { 'WWW-Authenticate': 'Bearer' })

/** Runs a page in the words of its app; what it throws is answered in them too. */
export function inApp(c: Context, app: string, work: () => Reply | Response): Promise<Response> {
  return withinScope({ app }, async () => {
    try {
      return await toResponse(c, await work())
    } catch (error) {
      return errorResponse(c, error)
    }
  })
}

const toResponse = async (c: Context, reply: Awaited<Reply>): Promise<Response> =>
  reply instanceof Response ? reply : pageAnswer(c, reply)

const viewHandler = (route: ViewRoute, method: Method) => (c: Context) => {
  const reply = route.view[method]?.(c)
  if (reply === undefined) throw notFound()
  return reply
}

/** The configuration is loaded for whoever asks: of another member's there is nothing to learn, not even that it exists. */
const configurationHandler = (coin: Coin, route: ConfigurationRoute, method: Method) => async (c: Context) => {
  const { actor } = c.var
  const id = Number(c.req.param('id'))
  const handle = async (tx: Coin['database']['db']) => {
    const configuration = Number.isSafeInteger(id)
      ? await coin.configurationFor(actor, route.type, id, tx, permissionFor(route.view, method))
      : undefined
    // a page that is shown from within a transaction asks for no other connection: as many at once as there are would wait for one another
    return withinScope({ db: tx }, async () => {
      const reply = configuration && route.view[method]?.({ c, configuration, tx })
      if (reply === undefined) throw notFound()
      return toResponse(c, await reply)
    })
  }
  return method === 'get' ? handle(coin.database.db) : coin.transaction(actor, handle)
}
