import { sql } from 'drizzle-orm'
import type { Actor } from '../app/scope.ts'
import { issueInvoices } from '../billing/issue.ts'
import { advanceRun, applyPreview, dropPreview, resumeRun, retrySetAside, runBatch, startRun } from '../billing/run.ts'
import { previewFile } from '../billing/run-file.ts'
import { lanes } from '../billing/run-lanes.ts'
import { findRun, listRuns, type RunRow, setAsideOf } from '../billing/run-queries.ts'
import type { Coin } from '../coin.ts'
import { CoinError } from '../errors.ts'
import { formatMoney } from '../ui/index.ts'
import { told } from './bill-words.ts'
import type { CliContext } from './context.ts'
import { print, table } from './output.ts'
import { type Gauge, openGauge } from './progress.ts'
import { differs, idOf, interrupted } from './sync-common.ts'

/** Starts a run and does it in this process. */
export async function run(
  context: CliContext,
  { date, dryRun = false, issue: issues = false }: { date?: string; dryRun?: boolean; issue?: boolean },
): Promise<void> {
  await inProcess(context, async (coin, actor) => {
    const { rows } = await coin.database.db.execute<{ today: string }>(sql`SELECT coin.today()::text AS today`)
    return coin.transaction(actor, tx => startRun(tx, { date: date ?? rows[0]?.today ?? '', preview: dryRun, issues }))
  })
}

export const apply = (context: CliContext, text: string, { issue: issues = false }: { issue?: boolean }): Promise<void> =>
  inProcess(context, async (coin, actor) => {
    const id = idOf(text, '<run>')
    await coin.transaction(actor, tx => applyPreview(tx, id, issues))
    return id
  })

export const resume = (context: CliContext, text: string): Promise<void> =>
  inProcess(context, async (coin, actor) => {
    const id = idOf(text, '<run>')
    // one that was only interrupted goes on by itself
    if ((await findRun(coin.database.db, id)).state === 'stopped') await coin.transaction(actor, tx => resumeRun(tx, id))
    return id
  })

export const retry = (context: CliContext, text: string): Promise<void> =>
  inProcess(context, async (coin, actor) => {
    const id = idOf(text, '<run>')
    await coin.transaction(actor, tx => retrySetAside(tx, id))
    return id
  })

export async function drop(context: CliContext, text: string): Promise<void> {
  context.subject = 'bill'
  await context.withCoin(async (coin, actor) => {
    const id = idOf(text, '<run>')
    await coin.transaction(actor, tx => dropPreview(tx, id))
    print(context, { run: id, state: 'dropped' }, () => `Run ${id} is dropped: nothing was billed.`)
  })
}

export async function list(context: CliContext): Promise<void> {
  context.subject = 'bill'
  await context.withCoin(async coin => {
    const rows = await listRuns(coin.database.db)
    print(context, rows, () =>
      rows.length === 0
        ? 'No run yet.'
        : table(
            ['Run', 'Up to', 'State', 'Invoices', 'Total', 'Set aside', 'Started by'],
            rows.map(row => [
              String(row.id),
              row.date,
              row.state,
              String(row.invoices),
              money(row),
              String(row.failed + row.changed),
              row.startedBy,
            ]),
          ),
    )
  })
}

export async function show(context: CliContext, text: string, { lines = false }: { lines?: boolean }): Promise<void> {
  context.subject = 'bill'
  await context.withCoin(async ({ database }) => {
    const row = await findRun(database.db, idOf(text, '<run>'))
    if (lines && row.state !== 'preview')
      throw new CoinError('refused', 'Only a dry run that waits has this file.', { hint: 'Its invoices say what was billed.' })
    if (lines) for await (const piece of previewFile(database.db, row.id)) process.stdout.write(piece)
    else await tell(context, database.db, row)
  })
}

/** Issues drafts in batches, each with a transaction of its own. */
export async function issue(context: CliContext, { run: text }: { run?: string }): Promise<void> {
  context.subject = 'bill'
  const id = text === undefined ? null : idOf(text, '--run')
  const gauge = openGauge(context)
  await context.withCoin(async (coin, actor) => {
    if (id !== null) await findRun(coin.database.db, id)
    let [issued, more] = [0, true]
    gauge.begin('Issuing', 0)
    while (more) {
      const { rows } = await coin.database.db.execute<{ id: number }>(sql`
        SELECT id FROM invoice WHERE state = 'draft' AND (${id}::bigint IS NULL OR run_id = ${id}) AND EXISTS (SELECT FROM invoice_line l WHERE l.invoice_id = invoice.id)
          AND (CASE WHEN kind = 'credit_note' THEN total <= 0 ELSE total >= 0 END) ORDER BY id LIMIT ${runBatch}`)
      more = rows.length === runBatch
      const ids = rows.map(row => row.id)
      await coin.transaction(actor, tx => issueInvoices(tx, ids))
      issued += ids.length
      gauge.update(issued, issued, '')
    }
    gauge.end()
    print(context, { issued }, () => `${issued} issued.`)
  })
}

/** Does a run here, with a bar, and tells what came of it. A worker may do a part of it. */
async function inProcess(context: CliContext, begin: (coin: Coin, actor: Actor) => Promise<number>): Promise<void> {
  context.subject = 'bill'
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const gauge = openGauge(context)
  try {
    await context.withCoin(async (coin, actor) => {
      const id = await begin(coin, actor)
      await advance(coin, actor, id, gauge, stopping.signal)
      await tell(context, coin.database.db, await findRun(coin.database.db, id))
      if (stopping.signal.aborted) context.exitCode = interrupted
    })
  } finally {
    gauge.end()
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

async function advance(coin: Coin, actor: Actor, id: number, gauge: Gauge, signal: AbortSignal): Promise<void> {
  gauge.begin(`Run ${id}`, 0)
  const work = async () => {
    while (!signal.aborted && (await coin.transaction(actor, tx => advanceRun(tx, id)))) {
      const { rows } = await coin.database.db.execute<{ looked: number; members: number; state: string }>(
        sql`SELECT (SELECT sum(looked)::int FROM billing_run_lane WHERE run_id = r.id) AS looked, members, state FROM billing_run r WHERE id = ${id}`,
      )
      gauge.update(rows[0]?.looked ?? 0, rows[0]?.members ?? 0, rows[0]?.state ?? '')
    }
  }
  await Promise.all(Array.from({ length: lanes }, work))
  gauge.end()
}

async function tell(context: CliContext, db: Coin['database']['db'], row: RunRow): Promise<void> {
  const aside = await setAsideOf(db, row.id, 1000)
  print(context, { ...row, setAside: aside }, () => told(row, aside, money(row)))
  if (aside.length > 0) context.exitCode = differs
}

const money = ({ totals }: RunRow): string => totals.map(({ total, currency }) => formatMoney(total, currency)).join(' + ')
