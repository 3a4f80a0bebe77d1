import type { Command } from 'commander'
import { ensureFirstAdmin } from '../accounts/rules.ts'
import type { Coin } from '../coin.ts'
import { createRegistry } from '../app/registry.ts'
import { coreApps } from '../core-apps.ts'
import { migrateAll, pendingOf } from '../db/migrate-all.ts'
import { stopEmbedded } from '../db/embedded.ts'
import { CoinError } from '../errors.ts'
import { startWorker } from '../jobs/worker.ts'
import { serveWeb } from '../web/serve.ts'
import { databaseOf, type Deployment, openDeployment, withCoin } from './context.ts'
import { print } from './output.ts'

interface Global {
  readonly json?: boolean
}

/** The commands that make Coin run: start, serve, work, migrate, check, database. */
export function addRunCommands(program: Command, deployment: Deployment): void {
  const json = (command: Command) => Boolean(command.optsWithGlobals<Global>().json)

  program
    .command('start')
    .description('sets up what is missing (database, migrations, first administrator) and serves')
    .option('--demo', 'load a small made-up provider first')
    .option('--no-work', 'serve pages only; jobs run in `coin work`')
    .action(async (options: { demo?: boolean; work: boolean }) => {
      const registry = createRegistry(coreApps(), deployment.config)
      await migrateAll(await databaseOf(deployment), registry)
      const coin = await openDeployment(deployment)
      await firstAdministrator(coin)
      if (options.demo) await demo(coin)
      await run(coin, { web: true, work: options.work })
    })

  program
    .command('serve')
    .description('serves pages on HOST and PORT, and runs jobs')
    .option('--no-work', 'serve pages only; jobs run in `coin work`')
    .action(async (options: { work: boolean }) => {
      await requireMigrated(deployment)
      await run(await openDeployment(deployment), { web: true, work: options.work })
    })

  program
    .command('work')
    .description('runs jobs; any number of workers may run')
    .action(async () => {
      await requireMigrated(deployment)
      await run(await openDeployment(deployment), { web: false, work: true })
    })

  program
    .command('migrate')
    .description('brings the database up to what the apps need')
    .action(async (_options, command: Command) => {
      const registry = createRegistry(coreApps(), deployment.config)
      const applied = (await migrateAll(await databaseOf(deployment), registry)).map(({ app, name }) => `${app}/${name}`)
      print({ applied }, applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to apply', json(command))
    })

  program
    .command('check')
    .description('checks the configuration, the apps and the database, and changes nothing')
    .action(async (_options, command: Command) => {
      const registry = createRegistry(coreApps(), deployment.config)
      const pending = (await pendingOf(await databaseOf(deployment), registry)).map(({ app, name }) => `${app}/${name}`)
      const apps = registry.apps.map(({ name }) => name)
      if (pending.length > 0) throw new CoinError('refused', 'Migrations are pending: {{names}}.', { values: { names: pending.join(', ') }, hint: 'Run `coin migrate`.' })
      print({ ok: true, apps }, `All is well: ${apps.length} apps, nothing to migrate.`, json(command))
    })

  const database = program.command('database').description('the embedded database server')
  database
    .command('stop')
    .description('stops it; the next command starts it again')
    .action(async (_options, command: Command) => {
      const stopped = await stopEmbedded({ data: deployment.data })
      print({ stopped }, stopped ? 'stopped' : 'it does not run', json(command))
    })
  database
    .command('url')
    .description('starts it if needed and prints its address, for psql and other programs')
    .action(async (_options, command: Command) => {
      const url = await databaseOf(deployment)
      print({ url }, url, json(command))
    })

  program
    .command('admin')
    .description('administrators')
    .command('create')
    .description('creates the first administrator if there is none (COIN_ADMIN_EMAIL, COIN_ADMIN_PASSWORD)')
    .action(async (_options, command: Command) => {
      await withCoin(deployment, async coin => {
        const admin = await ensureFirstAdmin(coin, administratorGiven())
        print(admin ?? null, admin ? describe(admin) : 'There is an administrator already.', json(command))
      })
    })
}

async function requireMigrated(deployment: Deployment) {
  const registry = createRegistry(coreApps(), deployment.config)
  const pending = await pendingOf(await databaseOf(deployment), registry)
  if (pending.length > 0) throw new CoinError('refused', 'The database is older than the program: {{count}} migrations are missing.', { values: { count: pending.length }, hint: 'Run `coin migrate`.' })
}

function administratorGiven() {
  const { COIN_ADMIN_EMAIL: email, COIN_ADMIN_PASSWORD: password } = process.env
  return { ...(email && { email }), ...(password && { password }) }
}

const describe = (admin: { email: string; password?: string }) =>
  admin.password ? `First administrator: ${admin.email}\nPassword (shown once): ${admin.password}` : `First administrator: ${admin.email}`

async function firstAdministrator(coin: Coin) {
  const admin = await coin.asSystem('start', () => ensureFirstAdmin(coin, administratorGiven()))
  if (admin) console.log(describe(admin))
}

async function demo(coin: Coin) {
  const { loadDemo } = await import('../demo/demo.ts')
  const loaded = await coin.asSystem('demo', () => loadDemo(coin))
  console.log(loaded)
}

/** Runs until a signal comes, then stops in order. */
async function run(coin: Coin, parts: { web: boolean; work: boolean }) {
  const stopping = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const worker = parts.work ? await startWorker(coin) : undefined
  const web = parts.web ? await serveWeb(coin, { host: process.env.HOST || '127.0.0.1', port: portOf(process.env.PORT) }) : undefined
  console.log(web ? `Coin is ready at ${web.url}` : 'Coin works: jobs are taken as they come.')
  await stopping
  await web?.close()
  await worker?.stop()
  await coin.close()
}

function portOf(text: string | undefined): number {
  const port = Number(text || 8000)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new CoinError('boot', 'PORT is {{port}}, which is not a port.', { values: { port: text ?? '' }, hint: 'Give a number from 0 to 65535.' })
  return port
}
