// How many list pages a second two cores give, how soon one comes at 50 a second, and what the first visit weighs.
// `--rows 100000` subscriptions, `--addresses 1000000`, `--seconds 4` for each measurement, `--processes 2`, `--data <folder>` is kept and used again.
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import simpleDsl from '../apps/simple_dsl/index.ts'
import { createUser } from '../core/src/accounts/rules.ts'
import { systemActor } from '../core/src/app/access.ts'
import { defineConfig } from '../core/src/app/config.ts'
import { createRegistry } from '../core/src/app/registry.ts'
import { openCoin } from '../core/src/coin.ts'
import { coreApps } from '../core/src/core-apps.ts'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { migrateAll } from '../core/src/db/migrate-all.ts'
import { fill } from './lists-fill.ts'
import { databaseCpu } from './pages/database.ts'
import { type Asked, atRate, bytesOf, percentile, saturate } from './pages/load.ts'
import { type Server, startServer } from './pages/server.ts'
import { firstVisit } from './pages/weight.ts'

const { values } = parseArgs({
  strict: false,
  options: {
    json: { type: 'boolean' },
    rows: { type: 'string' },
    addresses: { type: 'string' },
    seconds: { type: 'string' },
    processes: { type: 'string' },
    only: { type: 'string' },
    data: { type: 'string' },
  },
})
const rows = Number(values.rows ?? 100_000)
const addresses = Number(values.addresses ?? 1_000_000)
const seconds = Number(values.seconds ?? 4)
const processes = Number(values.processes ?? 2)
const staff = { email: 'bench@example.org', password: 'the password of a benchmark' }
const secret = 'a-secret-that-is-only-good-for-a-benchmark'
/** Pages a second of a list of 50 among 10,000 in the Django admin, on two cores with two workers. */
const django = 48

/** First, sorted both ways, searched, filtered, in the middle and last, of each list. */
const pages = [
  '/admin/subscriptions',
  '/admin/subscriptions?view=active',
  '/admin/subscriptions?sort=member',
  '/admin/subscriptions?sort=startedOn',
  '/admin/subscriptions?q=Member+4242',
  '/admin/subscriptions?offer=3',
  'middle of /admin/subscriptions',
  'last of /admin/subscriptions',
  '/admin/subnets',
  '/admin/subnets?sort=member',
  '/admin/subnets?q=10.0.16.146',
  '/admin/subnets?pool=1',
  'middle of /admin/subnets',
  'last of /admin/subnets',
  '/admin/members',
  '/admin/members?sort=-joinedOn',
  '/admin/members?q=Member+42',
  'middle of /admin/members',
  '/admin/invoices',
  '/admin/invoices?sort=member',
  '/admin/invoices?q=F-4242',
  'middle of /admin/invoices',
  'last of /admin/invoices',
].filter(page => page.includes(String(values.only ?? '')))

interface Measured {
  readonly page: string
  readonly req_per_s: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly p99_ms_at_50_per_s: number
  readonly web_cpu_ms: number
  readonly database_cpu_ms: number
  /** Sent to the database for one page. */
  readonly statements: number
  readonly kb: number
}

const home = values.data ? undefined : mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
// the database server may run as another user
if (home) chmodSync(home, 0o711)
const data = String(values.data ?? path.join(home ?? '', 'var'))
const filled = existsSync(path.join(data, 'postgres'))
try {
  const { url } = await ensureEmbedded({ data })
  const config = defineConfig({ apps: [simpleDsl()] })
  await migrateAll(url, createRegistry(coreApps(), config))
  if (!filled) await prepare(url)
  const environment = { COIN_DATA: data, DATABASE_URL: url, COIN_SECRET: secret, COIN_ADMIN_PASSWORD: staff.password }
  const statements = await statementsOfPages(environment)
  const server = await startServer(environment, processes)
  try {
    await report(server, url, statements)
  } finally {
    await server.stop()
  }
} finally {
  if (home) {
    await removeEmbedded({ data })
    rmSync(home, { recursive: true, force: true })
  }
}

async function prepare(url: string): Promise<void> {
  await fill(url, rows, { addresses, invoices: rows })
  const coin = openCoin(defineConfig({ apps: [simpleDsl()] }), { databaseUrl: url, secret, data })
  await coin.transaction(systemActor('bench'), tx => createUser({ ...staff, name: 'Bench', role: 'staff' }, tx))
  await coin.close()
}

/** How many statements each page takes: of a server that says so, which the measured one does not. */
async function statementsOfPages(environment: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, number>> {
  const server = await startServer({ ...environment, COIN_DEBUG: '1' }, 1)
  try {
    const cookie = await signIn(server.origin)
    const asked = (page: string): Asked => ({ origin: server.origin, path: page, cookie })
    const counted = new Map<string, number>()
    for (const page of pages) {
      const one = asked(await addressOf(page, asked))
      // what is counted once and kept has been counted then
      await bytesOf(one)
      counted.set(page, (await bytesOf(one)).statements)
    }
    return counted
  } finally {
    await server.stop()
  }
}

async function report(server: Server, url: string, statements: ReadonlyMap<string, number>): Promise<void> {
  const cookie = await signIn(server.origin)
  const asked = (page: string): Asked => ({ origin: server.origin, path: page, cookie })
  const measured: Measured[] = []
  // what runs for the first time is not compiled yet
  await saturate(asked(pages.find(page => page.startsWith('/')) ?? '/admin/subscriptions'), 2 * seconds, 8)
  for (const page of pages) {
    const found = await addressOf(page, asked)
    const one = { ...(await measure(page, asked(found), server, url)), statements: statements.get(page) ?? 0 }
    measured.push(one)
    if (!values.json)
      console.log(
        `${page.padEnd(38)} ${String(one.req_per_s).padStart(6)}/s  p50 ${String(one.p50_ms).padStart(6)}  p99 ${String(one.p99_ms).padStart(6)}  at 50/s p99 ${String(one.p99_ms_at_50_per_s).padStart(6)} ms  processor ${one.web_cpu_ms} + ${one.database_cpu_ms} ms  ${one.statements} statements  ${one.kb} kB`,
      )
  }
  // the page that was measured in Django: a list as it opens
  const opened = measured[0]
  const slowest = Math.min(...measured.map(one => one.req_per_s))
  const result = {
    rows,
    addresses,
    processes,
    requests_per_s: opened?.req_per_s ?? 0,
    slowest_requests_per_s: slowest,
    statements: Math.max(...measured.map(one => one.statements)),
    p99_ms: opened?.p99_ms_at_50_per_s ?? 0,
    worst_p99_ms: Math.max(...measured.map(one => one.p99_ms_at_50_per_s)),
    page_kb: Math.max(...(await Promise.all(['/admin/subscriptions', '/admin/subnets'].map(page => firstVisit(asked(page)))))) / 1000,
    ratio_to_django: Math.round(((opened?.req_per_s ?? 0) / django) * 100) / 100,
    pages: measured,
  }
  if (values.json) console.log(JSON.stringify(result))
  else
    console.log(
      `\n${result.requests_per_s} pages a second, ${result.ratio_to_django} times Django, the slowest ${slowest}; at 50 a second p99 ${result.p99_ms} ms, the slowest ${result.worst_p99_ms} ms; the first visit ${result.page_kb} kB`,
    )
}

async function measure(page: string, asked: Asked, server: Server, url: string): Promise<Omit<Measured, 'statements'>> {
  await saturate(asked, Math.min(2, seconds), 8)
  const database = await databaseCpu(url)
  const web = server.cpu()
  const full = await saturate(asked, seconds, 8)
  const count = full.each.length
  const [webAfter, databaseAfter] = [server.cpu(), await databaseCpu(url)]
  // enough of them that the 99th of a hundred is not the last
  const steady = await atRate(asked, seconds * 3, 50)
  return {
    page,
    req_per_s: Math.round(count / full.seconds),
    p50_ms: percentile(full.each, 0.5),
    p99_ms: percentile(full.each, 0.99),
    p99_ms_at_50_per_s: percentile(steady.each, 0.99),
    web_cpu_ms: Math.round(((webAfter - web) / count) * 100) / 100,
    database_cpu_ms: Math.round(((databaseAfter - database) / count) * 100) / 100,
    kb: Math.round((await bytesOf(asked)).bytes / 1000),
  }
}

/** The address of a page in the middle or at the end of a list, reached as people reach it: by its links. */
async function addressOf(page: string, asked: (page: string) => Asked): Promise<string> {
  const [, where, list] = /^(middle|last) of (.*)$/.exec(page) ?? []
  if (!list) return page
  const linkIn = (text: string, label: string) =>
    new RegExp(`<a[^>]*href="([^"]*)"[^>]*>${label}</a>`).exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const first = await bytesOf(asked(list))
  if (where === 'last') return list + linkIn(first.text, 'Last')
  const last = Number(/page=(\d+)/.exec(linkIn(first.text, 'Last'))?.[1])
  const before = await bytesOf(asked(`${list}?page=${Math.round(last / 2)}`))
  return list + linkIn(before.text, 'Next')
}

async function signIn(origin: string): Promise<string> {
  const answer = await fetch(`${origin}/sign-in`, {
    method: 'POST',
    headers: { Origin: origin },
    body: new URLSearchParams(staff),
    redirect: 'manual',
  })
  const cookies = answer.headers.getSetCookie().flatMap(line => line.split(';')[0] ?? [])
  if (cookies.length === 0) throw new Error(`The sign-in answered ${answer.status}`)
  return cookies.join('; ')
}
