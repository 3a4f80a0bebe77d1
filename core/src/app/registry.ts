import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConstraintMessages } from '../db/errors.ts'
import type { MigrationSource } from '../db/migrate.ts'
import { CoinError } from '../errors.ts'
import { coreStatic, dependencyFiles } from '../ui/assets.ts'
import type { InterfaceHost } from '../ui/host.ts'
import { createAssets } from '../web/static.ts'
import { type App, isApp } from './app.ts'
import type { AnyBackend } from './backend.ts'
import type { AnyBillingStrategy } from './billing-strategy.ts'
import { duplicates, type Problem, problemsOf, routeProblems } from './checks.ts'
import type { Config } from './config.ts'
import type { AnyConfiguration } from './configuration.ts'
import type { EventName } from './events.ts'
import type { AnyFinder } from './finder.ts'
import { createTranslations } from './i18n.ts'
import { inlineProblems } from './inline-problems.ts'
import type { Command, Job } from './job.ts'
import { lookStyles } from './look-config.ts'
import type { MenuItem } from './menu.ts'
import { menusOf } from './menu-for.ts'
import type { PersonalData } from './personal-data.ts'
import type { AnyRequestKind } from './request-kind.ts'
import { type AnyResource, isResource } from './resource.ts'
import { fill, joinPaths, numericId, type Route } from './routes.ts'
import type { OnSignIn } from './sign-in.ts'
import type { Slots } from './slots.ts'

/** Something with the app it comes from. */
export type Of<T> = T & { readonly app: string }

/** Everything the apps contribute, checked, frozen and indexed. Passed to whoever needs it; never a global. */
export interface Registry extends InterfaceHost {
  readonly config: Config
  readonly apps: readonly App[]
  /** Names of the apps that are Coin's own. */
  readonly coreApps: ReadonlySet<string>
  readonly configurations: ReadonlyMap<string, { readonly app: string; readonly configuration: AnyConfiguration }>
  readonly backends: readonly { readonly app: string; readonly backend: AnyBackend }[]
  /** By name: ways to bill offers. */
  readonly billingStrategies: ReadonlyMap<string, { readonly app: string; readonly strategy: AnyBillingStrategy }>
  readonly resources: ReadonlyMap<string, { readonly app: string; readonly resource: AnyResource }>
  /** By name: what members may ask for. */
  readonly requests: ReadonlyMap<string, { readonly app: string; readonly kind: AnyRequestKind }>
  readonly finders: readonly { readonly app: string; readonly finder: AnyFinder }[]
  /** What is held about members, in the order of the apps. */
  readonly personalData: readonly { readonly app: string; readonly data: PersonalData }[]
  readonly signedIn: readonly { readonly app: string; readonly handle: OnSignIn }[]
  readonly routes: readonly Route[]
  readonly menu: readonly Of<MenuItem & { readonly route: string }>[]
  /** By `<app>:<job>`. */
  readonly jobs: ReadonlyMap<string, { readonly app: string; readonly job: Job }>
  readonly commands: readonly { readonly app: string; readonly name: string; readonly command: Command }[]
  readonly permissions: ReadonlyMap<string, string>
  readonly constraints: ConstraintMessages
  readonly migrations: readonly MigrationSource[]
  slotsOf<S extends keyof Slots>(
    slot: S,
  ): readonly { readonly app: string; readonly render: NonNullable<App['contributions']['slots']>[S] & {} }[]
  beforeCommit(
    event: EventName,
  ): readonly { readonly app: string; readonly handle: NonNullable<NonNullable<App['contributions']['beforeCommit']>[EventName]> }[]
  afterCommit(
    event: EventName,
  ): readonly { readonly app: string; readonly handle: NonNullable<NonNullable<App['contributions']['afterCommit']>[EventName]> }[]
  /** The path of a route, without the base path. Throws for a name or a parameter that does not exist. */
  reverse(name: string, parameters?: Readonly<Record<string, string | number>>): string
}

/** A folder next to the file that declares an app. */
export const folderOf = (app: App, folder: string): string => fileURLToPath(new URL(`${folder}/`, app.root))

const coreFolder = (folder: string): string => fileURLToPath(new URL(`../${folder}/`, import.meta.url))

/** Collects what the core's and the deployment's apps contribute and checks all of it. Throws one `boot` error with every problem. */
export function createRegistry(core: readonly App[], config: Config): Registry {
  const strangers = config.apps.filter(app => !isApp(app))
  const apps = [...core, ...config.apps.filter(isApp)]
  const coreApps = new Set(core.map(app => app.name))
  const all = <K extends keyof App['contributions']>(key: K) =>
    apps.flatMap(app =>
      app.contributions[key] === undefined
        ? []
        : [{ app: app.name, value: app.contributions[key] as NonNullable<App['contributions'][K]> }],
    )

  const configurations = all('configurations').flatMap(({ app, value }) => value.map(configuration => ({ app, configuration })))
  const backends = [
    ...all('backends').flatMap(({ app, value }) => value.map(backend => ({ app, backend }))),
    ...configurations.flatMap(({ app, configuration }) =>
      configuration.spec?.backend ? [{ app, backend: configuration.spec.backend }] : [],
    ),
  ]
  const resources = all('resources').flatMap(({ app, value }) => value.map(resource => ({ app, resource })))
  const billingStrategies = all('billingStrategies').flatMap(({ app, value }) => value.map(strategy => ({ app, strategy })))
  const requests = all('requests').flatMap(({ app, value }) => value.map(kind => ({ app, kind })))
  const jobs = all('jobs').flatMap(({ app, value }) => Object.entries(value).map(([name, job]) => ({ app, name: `${app}:${name}`, job })))
  const commands = all('commands').flatMap(({ app, value }) => Object.entries(value).map(([name, command]) => ({ app, name, command })))
  const finders = all('finders').flatMap(({ app, value }) => value.map(finder => ({ app, finder })))
  const personalData = all('personalData').flatMap(({ app, value }) => value.map(data => ({ app, data })))
  const routes = apps.flatMap(routesOf)
  const types = new Set(configurations.map(({ configuration }) => configuration.type))

  const problems: Problem[] = [
    ...config.problems.map(message => ({ app: 'coin.config.ts', key: 'defineConfig', message, remedy: 'mend it in coin.config.ts' })),
    ...strangers.map(() => ({
      app: 'coin.config.ts',
      key: 'apps',
      message: 'holds something that is not an app',
      remedy: 'call the app: apps: [myApp()]',
    })),
    ...apps.flatMap(problemsOf),
    ...duplicates(
      apps.map(app => ({ app: app.name, key: 'name', value: app.name })),
      'app',
    ),
    ...duplicates(
      configurations.map(({ app, configuration }) => ({ app, key: 'configurations', value: configuration.type })),
      'configuration type',
    ),
    ...duplicates(
      backends.map(({ app, backend }) => ({ app, key: 'backends', value: backend.name })),
      'backend',
    ),
    ...duplicates(
      billingStrategies.map(({ app, strategy }) => ({ app, key: 'billingStrategies', value: strategy.name })),
      'billing strategy',
    ),
    ...duplicates(
      resources.map(({ app, resource }) => ({ app, key: 'resources', value: resource.name })),
      'resource',
    ),
    ...duplicates(
      resources.map(({ app, resource }) => ({ app, key: 'resources', value: resource.plural })),
      'resource',
    ),
    ...duplicates(
      finders.map(({ app, finder }) => ({ app, key: 'finders', value: finder.name })),
      'finder',
    ),
    ...duplicates(
      personalData.map(({ app, data }) => ({ app, key: 'personalData', value: data.name })),
      'kind of personal data',
    ),
    ...duplicates(
      requests.map(({ app, kind }) => ({ app, key: 'requests', value: kind.name })),
      'kind of request',
    ),
    ...duplicates(
      routes.map(({ app, name }) => ({ app, key: 'views', value: name })),
      'view',
    ),
    ...backends.flatMap(({ app, backend }) =>
      // what is no backend has none, and is reported already
      (backend.types === 'every' ? [] : (backend.types ?? []))
        .filter(type => !types.has(type))
        .map(type => ({
          app,
          key: `backends.${backend.name}`,
          message: `no app declares the configuration type '${type}'`,
          remedy: 'add that app to coin.config.ts, or remove the backend',
        })),
    ),
    ...Object.keys(config.provisioning.backends)
      .filter(name => !backends.some(({ backend }) => backend.name === name))
      .map(name => ({
        app: 'coin.config.ts',
        key: `provisioning.backends.${name}`,
        message: 'there is no such backend',
        remedy: `use one of ${backends.map(({ backend }) => backend.name).join(', ') || 'those that apps bring'}`,
      })),
    ...apps.flatMap(app =>
      app.requires
        .filter(required => !apps.slice(0, apps.indexOf(app)).some(({ name }) => name === required))
        .map(required => ({
          app: app.name,
          key: 'requires',
          message: `the app '${required}' is not there before it`,
          remedy: `put ${required}() before ${app.name}() in coin.config.ts`,
        })),
    ),
    ...menuProblems(apps, routes),
    // what is no resource has none, and is reported already
    ...inlineProblems(resources.filter(({ resource }) => isResource(resource))),
    ...routeProblems(routes, coreApps),
  ]
  if (problems.length > 0) throw bootError(problems)

  const byName = new Map(routes.map(route => [route.name, route]))
  const listen = (kind: 'beforeCommit' | 'afterCommit', event: EventName) =>
    all(kind).flatMap(({ app, value }) => (value[event] ? [{ app, handle: value[event] }] : []))
  const menu = all('menu').flatMap(({ app, value }) => value.map(item => ({ ...item, app, route: `${app}:${item.view}` })))
  const resourcesByName = new Map(resources.map(entry => [entry.resource.name, entry]))
  const { logo } = config.provider.look
  const logoName = logo ? `provider-logo${path.extname(logo).toLowerCase()}` : 'logo.svg'
  const lookSheet = lookStyles(config.provider.look)
  const files = (kind: 'css' | 'js') => all(kind).flatMap(({ app, value }) => value.map(file => [app, file] as const))
  return Object.freeze<Registry>({
    providerName: config.provider.name,
    timeZone: config.provider.timeZone,
    translations: createTranslations([
      { name: 'coin', localesFolder: coreFolder('locales') },
      ...apps.map(app => ({ name: app.name, localesFolder: folderOf(app, 'locales'), shared: coreApps.has(app.name) })),
    ]),
    assets: createAssets(
      [coreStatic, ...apps.map(app => ({ app: app.name, folder: folderOf(app, 'static') }))],
      { ...dependencyFiles(), ...(logo && { [`coin/${logoName}`]: path.resolve(logo) }) },
      lookSheet === undefined ? {} : { 'coin/look.css': lookSheet },
    ),
    logo: logoName,
    stylesheets: files('css'),
    scripts: files('js'),
    menuFor: menusOf({ menu, resources: resourcesByName, routes }, config.basePath),
    config,
    apps,
    coreApps,
    configurations: new Map(configurations.map(entry => [entry.configuration.type, entry])),
    backends,
    billingStrategies: new Map(billingStrategies.map(entry => [entry.strategy.name, entry])),
    resources: resourcesByName,
    requests: new Map(requests.map(entry => [entry.kind.name, entry])),
    finders,
    personalData,
    signedIn: all('signedIn').map(({ app, value }) => ({ app, handle: value })),
    routes,
    menu,
    jobs: new Map(jobs.map(({ name, ...entry }) => [name, entry])),
    commands,
    permissions: permissionsOf(
      apps,
      resources.map(({ resource }) => resource),
    ),
    constraints: Object.assign({}, ...all('constraints').map(({ value }) => value)),
    migrations: apps.map(app => ({ app: app.name, folder: folderOf(app, 'migrations') })),
    slotsOf: slot => all('slots').flatMap(({ app, value }) => (value[slot] ? [{ app, render: value[slot] }] : [])) as never,
    beforeCommit: event => listen('beforeCommit', event) as never,
    afterCommit: event => listen('afterCommit', event) as never,
    reverse(name, parameters = {}) {
      const route = byName.get(name)
      if (!route)
        throw new CoinError('boot', `url('${name}'): there is no such view`, {
          hint: 'Name it <app>:<view>, or <urlNamespace>:<view> for a configuration’s.',
        })
      return fill(name, route.path, parameters)
    },
  })
}

function routesOf(app: App): Route[] {
  const { views, exportedUrls, configurations = [] } = app.contributions
  const mounted = exportedUrls ?? (views ? [[app.name, views] as const] : [])
  return [
    ...mounted.flatMap(([prefix, group]) =>
      Object.entries(group).map(
        ([name, view]): Route => ({
          kind: 'view',
          name: `${app.name}:${name}`,
          app: app.name,
          path: joinPaths(prefix, view.path),
          access: view.access,
          view,
        }),
      ),
    ),
    ...configurations.flatMap(({ type, spec }) => {
      const namespace = spec?.urlNamespace ?? type
      return Object.entries(spec?.views ?? {}).map(
        ([name, view]): Route => ({
          kind: 'configuration',
          name: `${namespace}:${name}`,
          app: app.name,
          type,
          view,
          path: joinPaths(namespace, numericId(view.path)),
          access: view.access === 'staff' ? 'staff' : 'signed_in',
        }),
      )
    }),
  ]
}

function menuProblems(apps: readonly App[], routes: readonly Route[]): Problem[] {
  return apps.flatMap(app =>
    (app.contributions.menu ?? [])
      .filter(item => item.view in (app.contributions.views ?? {}) && !routes.some(route => route.name === `${app.name}:${item.view}`))
      .map(item => ({
        app: app.name,
        key: 'menu',
        message: `'${item.label}' names the view '${item.view}', which exportedUrls leaves out`,
        remedy: 'mount it in exportedUrls, or remove the line',
      })),
  )
}

function permissionsOf(apps: readonly App[], resources: readonly AnyResource[]): Map<string, string> {
  const verbs = ['view', 'add', 'change', 'remove']
  return new Map([
    ...resources.flatMap(resource => verbs.map(verb => [`${resource.name}.${verb}`, `${resource.labelPlural}: ${verb}`] as const)),
    ...apps.flatMap(app => Object.entries(app.contributions.permissions ?? {})),
  ])
}

function bootError(problems: readonly Problem[]): CoinError {
  const lines = problems.map(({ app, key, message, remedy }) => `  ${app}: ${key}: ${message}. Remedy: ${remedy}.`)
  return new CoinError(
    'boot',
    `Coin cannot start (${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}):\n${lines.join('\n')}`,
    { detail: { problems } },
  )
}
