import {
  configurationTable,
  defineApp,
  defineBackend,
  defineBillingStrategy,
  defineConfig,
  defineConfiguration,
  defineJob,
  defineResource,
} from 'coin'
import { sql } from 'drizzle-orm'
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import type { App, Contributions } from '../../core/src/app/app.ts'
import type { Problem } from '../../core/src/app/checks.ts'
import { createRegistry } from '../../core/src/app/registry.ts'
import { coreApps } from '../../core/src/core-apps.ts'
import { CoinError } from '../../core/src/errors.ts'
import withSettings from '../fixtures/apps/with-settings.tsx'

const root = import.meta.url
const line = configurationTable('line', { nick: text().notNull(), password: text() })
const other = configurationTable('nowhere', { nick: text().notNull() })
const spec = { table: line, describe: (row: { nick: string }) => row.nick, fields: {}, admin: { inline: { fields: ['nick'] as const } } }
const page = (path: `/${string}`) => ({ path, access: 'public' as const, get: () => <p /> })
const backendOf = (table: typeof other) =>
  defineBackend(table, {
    key: row => row.nick,
    desired: () => null,
    read: async () => undefined,
    apply: async () => {},
    destroy: async () => {},
  })
const strategyOf = (name: string) =>
  defineBillingStrategy({ name, label: 'x', due: (_, from) => ({ charges: [], settledUntil: from, next: null }) })
const thing = pgTable('thing', { id: bigint({ mode: 'number' }).primaryKey(), version: integer().notNull() })
const resource = defineResource({
  name: 'thing',
  plural: 'things',
  label: 'T',
  labelPlural: 'T',
  table: thing,
  fields: {},
  add: [],
  change: [],
  describe: () => '',
  list: { from: sql`thing`, columns: [], sort: 'id' },
})

/** An app that the compiler would refuse too: this is what somebody gets who writes JavaScript. */
const careless = (name: string, contributions: unknown): App =>
  defineApp({ name, verboseName: name, root }, contributions as Contributions)()

const mistakes: readonly {
  readonly app: string
  readonly key: string | RegExp
  readonly message: RegExp
  readonly remedy: RegExp
  readonly made: () => App
}[] = [
  { app: 'Bad-Name', key: 'name', message: /'Bad-Name' is not a name/, remedy: /lower case/, made: () => careless('Bad-Name', {}) },
  {
    app: 'members',
    key: 'name',
    message: /taken by the app members|taken by this app already/,
    remedy: /another name/,
    made: () => careless('members', {}),
  },
  {
    app: 'with_settings',
    key: 'settings',
    message: /setting directory\.url/,
    remedy: /coin\.config\.ts/,
    made: () => withSettings({ directory: { url: 'nonsense', base: 'x' } }),
  },
  {
    app: 'too_many',
    key: 'settings',
    message: /setting colour: this app has no settings/,
    remedy: /coin\.config\.ts/,
    made: () => defineApp({ name: 'too_many', verboseName: '', root }, {})({ colour: 1 } as never),
  },
  {
    app: 'wrong_menu',
    key: 'menu',
    message: /'List' names the view 'lsit'/,
    remedy: /use one of list/,
    made: () => careless('wrong_menu', { views: { list: page('/') }, menu: [{ label: 'List', view: 'lsit' }] }),
  },
  {
    app: 'wrong_slot',
    key: 'slots.nowhere',
    message: /no such slot/,
    remedy: /subscription\.details/,
    made: () => careless('wrong_slot', { slots: { nowhere: () => <p /> } }),
  },
  {
    app: 'wrong_event',
    key: 'beforeCommit.line',
    message: /no such event/,
    remedy: /use one of member/,
    made: () => careless('wrong_event', { beforeCommit: { line: () => {} } }),
  },
  {
    app: 'overlapping',
    key: 'overlapping:year',
    message: /\/overlapping\/:year and \/overlapping\/last .* could match/,
    remedy: /change one of the paths/,
    made: () => careless('overlapping', { views: { last: page('/last'), year: page('/:year') } }),
  },
  {
    app: 'reserved',
    key: 'reserved:list',
    message: /\/admin is Coin's own/,
    remedy: /exportedUrls/,
    made: () => careless('reserved', { exportedUrls: [['admin', { list: page('/') }]] }),
  },
  {
    app: 'wild',
    key: 'wild:list',
    message: /would take the paths of everybody/,
    remedy: /a word of your own/,
    made: () => careless('wild', { exportedUrls: [['/', { list: page('/:anything') }]] }),
  },
  {
    app: 'no_file',
    key: 'css',
    message: /static\/none\.css does not exist/,
    remedy: /create the file/,
    made: () => careless('no_file', { css: ['none.css'] }),
  },
  {
    app: 'no_column',
    key: 'configurations.line.fields.nikc',
    message: /no such column/,
    remedy: /id, type, nick, password/,
    made: () =>
      careless('no_column', { configurations: [defineConfiguration({ ...spec, admin: { inline: { fields: ['nikc' as 'nick'] } } })] }),
  },
  {
    app: 'same_type',
    key: 'configurations',
    message: /configuration type 'line' is taken by the app no_column/,
    remedy: /another name/,
    made: () => careless('same_type', { configurations: [defineConfiguration(spec)] }),
  },
  {
    app: 'no_inline',
    key: 'configurations.bare.admin.inline',
    message: /is missing/,
    remedy: /name the fields/,
    made: () =>
      careless('no_inline', {
        configurations: [
          defineConfiguration({ ...spec, table: configurationTable('bare', { nick: text().notNull() }), admin: {} as never }),
        ],
      }),
  },
  {
    app: 'no_details',
    key: 'configurations.viewed.views.details',
    message: /is missing/,
    remedy: /add a view named details/,
    made: () =>
      careless('no_details', {
        configurations: [
          defineConfiguration({
            ...spec,
            table: configurationTable('viewed', { nick: text().notNull() }),
            views: { other: { path: '/:id/x' } } as never,
          }),
        ],
      }),
  },
  {
    app: 'shows_secret',
    key: 'configurations.secretive.admin.inline',
    message: /'password' is secret/,
    remedy: /leave it out/,
    made: () =>
      careless('shows_secret', {
        configurations: [
          defineConfiguration({
            ...spec,
            table: configurationTable('secretive', { nick: text().notNull(), password: text() }),
            fields: { password: { label: 'x', secret: true } },
            admin: { inline: { fields: ['password'] } },
          }),
        ],
      }),
  },
  {
    app: 'no_type',
    key: 'backends.nowhere',
    message: /no app declares the configuration type 'nowhere'/,
    remedy: /add that app/,
    made: () => careless('no_type', { backends: [backendOf(other)] }),
  },
  {
    app: 'bare_backend',
    key: 'backends',
    message: /something else than a backend/,
    remedy: /defineBackend/,
    made: () => careless('bare_backend', { backends: [{ key: () => '' }] }),
  },
  {
    app: 'bare_strategy',
    key: 'billingStrategies',
    message: /something else than a strategy/,
    remedy: /defineBillingStrategy/,
    made: () => careless('bare_strategy', { billingStrategies: [{ name: 'bare', label: 'Bare', due: () => [] }] }),
  },
  {
    app: 'misnamed_strategy',
    key: 'billingStrategies',
    message: /'By the moon' is not a name/,
    remedy: /lower case/,
    made: () => careless('misnamed_strategy', { billingStrategies: [strategyOf('By the moon')] }),
  },
  {
    app: 'same_strategy',
    key: 'billingStrategies',
    message: /billing strategy 'in_advance' is taken by the app billing/,
    remedy: /another name/,
    made: () => careless('same_strategy', { billingStrategies: [strategyOf('in_advance')] }),
  },
  {
    app: 'bare_resource',
    key: 'resources',
    message: /something else than a resource/,
    remedy: /defineResource/,
    made: () => careless('bare_resource', { resources: [{ name: 'x' }] }),
  },
  {
    app: 'two_resources',
    key: 'resources',
    message: /resource 'thing' is taken by this app already/,
    remedy: /another name/,
    made: () => careless('two_resources', { resources: [resource, resource] }),
  },
  {
    app: 'wrong_cron',
    key: 'jobs.nightly.schedule',
    message: /'every night' is not a cron line/,
    remedy: /five fields/,
    made: () =>
      careless('wrong_cron', { jobs: { nightly: defineJob({ payload: z.object({}), schedule: 'every night', run: async () => {} }) } }),
  },
  {
    app: 'impossible_cron',
    key: 'jobs.nightly.schedule',
    message: /'99 3 \* \* \*' is not a cron line/,
    remedy: /five fields/,
    made: () =>
      careless('impossible_cron', { jobs: { nightly: defineJob({ payload: z.object({}), schedule: '99 3 * * *', run: async () => {} }) } }),
  },
  {
    app: 'wrong_key',
    key: 'middleware',
    message: /not something an app can contribute/,
    remedy: /use one of configurations/,
    made: () => careless('wrong_key', { middleware: [] }),
  },
  {
    app: 'needs',
    key: 'requires',
    message: /'absent' is not there before it/,
    remedy: /absent\(\) before needs\(\)/,
    made: () => defineApp({ name: 'needs', verboseName: '', root, requires: ['absent'] }, {})(),
  },
  {
    app: 'rootless',
    key: 'root',
    message: /not the address of a file/,
    remedy: /import\.meta\.url/,
    made: () => defineApp({ name: 'rootless', verboseName: '', root: '.' }, {})(),
  },
]

let error: CoinError
let problems: readonly Problem[]
beforeAll(() => {
  try {
    const apps = [...mistakes.map(mistake => mistake.made()), 'simple_dsl' as never]
    createRegistry(coreApps(), defineConfig({ provider: { name: 'X', timeZone: 'Mars/Olympus' }, apps }))
  } catch (thrown) {
    error = thrown as CoinError
    problems = (error.detail as { problems: readonly Problem[] }).problems
  }
})

test('a deployment full of mistakes is refused once, with all of them', () => {
  expect(error).toBeInstanceOf(CoinError)
  expect(error.code).toBe('boot')
  expect(problems.length).toBeGreaterThanOrEqual(mistakes.length + 2)
  expect(error.message).toContain(`${problems.length} problems`)
})

test.each(mistakes.map(mistake => [`${mistake.app}: ${mistake.key}`, mistake] as const))(
  '%s is named with its remedy',
  (_, { app, key, message, remedy }) => {
    const found = problems.find(problem => problem.app === app && problem.key === key && message.test(problem.message))
    expect(found, JSON.stringify(problems.filter(problem => problem.app === app))).toBeDefined()
    expect(found?.remedy).toMatch(remedy)
    expect(error.message).toContain(`${app}: ${key}: `)
  },
)

test('what is wrong with the deployment itself is named too', () => {
  expect(problems).toContainEqual({
    app: 'coin.config.ts',
    key: 'defineConfig',
    message: expect.stringContaining('provider.timeZone'),
    remedy: expect.any(String),
  })
  expect(problems).toContainEqual({
    app: 'coin.config.ts',
    key: 'apps',
    message: expect.stringContaining('not an app'),
    remedy: expect.stringContaining('myApp()'),
  })
})

test('nothing else is called a mistake', () => {
  const expected = new Set([...mistakes.map(({ app }) => app), 'coin.config.ts'])
  expect(problems.filter(({ app }) => !expected.has(app))).toEqual([])
})
