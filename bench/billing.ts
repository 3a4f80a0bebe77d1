// How long runs and issuing take, and how much memory: `--rows 10000,100000` (`--rows 1000000` takes minutes), `--compare 10000` bills as the first
// Coin does, one row at a time through the same driver, beside it; `--json`.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { systemActor } from '../core/src/app/access.ts'
import { defineConfig } from '../core/src/app/config.ts'
import { createRegistry } from '../core/src/app/registry.ts'
import { advanceRun, resumeRun, startRun } from '../core/src/billing/run.ts'
import { lanes } from '../core/src/billing/run-lanes.ts'
import { type Coin, openCoin } from '../core/src/coin.ts'
import { coreApps } from '../core/src/core-apps.ts'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { migrateAll } from '../core/src/db/migrate-all.ts'
import { fill } from './billing/fill.ts'
import { billRowByRow, plainTables } from './billing/row-by-row.ts'

const { values } = parseArgs({
  strict: false,
  options: { json: { type: 'boolean' }, rows: { type: 'string' }, compare: { type: 'string' } },
})
const sizes = String(values.rows ?? '10000,100000')
  .split(',')
  .map(Number)
const compared = Number(values.compare ?? 10_000)
const first = '2025-12-01'
const next = '2026-01-01'
const actor = systemActor('bench')

interface Measured {
  readonly subscriptions: number
  readonly run_s: number
  readonly invoices: number
  readonly second_run_s: number
  readonly second_run_invoices: number
  readonly next_month_s: number
  readonly issue_s: number
  readonly peak_mb: number
}

const measured: Measured[] = []
for (const rows of sizes) measured.push(await withCoin(rows, coin => measure(coin, rows)))
const slow = compared > 0 ? await withCoin(compared, ({ database }) => rowByRow(database.url)) : undefined
const own =
  measured.find(({ subscriptions }) => subscriptions === compared) ??
  (compared > 0 ? await withCoin(compared, coin => measure(coin, compared)) : undefined)
const result = {
  runs: measured,
  ...(slow &&
    own && {
      row_by_row: slow,
      // the run of a month, as there is one each month; the first one bills two periods and the opening, three lines each
      ratio_to_row_by_row: round(slow.next_month_s / own.next_month_s),
      ratio_of_first_run: round(slow.run_s / own.run_s),
      ratio_of_second_runs: round(slow.second_run_s / Math.max(own.second_run_s, 0.001)),
    }),
  second_run_invoices: Math.max(...measured.map(each => each.second_run_invoices)),
  peak_mb: Math.max(...measured.map(each => each.peak_mb)),
}
if (values.json) console.log(JSON.stringify(result, null, 2))
else {
  console.table(measured)
  console.log(Object.fromEntries(Object.entries(result).filter(([key]) => key !== 'runs')))
}

async function withCoin<R>(rows: number, work: (coin: Coin) => Promise<R>): Promise<R> {
  const home = mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
  // the database server may run as another user
  chmodSync(home, 0o711)
  const data = path.join(home, 'var')
  try {
    const { url } = await ensureEmbedded({ data })
    const config = defineConfig({ apps: [] })
    await migrateAll(url, createRegistry(coreApps(), config))
    await fill(url, rows)
    const coin = openCoin(config, { databaseUrl: url, secret: 'a secret that is only good for a benchmark', data })
    try {
      return await coin.asSystem('bench', () => work(coin))
    } finally {
      await coin.close()
    }
  } finally {
    await removeEmbedded({ data })
    rmSync(home, { recursive: true, force: true })
  }
}

async function measure(coin: Coin, subscriptions: number): Promise<Measured> {
  const memory = watchMemory()
  const run = await timed(() => bill(coin, first))
  const second = await timed(() => bill(coin, first))
  const month = await timed(() => bill(coin, next))
  const issue = await timed(async () => {
    await coin.transaction(actor, async tx => {
      await tx.execute(sql`UPDATE billing_run SET state = 'stopped', issues = true WHERE id = ${run.result}`)
      await resumeRun(tx, run.result)
    })
    await work(coin, run.result)
  })
  return {
    subscriptions,
    run_s: run.seconds,
    invoices: await invoicesOf(coin, run.result),
    second_run_s: second.seconds,
    second_run_invoices: await invoicesOf(coin, second.result),
    next_month_s: month.seconds,
    issue_s: issue.seconds,
    peak_mb: memory.peak(),
  }
}

async function bill(coin: Coin, date: string): Promise<number> {
  const id = await coin.transaction(actor, tx => startRun(tx, { date }))
  await work(coin, id)
  return id
}

/** As the command does: every lane at once. */
async function work(coin: Coin, id: number): Promise<void> {
  const one = async () => {
    while (await coin.transaction(actor, tx => advanceRun(tx, id)));
  }
  await Promise.all(Array.from({ length: lanes }, one))
}

async function invoicesOf({ database }: Coin, run: number): Promise<number> {
  const { rows } = await database.db.execute<{ count: number }>(sql`SELECT count(*)::int AS count FROM invoice WHERE run_id = ${run}`)
  return rows[0]?.count ?? 0
}

async function rowByRow(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    client.setTypeParser(pg.types.builtins.DATE, text => text)
    await plainTables(client)
    const run = await timed(() => billRowByRow(client, first))
    const second = await timed(() => billRowByRow(client, first))
    const month = await timed(() => billRowByRow(client, next))
    return { subscriptions: compared, run_s: run.seconds, second_run_s: second.seconds, next_month_s: month.seconds, invoices: run.result }
  } finally {
    await client.end()
  }
}

async function timed<R>(work: () => Promise<R>): Promise<{ readonly result: R; readonly seconds: number }> {
  const from = performance.now()
  const result = await work()
  return { result, seconds: round((performance.now() - from) / 1000) }
}

function watchMemory() {
  let most = process.memoryUsage.rss()
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 20)
  return {
    peak() {
      clearInterval(timer)
      return Math.round(Math.max(most, process.memoryUsage.rss()) / 1e6)
    },
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
