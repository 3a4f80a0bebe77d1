import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { getTableColumns, getTableName } from 'drizzle-orm'
import type { App, Contributions } from './app.ts'
import { isBackend } from './backend.ts'
import { isBillingStrategy } from './billing-strategy.ts'
import { isConfiguration } from './configuration.ts'
import { isCron } from './cron.ts'
import { eventNames } from './events.ts'
import { isFinder } from './finder.ts'
import { menuSections } from './menu.ts'
import { isRequestKind } from './request-kind.ts'
import { type AnyResource, isResource, keysOf } from './resource.ts'
import { overlap, type Route } from './routes.ts'

/** One thing that stops the boot: which app, which key, what to do. */
export interface Problem {
  readonly app: string
  readonly key: string
  readonly message: string
  readonly remedy: string
}

const name = /^[a-z][a-z0-9_]*$/
/** First path segments that are Coin's own. */
export const reservedPrefixes = ['admin', 'api', 'static', 'healthz', 'metrics', 'isp.json', 'language']
const slotNames = [
  'layout.head',
  'home.member',
  'home.staff',
  'member.stats',
  'member.side',
  'member.details',
  'offer.details',
  'subscription.stats',
  'subscription.side',
  'subscription.details',
  'subscription.money',
  'subscription.history',
  'configuration.details',
  'pool.details',
  'payment.details',
]
const contributionKeys: Record<keyof Contributions, true> = {
  configurations: true,
  backends: true,
  billingStrategies: true,
  views: true,
  exportedUrls: true,
  menu: true,
  css: true,
  js: true,
  slots: true,
  jobs: true,
  commands: true,
  resources: true,
  requests: true,
  personalData: true,
  finders: true,
  signedIn: true,
  beforeCommit: true,
  afterCommit: true,
  permissions: true,
  constraints: true,
}

/** What is wrong with one app by itself. */
export function problemsOf(app: App): Problem[] {
  const found: Problem[] = []
  const report = (key: string, message: string, remedy: string) => found.push({ app: app.name, key, message, remedy })
  const { contributions } = app

  if (!name.test(app.name)) report('name', `'${app.name}' is not a name`, 'use lower case letters, digits and underscores, such as my_app')
  if (!app.root.startsWith('file:')) report('root', 'is not the address of a file', 'give import.meta.url')
  for (const problem of app.problems) report('settings', problem, 'mend it where coin.config.ts calls the app')
  for (const key of Object.keys(contributions)) {
    if (!(key in contributionKeys))
      report(key, 'is not something an app can contribute', `use one of ${Object.keys(contributionKeys).join(', ')}`)
  }
  checkConfigurations(contributions, report)
  for (const backend of contributions.backends ?? [])
    if (!isBackend(backend)) report('backends', 'holds something else than a backend', 'declare it with defineBackend()')
  for (const strategy of contributions.billingStrategies ?? [])
    if (!isBillingStrategy(strategy))
      report('billingStrategies', 'holds something else than a strategy', 'declare it with defineBillingStrategy()')
    else if (!name.test(strategy.name))
      report('billingStrategies', `'${strategy.name}' is not a name`, 'use lower case letters, digits and underscores')
  for (const resource of contributions.resources ?? [])
    if (!isResource(resource)) report('resources', 'holds something else than a resource', 'declare it with defineResource()')
    else checkKeys(resource, report)
  for (const finder of contributions.finders ?? [])
    if (!isFinder(finder)) report('finders', 'holds something else than a finder', 'declare it with defineFinder()')
    else if (!name.test(finder.name)) report('finders', `'${finder.name}' is not a name`, 'use lower case letters, digits and underscores')
  for (const kind of contributions.requests ?? [])
    if (!isRequestKind(kind)) report('requests', 'holds something else than a kind of request', 'declare it with defineRequest()')
    else if (!name.test(kind.name)) report('requests', `'${kind.name}' is not a name`, 'use lower case letters, digits and underscores')
  checkMenu(contributions, report)
  for (const [view, { machine, access }] of Object.entries(contributions.views ?? {}))
    if (machine && access !== 'public')
      report(
        `views.${view}`,
        `programs call it, and it says access: '${access}'`,
        "say access: 'public' and check the Authorization header",
      )
  for (const slot of Object.keys(contributions.slots ?? {}))
    if (!slotNames.includes(slot)) report(`slots.${slot}`, 'there is no such slot', `use one of ${slotNames.join(', ')}`)
  for (const kind of ['beforeCommit', 'afterCommit'] as const) {
    for (const event of Object.keys(contributions[kind] ?? {})) {
      if (!(eventNames as readonly string[]).includes(event))
        report(`${kind}.${event}`, 'there is no such event', `use one of ${eventNames.join(', ')}`)
    }
  }
  for (const [job, { schedule }] of Object.entries(contributions.jobs ?? {})) {
    if (!name.test(job.replace(/[A-Z]/g, letter => letter.toLowerCase())))
      report(`jobs.${job}`, 'is not a name', 'use letters, digits and underscores')
    if (schedule !== undefined && !isCron(schedule))
      report(`jobs.${job}.schedule`, `'${schedule}' is not a cron line`, 'give five fields, such as 0 4 * * *')
  }
  for (const kind of ['css', 'js'] as const) {
    for (const file of contributions[kind] ?? [])
      if (!hasFile(app, `static/${file}`)) report(kind, `static/${file} does not exist`, 'create the file, or remove the line')
  }
  return found
}

type Report = (key: string, message: string, remedy: string) => void

/** Rows of a file are looked for in the table: a key that has no column of it would find all of them. */
function checkKeys(resource: AnyResource, report: Report) {
  const columns = getTableColumns(resource.table)
  for (const key of keysOf(resource)) {
    const strange = key.filter(name => !(name in columns) && !(name in resource.fields))
    for (const name of strange)
      report(`resources.${resource.name}.key`, `'${name}' is not one of its fields`, 'name fields of the resource')
    if (strange.length === 0 && !key.some(name => name in columns))
      report(`resources.${resource.name}.key`, 'has a list without a column of its table', 'name at least one field that the table keeps')
  }
}

function checkConfigurations(contributions: Contributions, report: Report) {
  for (const configuration of contributions.configurations ?? []) {
    if (!isConfiguration(configuration)) {
      report('configurations', 'holds something else than a configuration', 'declare it with defineConfiguration()')
      continue
    }
    const { type, spec } = configuration
    const key = `configurations.${type}`
    if (!name.test(type)) report(key, `'${type}' is not a name`, 'name its table with lower case letters, digits and underscores')
    if (!spec.admin?.inline) report(`${key}.admin.inline`, 'is missing', 'name the fields that staff edit on the subscription’s page')
    if (spec.views && !('details' in spec.views))
      report(`${key}.views.details`, 'is missing', 'add a view named details: it is where members are sent')
    const columns = getTableColumns(spec.table)
    const named = [
      ...Object.keys(spec.fields ?? {}),
      ...(spec.admin?.list ?? []),
      ...(spec.admin?.readonly ?? []),
      ...(spec.admin?.inline?.fields ?? []),
    ]
    for (const field of new Set(named))
      if (!(field in columns))
        report(
          `${key}.fields.${field}`,
          `table ${getTableName(spec.table)} has no such column`,
          `use one of ${Object.keys(columns).join(', ')}`,
        )
    for (const field of spec.admin?.inline?.fields ?? [])
      if (spec.fields?.[field]?.secret)
        report(`${key}.admin.inline`, `'${field}' is secret and would be shown`, 'leave it out of the inline, or give it a view of its own')
  }
}

function checkMenu(contributions: Contributions, report: Report) {
  const views = contributions.views ?? {}
  for (const item of contributions.menu ?? []) {
    if (!(item.view in views))
      report(
        'menu',
        `'${item.label}' names the view '${item.view}', which this app does not have`,
        `use one of ${Object.keys(views).join(', ') || '(none)'}`,
      )
    if (item.section && !menuSections.includes(item.section))
      report('menu', `there is no section '${item.section}'`, `use one of ${menuSections.join(', ')}`)
  }
}

const hasFile = (app: App, file: string): boolean => {
  try {
    return existsSync(fileURLToPath(new URL(file, app.root)))
  } catch {
    return false
  }
}

/** Names given twice, by whomever. */
export function duplicates(
  entries: readonly { readonly app: string; readonly key: string; readonly value: string }[],
  what: string,
): Problem[] {
  const first = new Map<string, string>()
  return entries.flatMap(({ app, key, value }) => {
    const other = first.get(value)
    if (other === undefined) {
      first.set(value, app)
      return []
    }
    return [
      {
        app,
        key,
        message: `the ${what} '${value}' is taken by ${other === app ? 'this app already' : `the app ${other}`}`,
        remedy: 'choose another name',
      },
    ]
  })
}

/** Routes that would hide each other, and prefixes that are Coin's or another app's. */
export function routeProblems(routes: readonly Route[], core: ReadonlySet<string>): Problem[] {
  const found: Problem[] = []
  const owners = new Map<string, string>()
  for (const route of routes) {
    const prefix = route.path.split('/')[1] ?? ''
    if (core.has(route.app)) continue
    if (reservedPrefixes.includes(prefix))
      found.push({
        app: route.app,
        key: route.name,
        message: `the prefix /${prefix} is Coin's own`,
        remedy: 'choose another one in exportedUrls or urlNamespace',
      })
    if (prefix.startsWith(':') || prefix === '*')
      found.push({
        app: route.app,
        key: route.name,
        message: `${route.path} would take the paths of everybody`,
        remedy: 'begin it with a word of your own',
      })
    const owner = owners.get(prefix)
    if (owner !== undefined && owner !== route.app)
      found.push({
        app: route.app,
        key: route.name,
        message: `the prefix /${prefix} is taken by the app ${owner}`,
        remedy: 'choose another one in exportedUrls or urlNamespace',
      })
    else owners.set(prefix, route.app)
  }
  routes.forEach((route, i) => {
    for (const other of routes.slice(0, i)) {
      if (overlap(route.path, other.path) && (['get', 'post'] as const).some(method => route.view[method] && other.view[method])) {
        found.push({
          app: route.app,
          key: route.name,
          message: `${route.path} and ${other.path} (${other.name}) could match the same address`,
          remedy: 'change one of the paths',
        })
      }
    }
  })
  return found
}
