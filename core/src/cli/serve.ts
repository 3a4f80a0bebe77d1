import { ensureFirstAdmin } from '../accounts/rules.ts'
import type { Coin } from '../coin.ts'
import { migrateAll } from '../db/migrate-all.ts'
import { isDatabaseError, messageOf } from '../db/storable.ts'
import { CoinError } from '../errors.ts'
import { isUnreachable } from '../provisioning/unreachable.ts'
import { type Serving, serveWeb, urlOf } from '../web/serve.ts'
import type { CliContext } from './context.ts'
import { requireMigrated } from './database.ts'
import { print } from './output.ts'
import { leaveOthers, startWebProcesses, webProcesses } from './web-processes.ts'

/** From nothing to a running site; from a running site's data to the same site. */
export async function start(context: CliContext, options: { readonly demo?: boolean; readonly work: boolean }): Promise<void> {
  const registry = context.registry()
  await migrateAll(await context.databaseUrl(), registry)
  const coin = await context.open()
  const admin = await ensureFirstAdmin(coin)
  if (options.demo) {
    const { loadDemo } = await import('../demo/demo.ts')
    const demo = await loadDemo(coin)
    if (!context.json)
      process.stdout.write(
        demo.member
          ? `The demonstration is loaded. Sign in as its member ${demo.member.email}, or as ${demo.limited?.email} who sees one offer only, with the password ${demo.member.password} (it is not shown again)\n`
          : 'There is data already: the demonstration is left out\n',
      )
  }
  if (admin && !context.json) {
    const how =
      admin.password === undefined
        ? 'with the password from COIN_ADMIN_PASSWORD'
        : `with the password ${admin.password} (it is not shown again)`
    process.stdout.write(`Sign in as ${admin.email} ${how}\n`)
  }
  await run(context, coin, { web: true, work: options.work }, admin)
}

/** The web alone or with jobs, on a database that is ready. */
export async function serve(context: CliContext, { work: withJobs }: { readonly work: boolean }): Promise<void> {
  await requireMigrated(context, await context.databaseUrl())
  await run(context, await context.open(), { web: true, work: withJobs })
}

/** Jobs alone. */
export async function work(context: CliContext): Promise<void> {
  await requireMigrated(context, await context.databaseUrl())
  await run(context, await context.open(), { web: false, work: true })
}

async function run(
  context: CliContext,
  coin: Coin,
  parts: { readonly web: boolean; readonly work: boolean },
  admin?: { readonly email: string; readonly password?: string },
): Promise<void> {
  const stopped = untilStopped()
  outliveDatabase()
  const worker = parts.work ? await (await import('../jobs/worker.ts')).startWorker(coin) : undefined
  try {
    const serving = parts.web ? await serveAll(coin) : undefined
    const address = serving?.url.replace(/\/$/, '')
    print(context, { ready: true, ...(address && { url: address }), ...(admin && { admin }) }, () =>
      address ? `Coin is ready at ${address}` : 'Coin works on jobs.',
    )
    await stopped
    await serving?.close()
    leaveOthers()
  } finally {
    await worker?.stop()
  }
}

/** In this process, or in as many as `COIN_WEB` says. */
async function serveAll(coin: Coin): Promise<Serving> {
  const place = { host: process.env.HOST || '127.0.0.1', port: portOf(process.env.PORT) }
  const count = webProcesses(process.env.COIN_WEB)
  if (count === 1) return serveWeb(coin, place)
  const { close } = await startWebProcesses(count)
  return { url: urlOf(coin, place.host, place.port), close }
}

/**
 * The job queue does not wait for what it writes about a job that has ended: when the database goes away at that moment, nobody is there to
 * catch it. The job is looked after by the next worker that asks; the site need not end. Anything else that nobody caught still ends it.
 */
function outliveDatabase(): void {
  process.on('unhandledRejection', error => {
    if (!isDatabaseError(error) && !isUnreachable(error)) throw error
    console.error(`The database was away while something was written: ${messageOf(error)}`)
  })
}

// Ctrl-C comes twice under npm, which passes on what the terminal has sent to everybody
const echo = 1000

/** Resolves when the process is asked to stop; asked once more later, it ends at once. */
const untilStopped = () =>
  new Promise<void>(resolve => {
    let asked: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked !== undefined && performance.now() - asked > echo) process.exit(1)
        asked ??= performance.now()
        resolve()
      })
    }
  })

function portOf(text: string | undefined): number {
  if (!text) return 8000
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port
  throw new CoinError('boot', 'PORT is {{text}}, which is not a port.', { values: { text }, hint: 'Give a number such as 8000.' })
}
