import { stopEmbedded } from '../db/embedded.ts'
import type { Migration } from '../db/migrate.ts'
import { migrateAll, pendingOf } from '../db/migrate-all.ts'
import { CoinError } from '../errors.ts'
import type { CliContext } from './context.ts'
import { print } from './output.ts'

const names = (migrations: readonly Migration[]) => migrations.map(({ app, name }) => `${app}/${name}`)

export async function migrate(context: CliContext): Promise<void> {
  const registry = context.registry()
  const applied = names(await migrateAll(await context.databaseUrl(), registry))
  print(context, { applied }, () =>
    applied.length > 0 ? applied.map(name => `Applied ${name}`).join('\n') : 'The database is up to date.',
  )
}

/** Throws when the database lacks a migration. */
export async function requireMigrated(context: CliContext, url: string): Promise<void> {
  const pending = names(await pendingOf(url, context.registry()))
  if (pending.length === 0) return
  throw new CoinError('boot', 'The database lacks migrations: {{names}}.', {
    values: { names: pending.join(', ') },
    hint: 'Run `coin migrate`.',
  })
}

/** Everything that can be wrong before anybody notices. The apps are checked first: they throw by themselves. */
export async function check(context: CliContext): Promise<void> {
  const registry = context.registry()
  const url = await context.databaseUrl()
  await requireMigrated(context, url)
  const apps = registry.apps.map(app => app.name)
  print(context, { apps, database: 'ready' }, () => `${apps.length} apps: ${apps.join(', ')}\nThe database is reached and up to date.`)
}

export async function stop(context: CliContext): Promise<void> {
  const stopped = await stopEmbedded({ data: context.data })
  print(context, { stopped }, () => (stopped ? 'The database is stopped.' : 'The database was not running.'))
}

export async function printUrl(context: CliContext): Promise<void> {
  const url = await context.databaseUrl()
  print(context, { url }, () => url)
}
