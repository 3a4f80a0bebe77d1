/** `my_app` as a variable: `myApp`. */
export const camelCase = (name: string): string =>
  name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()).replace(/_+$/, '')

const words = (name: string) =>
  name
    .replaceAll('_', ' ')
    .trim()
    .replace(/^./, first => first.toUpperCase())

// in two parts, because the bundler puts this file's own address in its place
const ownAddress = ['import.meta', 'url'].join('.')

/** The files of a new app, by their path in its folder. */
export function appFiles(name: string): Readonly<Record<string, string>> {
  const variable = camelCase(name)
  const title = words(name)
  return {
    'package.json': manifest(name),
    'tables.ts': tables(name, variable),
    'migrations/0000_initial.sql': migration(name),
    'index.tsx': index(name, variable, title),
    'queries.ts': queries(name),
    'views.tsx': views(name, variable),
    'locales/fr.json': french(title),
    [`static/css/${name}.css`]: `.${name.replaceAll('_', '-')} {\n  font-variant-numeric: tabular-nums;\n}\n`,
    [`${name.replaceAll('_', '-')}.test.ts`]: tests(name, variable, title),
  }
}

const manifest = (name: string) => `{
  "name": "coin-${name.replaceAll('_', '-')}",
  "version": "0.1.0",
  "type": "module",
  "exports": "./index.tsx",
  "peerDependencies": { "coin": "*", "drizzle-orm": "*" }
}
`

const tables = (name: string, variable: string) => `import { configurationTable } from 'coin'
import { varchar } from 'drizzle-orm/pg-core'

/** One row per subscription of this kind. */
export const ${variable} = configurationTable('${name}', {
  identifier: varchar({ length: 40 }).notNull().unique('${name}_identifier_key'),
})
`

const migration = (name: string) => `CREATE TABLE "${name}" (
	"id" bigint PRIMARY KEY NOT NULL,
	"type" text DEFAULT '${name}' NOT NULL,
	"identifier" varchar(40) NOT NULL,
	CONSTRAINT "${name}_identifier_key" UNIQUE("identifier"),
	CONSTRAINT "${name}_type" CHECK ("${name}"."type" = '${name}')
);
--> statement-breakpoint
ALTER TABLE "${name}" ADD CONSTRAINT "${name}_configuration" FOREIGN KEY ("id","type") REFERENCES "public"."configuration"("id","type") ON DELETE cascade ON UPDATE no action;
`

const index = (name: string, variable: string, title: string) => `import { defineApp, defineConfiguration, detailView } from 'coin'
import { ownRows } from './queries.ts'
import { ${variable} } from './tables.ts'
import { DetailsPage, ListPage } from './views.tsx'

const configuration = defineConfiguration({
  table: ${variable},
  verboseName: '${title}',
  describe: row => row.identifier,
  fields: { identifier: { label: 'Identifier', help: 'What the operator calls it' } },
  admin: { list: ['identifier'], inline: { fields: ['identifier'] } },
  views: { details: detailView(${variable}, row => <DetailsPage configuration={row} />) },
})

export default defineApp(
  { name: '${name}', verboseName: '${title}', root: ${ownAddress} },
  {
    configurations: [configuration],
    views: { list: { path: '/', access: 'member', get: async () => <ListPage rows={await ownRows()} /> } },
    menu: [{ label: '${title}', view: 'list', icon: 'package', audience: 'member' }],
    css: ['css/${name}.css'],
    constraints: { ${name}_identifier_key: { field: 'identifier', message: 'Another subscription has this identifier.' } },
  },
)
`

const queries = (name: string) => `import { currentScope } from 'coin'
import { sql } from 'drizzle-orm'

export interface OwnRow extends Record<string, unknown> {
  readonly id: number
  readonly identifier: string
}

/** What the member who asks has. */
export async function ownRows(): Promise<readonly OwnRow[]> {
  const { actor, db } = currentScope()
  const { rows } = await db.execute<OwnRow>(sql\`
    SELECT own.id, own.identifier FROM ${name} own JOIN configuration USING (id) JOIN subscription s ON s.id = subscription_id
    WHERE s.member_id = \${actor.memberId ?? null} ORDER BY own.identifier\`)
  return rows
}
`

const views = (name: string, variable: string) => `import { type Configuration, Empty, Facts, Page, t, url } from 'coin'
import type { OwnRow } from './queries.ts'
import type { ${variable} } from './tables.ts'

export const DetailsPage = ({ configuration }: { configuration: Configuration<typeof ${variable}> }) => (
  <Page title={configuration.identifier}>
    <Facts items={[{ label: t('Identifier'), value: configuration.identifier }, { label: t('Subscription'), value: configuration.subscription.reference }]} />
    <h2>{t('Addresses')}</h2>
    <ul class="${name.replaceAll('_', '-')}">
      {configuration.ipSubnets.map(subnet => (
        <li>{subnet.prefix}</li>
      ))}
    </ul>
  </Page>
)

export const ListPage = ({ rows }: { rows: readonly OwnRow[] }) => (
  <Page title={t('${words(name)}')}>
    {rows.length === 0 && <Empty title={t('You have none.')} />}
    <ul>
      {rows.map(row => (
        <li>
          <a href={url('${name}:details', { id: row.id })}>{row.identifier}</a>
        </li>
      ))}
    </ul>
  </Page>
)
`

const french = (title: string) => `${JSON.stringify(
  {
    'Another subscription has this identifier.': 'Un autre abonnement a cet identifiant.',
    Identifier: 'Identifiant',
    [title]: title,
    'What the operator calls it': 'Le nom que lui donne l’opérateur',
    'You have none.': 'Vous n’en avez pas.',
  },
  null,
  2,
)}
`

const tests = (
  name: string,
  variable: string,
  title: string,
) => `import { addConfiguration, addMember, addPool, siteOf, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import app from './index.tsx'
import { ${variable} } from './tables.ts'

let coin: TestCoin
let member: number
let id: number

beforeAll(async () => {
  coin = await testCoin({ apps: [app()] })
  member = await addMember(coin)
  id = await addConfiguration(coin, ${variable}, { identifier: 'line-1' }, { member, pools: [await addPool(coin, '192.0.2.0/24')] })
})
afterAll(() => coin.close())

test('the member sees it in the menu, in the list and on its own page', async () => {
  const visitor = await siteOf(coin).member(member)
  const list = await visitor.page('/${name}')
  expect(list).toContain('${title}')
  expect(list).toContain(\`/${name}/\${id}\`)
  expect(await visitor.page(\`/${name}/\${id}\`)).toContain('192.0.2.0/32')
})

test('another member does not', async () => {
  const visitor = await siteOf(coin).member(await addMember(coin))
  expect(await visitor.page('/${name}')).not.toContain('line-1')
  expect((await visitor.get(\`/${name}/\${id}\`)).status).toBe(404)
})

test('two lines with one identifier are refused in words', async () => {
  await expect(addConfiguration(coin, ${variable}, { identifier: 'line-1' })).rejects.toThrow('Another subscription has this identifier.')
})
`
