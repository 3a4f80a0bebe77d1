import path from 'node:path'
import { type TestDatabase, testDatabase } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Project, project, repository } from './project.ts'

// An app in a folder of its own, whose project depends on nothing but `coin`.
const files = {
  'package.json': '{ "name": "elsewhere", "private": true, "type": "module", "dependencies": { "coin": "*" } }',
  'coin.config.ts': `import { defineConfig } from 'coin'
import radio from './radio/index.tsx'

export default defineConfig({ provider: { name: 'Elsewhere' }, apps: [radio({ country: 'FR' })] })
`,
  'radio/index.tsx': `import { asset, configurationTable, defineApp, defineConfiguration, detailView, Page } from 'coin'
import { text } from 'drizzle-orm/pg-core'
import * as z from 'zod'

const radio = configurationTable('radio', { mac: text().notNull() })

export default defineApp({ name: 'radio', verboseName: 'Radio', root: import.meta.url, settings: z.object({ country: z.string().length(2) }) }, ({ country }) => ({
  configurations: [
    defineConfiguration({
      table: radio,
      describe: link => link.mac,
      fields: { mac: { label: 'MAC address' } },
      admin: { inline: { fields: ['mac'] } },
      views: { details: detailView(radio, link => <Page title={link.mac} />) },
    }),
  ],
  views: { about: { path: '/', access: 'public', get: () => <Page title={\`Radio in \${country}\`} extraCss={<link rel="stylesheet" href={asset('radio', 'radio.css')} />} /> } },
}))
`,
  'radio/static/radio.css': 'h1 { color: teal }\n',
  'radio/migrations/0000_initial.sql': `CREATE TABLE radio (id bigint PRIMARY KEY, type text NOT NULL DEFAULT 'radio' CONSTRAINT radio_type CHECK (type = 'radio'), mac text NOT NULL,
  CONSTRAINT radio_configuration FOREIGN KEY (id, type) REFERENCES configuration (id, type) ON DELETE CASCADE);
`,
}

let database: TestDatabase
let elsewhere: Project
beforeAll(async () => {
  database = await testDatabase({ empty: true })
  elsewhere = project(database.url, { coin: path.join(repository, 'core') }, files)
})
afterAll(() => database.close())

test('it is checked, migrated and served as one inside the repository is', async () => {
  expect(await elsewhere.coin('migrate')).toContain('radio/0000_initial')
  expect(await elsewhere.coin('check')).not.toContain('rror')
  expect(await elsewhere.coin('app', 'list')).toContain('radio')
  const { rows } = await database.pool.query(
    `SELECT count(*)::int AS triggers FROM pg_trigger WHERE tgrelid = 'radio'::regclass AND tgname IN ('coin_history', 'coin_outbox', 'coin_remove_base')`,
  )
  expect(rows).toEqual([{ triggers: 3 }])

  const address = await elsewhere.serve()
  const page = await (await fetch(`${address}/radio`)).text()
  expect(page).toContain('Radio in FR')
  expect(page).toContain('Elsewhere')
  const [, style = ''] = page.match(/href="(\/static\/radio\/radio\.[0-9a-f]{8}\.css)"/) ?? []
  expect(await (await fetch(address + style)).text()).toContain('teal')
}, 180_000)

test('a mistake in it stops every command in clear words', async () => {
  elsewhere.write({ 'coin.config.ts': files['coin.config.ts'].replace("'FR'", "'France'") })
  const refused = await elsewhere.coin('check').catch(error => String(error))
  expect(refused).toContain('radio: settings: setting country:')
  expect(refused).toContain('Remedy:')
  elsewhere.write({ 'coin.config.ts': files['coin.config.ts'] })
}, 180_000)

test('an app that is taken out of coin.config.ts leaves its tables until it is purged', async () => {
  elsewhere.write({ 'coin.config.ts': `import { defineConfig } from 'coin'\nexport default defineConfig({ apps: [] })\n` })
  expect(await elsewhere.coin('migrate')).not.toContain('radio')
  const exists = async () =>
    (await database.pool.query<{ exists: boolean }>(`SELECT to_regclass('radio') IS NOT NULL AS exists`)).rows[0]?.exists
  expect(await exists()).toBe(true)
  const address = await elsewhere.serve()
  expect((await fetch(`${address}/radio`)).status).toBe(404)

  expect(await elsewhere.coin('app', 'purge', 'radio')).toContain('radio')
  expect(await exists()).toBe(true)
  await elsewhere.coin('app', 'purge', 'radio', '--yes')
  expect(await exists()).toBe(false)
  const { rows } = await database.pool.query(`SELECT FROM coin.migration WHERE app = 'radio'`)
  expect(rows).toEqual([])
}, 180_000)
