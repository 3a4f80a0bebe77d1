import pg from 'pg'
import type { MadeObject } from '../db/migrate.ts'
import { CoinError } from '../errors.ts'
import type { CliContext } from './context.ts'
import { usage } from './failure.ts'
import { print } from './output.ts'

interface Left {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
}

/** Shows what an app that is no longer installed has left, and drops it when told to. One transaction: all of it or nothing. */
export async function purge(
  context: CliContext,
  name: string,
  options: { readonly yes?: boolean; readonly removeConfigurations?: boolean },
): Promise<void> {
  context.subject = `app ${name}`
  if (context.registry().apps.some(app => app.name === name)) {
    throw new CoinError('refused', 'The app {{name}} is installed.', { values: { name }, hint: 'Remove it from coin.config.ts first.' })
  }
  const client = new pg.Client({ connectionString: await context.databaseUrl(), application_name: 'coin app purge' })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query('LOCK TABLE coin.migration IN EXCLUSIVE MODE')
    const made = await madeBy(client, name)
    const tables = await Promise.all(made.filter(({ kind }) => kind === 'table').map(table => look(client, table.name)))
    const types = await typesOf(client, tables)
    const configurations = await countConfigurations(client, types)
    const report = {
      app: name,
      tables,
      views: made.filter(({ kind }) => kind === 'view').length,
      functions: made.filter(({ kind }) => kind === 'function').length,
      configurations,
    }
    const words = () =>
      [
        ...tables.map(table => `${table.name}: ${table.rows} rows (${table.columns.join(', ')})`),
        `${report.views} views, ${report.functions} functions, ${configurations} configurations`,
      ].join('\n')
    if (!options.yes) {
      await client.query('ROLLBACK')
      print(
        context,
        { ...report, dropped: false },
        () =>
          `${words()}\nNothing is dropped. Add --yes to drop it${configurations > 0 ? ' and --remove-configurations to remove the configurations with their addresses' : ''}.`,
      )
      return
    }
    if (configurations > 0 && !options.removeConfigurations) {
      throw usage(
        `${configurations} configurations of ${types.join(', ')} hold addresses and belong to subscriptions.`,
        'Add --remove-configurations to remove them too; their addresses then rest.',
      )
    }
    await client.query(`SELECT set_config('coin.actor', $1, true)`, [JSON.stringify({ label: 'coin app purge' })])
    await client.query('DELETE FROM configuration WHERE type = ANY ($1)', [types])
    const order = ['view', 'table', 'function'] as const
    for (const kind of order)
      for (const object of made.filter(one => one.kind === kind)) await client.query(`DROP ${kind} IF EXISTS ${object.name} CASCADE`)
    await client.query('DELETE FROM coin.migration WHERE app = $1', [name])
    await client.query('COMMIT')
    print(context, { ...report, dropped: true }, () => `${words()}\nDropped.`)
  } finally {
    await client.end()
  }
}

async function madeBy(client: pg.Client, app: string): Promise<MadeObject[]> {
  const { rows } = await client.query<{ made: MadeObject[] }>('SELECT made FROM coin.migration WHERE app = $1 ORDER BY name DESC', [app])
  if (rows.length === 0)
    throw new CoinError('not_found', 'No app named {{name}} has left anything in this database.', { values: { name: app } })
  const made = rows.flatMap(row => row.made)
  const still = await client.query<{ name: string }>(`SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL`, [
    made.filter(({ kind }) => kind !== 'function').map(({ name }) => name),
  ])
  const names = new Set(still.rows.map(({ name }) => name))
  return made.filter(({ kind, name }) => kind === 'function' || names.has(name))
}

/** The name comes from the database's own format(%I), quoted. */
async function look(client: pg.Client, name: string): Promise<Left> {
  const counted = await client.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${name}`)
  const columns = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [name],
  )
  return { name, columns: columns.rows.map(row => row.name), rows: counted.rows[0]?.rows ?? 0 }
}

/** The types of configuration among the tables: those whose rows share the ids of configurations. */
async function typesOf(client: pg.Client, tables: readonly Left[]): Promise<string[]> {
  const { rows } = await client.query<{ type: string }>(
    `SELECT DISTINCT c.relname AS type FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE k.contype = 'f' AND k.confrelid = 'configuration'::regclass AND k.conrelid = ANY ($1::regclass[]) AND array_length(k.conkey, 1) = 2`,
    [tables.map(({ name }) => name)],
  )
  return rows.map(({ type }) => type)
}

async function countConfigurations(client: pg.Client, types: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM configuration WHERE type = ANY ($1)', [types])
  return rows[0]?.count ?? 0
}
