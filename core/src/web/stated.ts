import type { Hono } from 'hono'
import type { Access } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import type { WebEnv } from './env.ts'

/** What a route says of itself. */
export interface Statement {
  /** As in `url()`, or `member.change` for a page of the back office. */
  readonly name: string
  readonly app: string
  /** `owner` is the member whose configuration it is, and staff with the `permission`. */
  readonly access: Access | 'owner'
  /** What staff need where the access is not a permission itself. */
  readonly permission?: string
  /** Whether it narrows what it shows and does to the offers and groups of staff who are limited. */
  readonly narrows?: boolean
  /** Called by programs with a token of their own. */
  readonly machine?: boolean
}

/** A route of the site, as it is mounted. */
export interface StatedRoute extends Statement {
  readonly method: string
  readonly path: string
}

const statements = new WeakMap<object, Statement>()

/** Marks the handler of a route with who may use it. */
export function stated<H extends object>(statement: Statement, handler: H): H {
  statements.set(handler, statement)
  return handler
}

/** Every route of a site with who may use it, in order of path. Throws for one that states nothing. */
export function statedRoutes(web: Hono<WebEnv>): readonly StatedRoute[] {
  const mounted = web.routes.filter(({ method }) => method !== 'ALL')
  const silent = mounted.filter(({ handler }) => !statements.has(handler))
  if (silent.length > 0)
    throw new CoinError('boot', 'Nobody knows who may use these routes: {{routes}}', {
      values: { routes: silent.map(({ method, path }) => `${method} ${path}`).join(', ') },
      hint: 'Mount them with stated().',
    })
  const byRoute = new Map(
    mounted.flatMap(({ method, path, handler }) => {
      const statement = statements.get(handler)
      return statement ? [[`${method} ${path}`, { method, path, ...statement }] as const] : []
    }),
  )
  return [...byRoute.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.method < b.method ? -1 : 1))
}
