// How long the list pages of subscriptions and configurations take with many rows, and how many statements each costs.
// `--rows 100000`, `--times 15`, `--explain` shows the plan of the slowest statement of each page above `--above 100` ms.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import simpleDsl from '../apps/simple_dsl/index.ts'
import { createUser } from '../core/src/accounts/rules.ts'
import { systemActor } from '../core/src/app/access.ts'
import { defineConfig } from '../core/src/app/config.ts'
import { createRegistry } from '../core/src/app/registry.ts'
import type { AnyResource } from '../core/src/app/resource.ts'
import { type Coin, openCoin } from '../core/src/coin.ts'
import { coreApps } from '../core/src/core-apps.ts'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { migrateAll } from '../core/src/db/migrate-all.ts'
import { createWeb } from '../core/src/web/web.ts'
import { fill } from './lists-fill.ts'

const { values } = parseArgs({
  strict: false,
  options: {
    json: { type: 'boolean' },
    explain: { type: 'boolean' },
    rows: { type: 'string' },
    times: { type: 'string' },
    above: { type: 'string' },
  },
})
const rows = Number(values.rows ?? 100_000)
const times = Number(values.times ?? 15)
const above = Number(values.above ?? 100)
const origin = 'http://bench.test'
const staff = { email: 'bench@example.org', password: 'the password of a benchmark' }

interface Measured {
  readonly list: string
  readonly page: string
  readonly p50_ms: number
  readonly p99_ms: number
  readonly statements: number
}
interface Statement {
  readonly text: string
  readonly values: unknown[]
  readonly ms: number
}

const sent = values.explain ? remember() : []
const home = mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
// the database server may run as another user
chmodSync(home, 0o711)
const data = path.join(home, 'var')
try {
  const { url } = await ensureEmbedded({ data })
  const config = defineConfig({ apps: [simpleDsl()] })
  await migrateAll(url, createRegistry(coreApps(), config))
  await fill(url, rows)
  const coin = openCoin(config, { databaseUrl: url, secret: 'a secret that is only good for a benchmark', data })
  try {
    await coin.transaction(systemActor('bench'), tx => createUser({ ...staff, name: 'Bench', role: 'staff' }, tx))
    report(await measure(coin))
  } finally {
    await coin.close()
  }
} finally {
  await removeEmbedded({ data })
  rmSync(home, { recursive: true, force: true })
}

async function measure(coin: Coin): Promise<Measured[]> {
  const web = createWeb(coin, { publicUrl: origin, trustProxy: false, debug: true })
  const ask = (address: string, init: RequestInit = {}) =>
    web.request(`${origin}${address}`, init, { incoming: { socket: { remoteAddress: '127.0.0.1' } } })
  const entered = await ask('/sign-in', { method: 'POST', headers: { Origin: origin }, body: new URLSearchParams(staff) })
  const cookie = entered.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
  const measured: Measured[] = []
  for (const name of ['subscription', 'configuration']) {
    const resource = coin.registry.resources.get(name)?.resource
    if (!resource) continue
    for (const [page, query] of await pagesOf(coin, resource)) {
      const address = `/admin/${resource.plural}${query}`
      const taken: number[] = []
      let statements = 0
      for (let i = 0; i < times + 2; i++) {
        const from = performance.now()
        const answer = await ask(address, { headers: { Cookie: cookie } })
        await answer.text()
        if (answer.status !== 200) throw new Error(`${address} answered ${answer.status}`)
        // the first two warm up
        if (i >= 2) taken.push(performance.now() - from)
        statements = Number(/desc="(\d+)"/.exec(answer.headers.get('Server-Timing') ?? '')?.[1] ?? 0)
      }
      taken.sort((a, b) => a - b)
      const at = (share: number) => Math.round((taken[Math.min(taken.length - 1, Math.floor(taken.length * share))] ?? 0) * 10) / 10
      measured.push({ list: resource.plural, page, p50_ms: at(0.5), p99_ms: at(0.99), statements })
      if (!values.json)
        console.log(
          `${resource.plural.padEnd(15)} ${page.padEnd(28)} p50 ${String(at(0.5)).padStart(7)} ms   p99 ${String(at(0.99)).padStart(7)} ms   ${statements} statements`,
        )
      if (values.explain && at(0.5) > above) await explain(coin, () => ask(address, { headers: { Cookie: cookie } }))
    }
  }
  return measured
}

/** First, each view, each filter, searches that find something and nothing, each order, and pages far in. */
async function pagesOf(coin: Coin, resource: AnyResource): Promise<[string, string][]> {
  const { list } = resource
  const filters = await coin.asSystem('bench', () =>
    Promise.all(
      Object.entries(list.filters ?? {})
        .flatMap(([key, filter]) => ('choices' in filter ? [{ key, choices: filter.choices }] : []))
        .map(async ({ key, choices }): Promise<[string, string]> => {
          const known = typeof choices === 'function' ? await choices(coin.database.db) : choices
          return [`filter ${key}`, `?${key}=${encodeURIComponent(known.at(-1)?.value ?? '')}`]
        }),
    ),
  )
  const last = Math.max(1, Math.ceil(rows / 50))
  const searches = { name: 'Member 4242', reference: `SUB-${Math.min(rows, 4242)}`, address: '10.0.16.146', nothing: 'qwxzqwxz' }
  return [
    ['first', ''],
    ...(list.views ?? []).map(({ name }): [string, string] => [`view ${name}`, `?view=${name}`]),
    ...filters,
    ...Object.entries(searches).map(([what, term]): [string, string] => [`search ${what}`, `?q=${encodeURIComponent(term)}`]),
    ...list.columns
      .filter(column => column.sortable !== false && !column.late)
      .flatMap(({ key }): [string, string][] => [
        [`sort ${key}`, `?sort=${key}`],
        [`sort -${key}`, `?sort=-${key}`],
      ]),
    ['middle page', `?page=${Math.ceil(last / 2)}`],
    ['last page', `?page=${last}`],
  ]
}

/** Remembers each statement that a page sends; before any connection is made. */
function remember(): Statement[] {
  const sent: Statement[] = []
  const plain = pg.Client.prototype.query as (...given: unknown[]) => Promise<unknown>
  async function query(this: pg.Client, ...given: unknown[]) {
    const from = performance.now()
    const result = await plain.apply(this, given)
    const [first, second] = given as [string | { text: string; values?: unknown[] }, unknown[] | undefined]
    sent.push({
      text: typeof first === 'string' ? first : first.text,
      values: (typeof first === 'string' ? second : (first.values ?? second)) ?? [],
      ms: performance.now() - from,
    })
    return result
  }
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    // the pool itself waits with a callback
    return given.some(each => typeof each === 'function') ? plain.apply(this, given) : query.apply(this, given)
  } as typeof pg.Client.prototype.query
  return sent
}

/** Shows the plan of the slowest statement of an answer. */
async function explain(coin: Coin, answer: () => Promise<Response> | Response): Promise<void> {
  sent.length = 0
  await (await answer()).text()
  const slowest = sent.toSorted((a, b) => b.ms - a.ms)[0]
  if (!slowest) return
  const { rows: plan } = await coin.database.pool.query<Record<string, string>>(
    `EXPLAIN (ANALYZE, BUFFERS) ${slowest.text}`,
    slowest.values,
  )
  console.log(`${slowest.ms.toFixed(1)} ms: ${slowest.text}\n${plan.map(line => line['QUERY PLAN']).join('\n')}\n`)
}

function report(measured: readonly Measured[]): void {
  const result = {
    rows,
    worst_p50_ms: Math.max(...measured.map(({ p50_ms }) => p50_ms)),
    worst_p99_ms: Math.max(...measured.map(({ p99_ms }) => p99_ms)),
    most_statements: Math.max(...measured.map(({ statements }) => statements)),
    pages: measured,
  }
  if (values.json) console.log(JSON.stringify(result))
  else
    console.log(
      `\n${rows} rows: worst p50 ${result.worst_p50_ms} ms, worst p99 ${result.worst_p99_ms} ms, at most ${result.most_statements} statements`,
    )
}
