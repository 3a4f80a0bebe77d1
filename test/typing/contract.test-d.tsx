// What an author of an app may not write: each line under `@ts-expect-error` must not compile, everything else must. Checked by tsc.
import { configurationTable, defineApp, defineBackend, defineConfig, defineConfiguration, defineJob, detailView, Slot, url } from 'coin'
import { boolean, text } from 'drizzle-orm/pg-core'
import * as z from 'zod'

const line = configurationTable('line', { nick: text().notNull(), note: text(), activated: boolean().notNull().default(true) })
const inline = { fields: ['nick'] } as const
const spec = { table: line, describe: (row: { nick: string }) => row.nick, fields: {}, admin: { inline } } as const
const app = { name: 'a', verboseName: 'A', root: import.meta.url } as const

// ── configurations ──
export const good = defineConfiguration({
  ...spec,
  verboseName: 'Line',
  fields: { nick: { label: 'Nickname', check: z.string().min(3) }, note: { label: 'Note', secret: true } },
  admin: { list: ['nick', 'activated'], readonly: ['note'], inline: { layout: 'tabular', fields: ['nick'] } },
  urlNamespace: 'lines',
  views: {
    details: detailView(line, row => <p>{row.ipSubnets.map(subnet => subnet.prefix)}</p>),
    reset: { path: '/:id/reset', access: 'staff', post: ({ configuration }) => <p>{configuration.nick}</p> },
  },
  onSubnetEvent: async ({ configuration, changes }) => {
    const kinds: ('added' | 'removed' | 'modified')[] = changes.map(change => change.kind)
    if (kinds.includes('removed') && configuration.nick === '') throw new Error('no')
  },
})
// @ts-expect-error a column that does not exist
defineConfiguration({ ...spec, admin: { inline: { fields: ['nikc'] } } })
// @ts-expect-error the inline is required
defineConfiguration({ ...spec, admin: {} })
// @ts-expect-error a label for a column that does not exist
defineConfiguration({ ...spec, fields: { nikc: { label: 'x' } } })
// @ts-expect-error a check of another type than the column
defineConfiguration({ ...spec, fields: { nick: { label: 'x', check: z.number() } } })
// @ts-expect-error a field has a label
defineConfiguration({ ...spec, fields: { nick: { help: 'x' } } })
// @ts-expect-error views need `details`
defineConfiguration({ ...spec, views: { other: { path: '/:id/x' } } })
// @ts-expect-error a view of a configuration begins with its id
defineConfiguration({ ...spec, views: { details: { path: '/x' } } })
// @ts-expect-error it is for the owner or for staff
defineConfiguration({ ...spec, views: { details: { path: '/:id', access: 'public' } } })
// @ts-expect-error describe must give a string, and note may be null
defineConfiguration({ table: line, describe: row => row.note, fields: {}, admin: { inline } })
// @ts-expect-error a table that is not a child of configuration
defineConfiguration({ ...spec, table: { nick: text() } })
// @ts-expect-error stacked or tabular
defineConfiguration({ ...spec, admin: { inline: { layout: 'sideways', fields: ['nick'] } } })

// ── apps ──
const plain = defineApp(app, {})
const withSettings = defineApp({ ...app, settings: z.object({ ldap: z.object({ url: z.string(), base: z.string() }) }) }, ({ ldap }) => ({
  permissions: { 'a.reset': ldap.url },
}))
const withDefaults = defineApp({ ...app, settings: z.object({ days: z.number().default(3) }) }, ({ days }) => ({
  constraints: { x: { message: days.toFixed() } },
}))
defineConfig({ apps: [plain(), withDefaults(), withDefaults({ days: 1 }), withSettings({ ldap: { url: '', base: '' } })] })

// @ts-expect-error a menu item names a view of the app
defineApp(app, { views: { list: { path: '/', access: 'staff' } }, menu: [{ label: 'x', view: 'lsit' }] })
// @ts-expect-error a menu is for members or for staff
defineApp(app, { views: { list: { path: '/', access: 'staff' } }, menu: [{ label: 'x', view: 'list', audience: 'all' }] })
// @ts-expect-error a section that the menu does not have
defineApp(app, { views: { list: { path: '/', access: 'staff' } }, menu: [{ label: 'x', view: 'list', section: 'here' }] })
// @ts-expect-error a view states who may use it
defineApp(app, { views: { list: { path: '/' } } })
// @ts-expect-error a path begins with /
defineApp(app, { views: { list: { path: 'list', access: 'staff' } } })
// @ts-expect-error settings are required
withSettings()
// @ts-expect-error a misspelt setting
withSettings({ ldap: { url: '', bas: '' } })
// @ts-expect-error a setting of another type
withDefaults({ days: '3' })
// @ts-expect-error an app without settings takes none
plain({ x: 1 })
// @ts-expect-error an app is called before it is given to the deployment
defineConfig({ apps: [plain] })
// @ts-expect-error an app is imported, not named
defineConfig({ apps: ['simple_dsl'] })
// @ts-expect-error an app has a root, where its files are
defineApp({ name: 'a', verboseName: 'A' }, {})
// @ts-expect-error a slot that does not exist
defineApp(app, { slots: { nowhere: () => <p /> } })
// @ts-expect-error a slot gets what it gets
defineApp(app, { slots: { 'pool.details': ({ memberId }) => <p>{memberId}</p> } })
// @ts-expect-error an event that does not exist
defineApp(app, { beforeCommit: { line: () => {} } })
// @ts-expect-error afterCommit is asynchronous
defineApp(app, { afterCommit: { member: () => {} } })
// @ts-expect-error something an app cannot contribute
defineApp(app, { middleware: [] })
// @ts-expect-error a permission is named <what>.<verb>
defineApp(app, { permissions: { reset: 'x' } })

// ── pages ──
url('line:details', { id: 1 })
// @ts-expect-error a view is named with its app
url('details')
// @ts-expect-error a page's slot gets its props
export const slot = <Slot name="pool.details" props={{ memberId: 1 }} />

// ── jobs ──
defineJob({ payload: z.object({ id: z.number() }), run: async ({ id }) => void id.toFixed() })
// @ts-expect-error the payload is what the schema says
defineJob({ payload: z.object({ id: z.number() }), run: async ({ name }) => void name })

// ── backends ──
const backend = { key: (row: { nick: string }) => row.nick, read: async () => undefined, destroy: async () => {} }
defineBackend(line, { ...backend, desired: row => ({ nick: row.nick }), apply: async (_key, desired) => void desired.nick.length })
// @ts-expect-error apply gets what desired gives
defineBackend(line, { ...backend, desired: row => ({ nick: row.nick }), apply: async (_key, desired) => void desired.nope })
// @ts-expect-error desired must be JSON, so that it can be stored and compared
defineBackend(line, { ...backend, desired: () => ({ at: new Date() }), apply: async () => {} })
