// How long the import of a bank statement takes, and how much memory: `npm run bench -- statement [--lines 100000] [--json]`. A member for each
// line, with a subscription and an open invoice; of ten lines, six have a reference, one an IBAN and one words that staff confirmed, one a name
// and the amount, one nothing. Then the same file once more.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { systemActor } from '../core/src/app/access.ts'
import { defineConfig } from '../core/src/app/config.ts'
import { createRegistry } from '../core/src/app/registry.ts'
import { type Coin, openCoin } from '../core/src/coin.ts'
import { coreApps } from '../core/src/core-apps.ts'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { migrateAll } from '../core/src/db/migrate-all.ts'
import { importOf } from '../core/src/payments/bank/import-queries.ts'
import { applyImport } from '../core/src/payments/bank/imports.ts'
import { previewFile } from '../core/src/payments/bank/preview.ts'

const { values } = parseArgs({ strict: false, options: { json: { type: 'boolean' }, lines: { type: 'string' } } })
const lines = Number(values.lines ?? 100_000)
const actor = systemActor('bench')
const home = mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
chmodSync(home, 0o711)
const data = path.join(home, 'var')

try {
  const { url } = await ensureEmbedded({ data })
  const config = defineConfig({ apps: [] })
  await migrateAll(url, createRegistry(coreApps(), config))
  await fill(url)
  const coin = openCoin(config, { databaseUrl: url, secret: 'only for the bench', data })
  const result = await coin.asSystem('bench', () => measure(coin))
  await coin.close()
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(20)} ${JSON.stringify(value)}`)
} finally {
  await removeEmbedded({ data })
  rmSync(home, { recursive: true, force: true })
}

async function measure(coin: Coin) {
  const bytes = new TextEncoder().encode(statement())
  const start = performance.now()
  const shown = await preview(coin, bytes)
  const previewed = performance.now()
  await coin.transaction(actor, tx => applyImport(tx, { importId: shown.id, digest: shown.digest ?? '' }))
  const applied = performance.now()
  const again = await preview(coin, bytes)
  const result = await coin.transaction(actor, tx => applyImport(tx, { importId: again.id, digest: again.digest ?? '' }))
  const ended = performance.now()
  if (result !== 'applied') throw new Error('the world moved')
  return {
    lines,
    lines_per_second: Math.round((lines / (applied - start)) * 1000),
    preview_s: seconds(previewed - start),
    apply_s: seconds(applied - previewed),
    again_s: seconds(ended - applied),
    matched: shown.lines.find(({ what }) => what === 'match')?.count ?? 0,
    new_lines_again: again.lines.reduce((sum, { what, count }) => (what === 'known' ? sum : sum + count), 0),
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

function preview(coin: Coin, bytes: Uint8Array) {
  return coin.transaction(actor, async tx => {
    const found = await previewFile(tx, { accountId: 1, name: 'bench.csv', bytes }, true)
    if (found.kind === 'problems') throw new Error(JSON.stringify(found.problems.slice(0, 3)))
    return importOf(tx, found.importId)
  })
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10
}

function statement(): string {
  const rows = Array.from({ length: lines }, (_, index) => {
    const n = index + 1
    const start = [`2026-02-${String((n % 28) + 1).padStart(2, '0')}`]
    const row = (label: string, name = '', iban = '', amount = '24,00') => [...start, label, amount, name, iban].join(';')
    if (n % 10 < 6) return row(`VIR SEPA RECU ${n} /MOTIF ADH-${String(n).padStart(6, '0')} COTISATION FIBRE`)
    if (n % 10 === 6) return row('Virement mensuel internet', 'Payeur Inconnu', ibanOf(n))
    if (n % 10 === 7) return row(`Virement ${n}`, `Tante ${letters(n)}`)
    if (n % 10 === 8) return row('cotisation internet', `${letters(n)} Ada`)
    return row(`CHEQUE ${n}`, 'Quelqu un', '', '13,37')
  })
  return ['Date;Libellé;Montant;Nom du tiers;IBAN', ...rows].join('\n')
}

/** A made-up last name for each number. */
function letters(n: number): string {
  let [rest, name] = [n, '']
  for (; rest > 0; rest = Math.floor(rest / 26)) name += String.fromCharCode(97 + (rest % 26))
  return `q${name}`
}

/** A valid German IBAN for each number. */
function ibanOf(n: number): string {
  const account = `37040044${String(n).padStart(10, '0')}`
  const check = 98n - (BigInt(`${account}131400`) % 97n)
  return `DE${String(check).padStart(2, '0')}${account}`
}

/** In sets and with the tables' triggers off: the rules of members and invoices are not what is measured. */
async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const numbers = Array.from({ length: lines }, (_, index) => index + 1)
  await client.query('BEGIN')
  await client.query('SET LOCAL session_replication_role = replica')
  await client.query(
    `INSERT INTO member (id, first_name, last_name, username, email) SELECT n, 'Ada', name, 'member' || n, 'member' || n || '@example.org' FROM unnest($1::bigint[], $2::text[]) AS m (n, name)`,
    [numbers, numbers.map(letters)],
  )
  await client.query(
    `INSERT INTO subscription (id, member_id, reference, started_on) SELECT n, n, 'ADH-' || lpad(n::text, 6, '0'), '2026-01-01' FROM generate_series(1, $1::bigint) n`,
    [lines],
  )
  await client.query(
    `INSERT INTO invoice (member_id, state, net, total, series, month, sequence, number, issued_on, due_on, issued_at, member_snapshot)
     SELECT n, 'issued', 24, 24, 'invoice', '2026-02-01', n, '2026-02-' || lpad(n::text, 6, '0'), '2026-02-01', '2026-03-03', now(), '{}' FROM generate_series(1, $1::bigint) n`,
    [lines],
  )
  await client.query(`INSERT INTO bank_account (name) VALUES ('Bench')`)
  const [byIban, byName] = [numbers.filter(n => n % 10 === 6), numbers.filter(n => n % 10 === 7)]
  await client.query(`INSERT INTO bank_rule (kind, value, member_id) SELECT 'iban', * FROM unnest($1::text[], $2::bigint[])`, [
    byIban.map(ibanOf),
    byIban,
  ])
  await client.query(`INSERT INTO bank_rule (kind, value, member_id) SELECT 'name', * FROM unnest($1::text[], $2::bigint[])`, [
    byName.map(n => [letters(n), 'tante'].sort().join(' ')),
    byName,
  ])
  await client.query('COMMIT')
  await client.query('VACUUM ANALYZE')
  await client.end()
}
