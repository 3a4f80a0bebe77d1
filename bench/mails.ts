// How many mails a second are queued, each with a file of its own of 40 kB, and what memory that takes: `--mails 10000`, `--quick` 1,000; `--json`.
// Queued is what a run waits for: they are rows then, and leave by a job.
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { systemActor } from '../core/src/app/access.ts'
import { defineConfig } from '../core/src/app/config.ts'
import { createRegistry } from '../core/src/app/registry.ts'
import { openCoin } from '../core/src/coin.ts'
import { coreApps } from '../core/src/core-apps.ts'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { migrateAll } from '../core/src/db/migrate-all.ts'
import { storeFiles } from '../core/src/system/file.ts'
import { sendMails } from '../core/src/system/mail.ts'

const { values } = parseArgs({
  strict: false,
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, mails: { type: 'string' } },
})
const mails = Number(values.mails ?? (values.quick ? 1000 : 10_000))
// as the job that mails invoices takes them
const batch = 100

const home = mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
// the database server may run as another user
chmodSync(home, 0o711)
const data = path.join(home, 'var')
try {
  const { url } = await ensureEmbedded({ data })
  const config = defineConfig({ apps: [] })
  await migrateAll(url, createRegistry(coreApps(), config))
  const coin = openCoin(config, { databaseUrl: url, secret: 'a secret that is only good for a benchmark', data })
  try {
    const seconds = await queueAll(coin)
    const result = {
      mails,
      per_second: Math.round(mails / seconds),
      load_average: Math.round((loadavg()[0] ?? 0) * 10) / 10,
      peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    }
    if (values.json) console.log(JSON.stringify(result))
    else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(12)} ${value}`)
  } finally {
    await coin.close()
  }
} finally {
  await removeEmbedded({ data })
  rmSync(home, { recursive: true, force: true })
}

/** Seconds for the mails alone: their files are there before. */
async function queueAll(coin: ReturnType<typeof openCoin>): Promise<number> {
  let spent = 0
  for (let first = 0; first < mails; first += batch) {
    const numbers = Array.from({ length: Math.min(batch, mails - first) }, (_, index) => first + index)
    const files = numbers.map(number => ({ content: randomBytes(40_000), mediaType: 'application/pdf', name: `${number}.pdf` }))
    const hashes = await coin.transaction(systemActor('bench'), tx => storeFiles(tx, files))
    const from = performance.now()
    await coin.transaction(systemActor('bench'), tx =>
      sendMails(
        tx,
        numbers.map((number, index) => ({
          to: `member${number}@example.org`,
          subject: `Invoice ${number}`,
          text: 'Hello,\n\nyour invoice is attached.\n'.repeat(20),
          attachments: [{ name: `${number}.pdf`, file: hashes[index] ?? '' }],
        })),
      ),
    )
    spent += (performance.now() - from) / 1000
  }
  return spent
}
