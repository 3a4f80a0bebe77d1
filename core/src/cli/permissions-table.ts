import { CoinError } from '../errors.ts'
import { allRoles } from '../staff/queries.ts'
import { statedRoutes } from '../web/stated.ts'
import { createWeb } from '../web/web.ts'
import { type Audience, type WhoMay, whoMay } from '../web/who-may.ts'
import type { CliContext } from './context.ts'
import { print, table } from './output.ts'

/** Prints the table of every route. */
export async function showPermissions(
  context: CliContext,
  { role, path }: { readonly role?: string; readonly path?: string },
): Promise<void> {
  const routes = await context.withCoin(async coin => {
    const roles = await allRoles(coin.database.db)
    if (role !== undefined && !roles.some(({ name }) => name === role))
      throw new CoinError('not_found', 'There is no role {{role}}.', {
        values: { role },
        hint: `There are ${roles.map(({ name }) => name).join(', ')}.`,
      })
    return statedRoutes(createWeb(coin))
      .map(route => ({ ...route, who: whoMay(route, roles) }))
      .filter(({ who }) => role === undefined || who.roles.some(({ name }) => name === role))
      .filter(route => path === undefined || route.path.includes(path))
  })
  print(
    context,
    routes.map(({ who, permission, method, path: at, name, app, access }) => ({
      method,
      path: at,
      view: name,
      app,
      access,
      ...(permission && { permission }),
      ...(who.audience && { audience: who.audience }),
      roles: who.roles,
    })),
    () =>
      table(
        ['Method', 'Path', 'View', 'App', 'Access', 'Who may'],
        routes.map(({ who, permission, method, path: at, name, app, access }) => [
          method,
          at,
          name,
          app,
          permission ? `${access}, ${permission}` : access,
          inWords(who),
        ]),
      ),
  )
}

const audiences: Readonly<Record<Audience, string>> = {
  everybody: 'everybody',
  signed_in: 'whoever signed in',
  members: 'members',
  programs: 'programs with a token',
  owner: 'the member whose it is',
}

const inWords = ({ audience, roles }: WhoMay): string =>
  [
    ...(audience ? [audiences[audience]] : []),
    ...roles.map(({ name, limited }) => (limited ? `${name} (for its offers and groups)` : name)),
  ].join(', ') || 'nobody'
