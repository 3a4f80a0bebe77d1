import { getTableColumns } from 'drizzle-orm'
import pg from 'pg'
import type { Registry } from '../app/registry.ts'
import { CoinError } from '../errors.ts'
import { migrateJobs } from '../jobs/migrate-jobs.ts'
import { type Migration, migrate, pendingMigrations, readMigrations } from './migrate.ts'

const oldest = 160000

/** Brings the database at `url` up to what the registry's apps need, and watches their configuration tables. Returns what was applied. */
export async function migrateAll(url: string, registry: Registry): Promise<Migration[]> {
  return withClient(url, client =>
    migrate(client, readMigrations(registry.migrations), async () => {
      await watch(client, registry)
      await migrateJobs(url)
    }),
  )
}

/** What `migrateAll` would apply. */
export const pendingOf = (url: string, registry: Registry): Promise<Migration[]> =>
  withClient(url, client => pendingMigrations(client, readMigrations(registry.migrations)))

async function watch(client: pg.ClientBase, registry: Registry) {
  for (const { configuration } of registry.configurations.values()) {
    const { spec, type } = configuration
    const columns = getTableColumns(spec.table)
    const secrets = Object.entries(spec.fields).flatMap(([key, field]) => (field?.secret && columns[key] ? [columns[key].name] : []))
    await client.query('SELECT coin.watch_configuration_table($1, $2)', [type, secrets])
  }
}

async function withClient<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url, application_name: 'coin migrate' })
  await client.connect()
  try {
    const version = await client.query<{ number: number }>(`SELECT current_setting('server_version_num')::int AS number`)
    if ((version.rows[0]?.number ?? 0) < oldest)
      throw new CoinError('boot', 'Coin needs PostgreSQL 16 or newer.', { hint: 'Give DATABASE_URL another server.' })
    return await work(client)
  } finally {
    await client.end()
  }
}
