// How fast rows go out to files and come in from them, and how much memory that takes: `npm run bench -- transfer [--rows 100000] [--import 10000]
// [--json]`. Members: out as CSV, XLSX and JSON, in from CSV (looked at, then imported, then once more), then one value given to all that came in.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'drizzle-orm'
import { idsOfChosen } from '../core/src/admin/transfer/bulk-rows.ts'
import { applyBulk, rehearseBulk } from '../core/src/admin/transfer/bulk-write.ts'
import { applyImport, rehearseImport } from '../core/src/admin/transfer/carry-out.ts'
import { exportTable } from '../core/src/admin/transfer/export-table.ts'
import { formats, writeTable } from '../core/src/admin/transfer/formats.ts'
import { hashOf, keepImportFile, markApplied, markChecked } from '../core/src/admin/transfer/import-file.ts'
import { countOf } from '../core/src/admin/transfer/import-outcome.ts'
import { readSheets } from '../core/src/admin/transfer/read-file.ts'
import { systemActor } from '../core/src/app/access.ts'
import { defineConfig } from '../core/src/app/config.ts'
import { createRegistry } from '../core/src/app/registry.ts'
import type { AnyResource } from '../core/src/app/resource.ts'
import { type Coin, openCoin } from '../core/src/coin.ts'
import { coreApps } from '../core/src/core-apps.ts'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { migrateAll } from '../core/src/db/migrate-all.ts'

const { values } = parseArgs({
  strict: false,
  options: { json: { type: 'boolean' }, rows: { type: 'string' }, import: { type: 'string' } },
})
const [rows, imported] = [Number(values.rows ?? 100_000), Number(values.import ?? 10_000)]
const actor = systemActor('bench')
const home = mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
chmodSync(home, 0o711)
const data = path.join(home, 'var')

try {
  const { url } = await ensureEmbedded({ data })
  const config = defineConfig({ apps: [] })
  await migrateAll(url, createRegistry(coreApps(), config))
  const coin = openCoin(config, { databaseUrl: url, secret: 'only for the bench', data })
  const result = await coin.asSystem('bench', () => measure(coin))
  await coin.close()
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(28)} ${JSON.stringify(value)}`)
} finally {
  await removeEmbedded({ data })
  rmSync(home, { recursive: true, force: true })
}

async function measure(coin: Coin) {
  const members = coin.registry.resources.get('member')?.resource
  if (!members) throw new Error('There are no members')
  await coin.transaction(actor, tx =>
    tx.execute(sql`
      INSERT INTO member (first_name, last_name, email, username, city, comments)
      SELECT 'Zoé', 'Member ' || n, 'member' || n || '@example.org', 'member' || n, 'Grenoble', repeat('a comment ', 5) FROM generate_series(1, ${rows}) n`),
  )
  await coin.database.pool.query('ANALYZE')
  const out: Record<string, unknown> = { rows, imported }
  for (const format of formats) {
    const found = await timed(async () => {
      let size = 0
      for await (const piece of writeTable(format, await exportTable(coin, members, {}))) size += piece.length
      return size
    })
    out[`export_${format}`] = { rows_per_second: Math.round(rows / found.seconds), peak_mb: found.peak, mb: Math.round(found.value / 1e6) }
  }
  const content = Buffer.from(
    `firstName,lastName,email,username,city\n${Array.from({ length: imported }, (_, n) => `Ada,New ${n},new${n}@example.org,new${n},Lyon\n`).join('')}`,
  )
  const request = { sheets: await readSheets(content), kind: 'member', hash: hashOf(content) }
  const looked = await timed(() => rehearseImport(coin, request))
  const id = await coin.transaction(actor, async tx => {
    const kept = await keepImportFile(tx, { kind: 'member', name: 'bench.csv', content })
    await markChecked(tx, kept, looked.value)
    return kept
  })
  const applied = await timed(() =>
    applyImport(coin, request, { digest: looked.value.digest, goodRows: false, finish: (tx, found) => markApplied(tx, id, found) }),
  )
  if (!applied.value.kept || countOf(applied.value.outcome, 'new') !== imported) throw new Error('Not everything was imported')
  const again = await timed(() => rehearseImport(coin, request))
  if (countOf(again.value, 'same') !== imported) throw new Error('The second time changes something')
  for (const [name, { seconds, peak }] of Object.entries({ import_looked_at: looked, import_applied: applied, import_again: again }))
    out[name] = { rows_per_second: Math.round(imported / seconds), peak_mb: peak }
  return { ...out, ...(await bulk(coin, members)) }
}

async function bulk(coin: Coin, resource: AnyResource) {
  // no more are changed at once
  const { rows: found } = await coin.database.db.execute<{ id: number }>(
    sql`SELECT id FROM member WHERE username LIKE 'new%' ORDER BY id LIMIT 20000`,
  )
  const ids = await idsOfChosen(resource, { ids: found.map(({ id }) => id) }, coin.database.db)
  const request = { resource, ids, values: { city: 'Paris' } }
  const looked = await timed(() => rehearseBulk(coin, request))
  const applied = await timed(() => applyBulk(coin, coin, request, looked.value.digest))
  return { bulk_change: { rows: ids.length, looked_at_seconds: looked.seconds, applied_seconds: applied.seconds } }
}

/** What something takes: its time, and by how much the memory grew at its highest. */
async function timed<R>(work: () => Promise<R>): Promise<{ value: R; seconds: number; peak: number }> {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let highest = before
  const watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss)
  }, 20)
  const start = performance.now()
  const value = await work()
  clearInterval(watch)
  return { value, seconds: Math.round(performance.now() - start) / 1000, peak: Math.round((highest - before) / 1e6) }
}
