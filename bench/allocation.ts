// How long an allocation takes in an empty and in a full pool, and how many a second eight processes make, beside NetBox's
// algorithm in the same run. Each allocation is a transaction of its own with all that belongs to it: constraints, history, outbox.
// `npm run bench -- allocation [--json] [--quick]`
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { defineConfig } from '../core/src/app/config.ts'
import { createRegistry } from '../core/src/app/registry.ts'
import { coreApps } from '../core/src/core-apps.ts'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { migrateAll } from '../core/src/db/migrate-all.ts'

const quick = process.argv.includes('--quick')
const json = process.argv.includes('--json')
const medium = quick ? 3_000 : 30_000
const large = quick ? 30_000 : 1_000_000
const samples = quick ? 200 : 500
const allocations = quick ? 400 : 2_000
const processes = 8
const configurations = 1_000
let places = 0

const home = mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
chmodSync(home, 0o711)
const data = path.join(home, 'var')
try {
  const { url } = await ensureEmbedded({ data })
  // an empty database beside the one that is filled: they are timed in turns, so that a busy machine slows both
  const [empty, full] = [await database(url, 'bench_empty'), await database(url, 'bench_full')]
  const result = { ...(await latencies(empty.client, full.client)), ...(await throughputs(full)) }
  await empty.client.end()
  await full.client.end()
  if (json) console.log(JSON.stringify(result))
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(34)} ${value}`)
  if (result.errors || result.overlaps) process.exitCode = 1
} finally {
  await removeEmbedded({ data })
  rmSync(home, { recursive: true, force: true })
}

interface Database {
  readonly url: string
  readonly client: pg.Client
}

async function database(cluster: string, name: string): Promise<Database> {
  const admin = new pg.Client({ connectionString: cluster })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  const url = new URL(cluster)
  url.pathname = `/${name}`
  await migrateAll(url.toString(), createRegistry(coreApps(), defineConfig({ apps: [] })))
  const client = new pg.Client({ connectionString: url.toString() })
  await client.connect()
  await addConfigurations(client)
  return { url: url.toString(), client }
}

async function latencies(empty: pg.Client, full: pg.Client): Promise<Record<string, number>> {
  const result: Record<string, number> = {}
  const ratios: number[] = []
  for (const taken of [medium, large]) {
    for (const family of [4, 6] as const) {
      const pool = await addPool(full, family)
      await fill(full, pool, taken)
      for (const shape of ['packed', 'holes']) {
        if (shape === 'holes') await freeTenth(full, pool)
        const fresh = await addPool(empty, family)
        const [none, some] = await inTurns([empty, fresh.id], [full, pool.id])
        const label = `ipv${family}_${taken}_${shape}`
        result[`${label}_p50_ms`] = round(some.p50)
        result[`${label}_p99_ms`] = round(some.p99)
        result[`${label}_beside_empty_p50_ms`] = round(none.p50)
        result[`${label}_beside_empty_p99_ms`] = round(none.p99)
        if (taken === large) ratios.push(some.p50 / none.p50)
        if (!json) {
          console.log(
            `IPv${family}, ${taken} taken, ${shape}: p50 ${some.p50.toFixed(2)} ms, p99 ${some.p99.toFixed(2)} ms (empty: ${none.p50.toFixed(2)}, ${none.p99.toFixed(2)})`,
          )
        }
      }
    }
  }
  // the worst of both families, packed and with holes
  return { ...result, ratio_full_to_empty: round(Math.max(...ratios)) }
}

async function throughputs({ client, url }: Database): Promise<Record<string, number>> {
  const result: Record<string, number> = {}
  let [errors, overlaps, ratio] = [0, 0, 0]
  await addNetbox(client)
  for (const taken of [0, medium]) {
    const pool = await addPool(client, 4)
    await fill(client, pool, taken)
    await client.query(
      `INSERT INTO netbox_prefix (pool_id, prefix, description) SELECT pool_id, prefix, '' FROM ip_subnet WHERE pool_id = $1`,
      [pool.id],
    )
    await client.query('ANALYZE netbox_prefix')
    await client.query('CHECKPOINT')
    const [ours, theirs] = [
      { count: 0, seconds: 0 },
      { count: 0, seconds: 0 },
    ]
    // in turns, for the same reason; NetBox's rate at a fill is steady and slow, so a fifth of the work tells it
    for (let round = 0; round < 4; round++) {
      for (const [way, sum, count] of [
        ['netbox', theirs, taken === 0 ? allocations / 4 : allocations / 20],
        ['coin', ours, allocations / 4],
      ] as const) {
        const run = await throughput(url, way, pool.id, count)
        sum.count += run.count
        sum.seconds += run.seconds
        errors += run.errors
      }
    }
    const { rows } = await client.query<{ overlaps: number; subnets: number }>(
      `SELECT count(*) FILTER (WHERE network(set_masklen(last, 32)) >= prefix)::int AS overlaps, count(*)::int AS subnets
       FROM (SELECT prefix, lag(broadcast(prefix)) OVER (ORDER BY prefix) AS last FROM ip_subnet WHERE pool_id = $1) AS n`,
      [pool.id],
    )
    overlaps += rows[0]?.overlaps ?? 0
    if (errors === 0 && rows[0]?.subnets !== taken + ours.count) errors++
    const [coin, netbox] = [ours.count / ours.seconds, theirs.count / theirs.seconds]
    ratio = coin / netbox
    result[`coin_${taken}_per_second`] = round(coin)
    result[`netbox_algorithm_${taken}_per_second`] = round(netbox)
    result[`ratio_to_netbox_algorithm_${taken}`] = round(ratio)
    if (!json) console.log(`${processes} processes, ${taken} taken: ${coin.toFixed(0)}/s, NetBox's algorithm ${netbox.toFixed(1)}/s`)
  }
  return { ...result, errors, overlaps, ratio_to_netbox_algorithm: round(ratio) }
}

interface Pool {
  readonly id: number
  readonly prefixId: number
  readonly family: 4 | 6
  /** The second byte of IPv4, the second group of IPv6. */
  readonly place: number
}

async function addPool(client: pg.Client, family: 4 | 6): Promise<Pool> {
  const place = ++places
  const { rows } = await client.query<{ id: string; prefix_id: string }>(
    `WITH p AS (INSERT INTO ip_pool (name, family, default_prefix_length, quarantine_days) VALUES ('bench ' || $1::int, $2, $3, 0) RETURNING id)
     SELECT id FROM p`,
    [place, family, family === 4 ? 32 : 56],
  )
  const id = Number(rows[0]?.id)
  const prefix = family === 4 ? `${place}.0.0.0/8` : `2001:${place.toString(16)}::/32`
  const added = await client.query<{ id: string }>('INSERT INTO ip_pool_prefix (pool_id, prefix) VALUES ($1, $2) RETURNING id', [
    id,
    prefix,
  ])
  return { id, prefixId: Number(added.rows[0]?.id), family, place }
}

/** Takes the first blocks of a pool in a few statements, as if they had been allocated one by one. */
async function fill(client: pg.Client, { id, prefixId, family, place }: Pool, taken: number): Promise<void> {
  if (taken === 0) return
  await client.query('SET session_replication_role = replica')
  const nth =
    family === 4
      ? `set_masklen(inet '${place}.0.0.0' + n, 32)::cidr`
      : `format('2001:${place.toString(16)}:%s:%s00::/56', to_hex(n / 256), to_hex(n % 256))::cidr`
  await client.query(
    `INSERT INTO ip_subnet (configuration_id, pool_id, prefix) SELECT 1 + n % $3, $1, ${nth} FROM generate_series(0, $2::int - 1) AS n`,
    [id, taken, configurations],
  )
  await client.query(
    `INSERT INTO ip_assignment (prefix, during, pool_id, subnet_id, configuration_id, subscription_id, subscription_reference, member_id, member_name)
     SELECT prefix, tstzrange(now(), NULL), pool_id, id, configuration_id, configuration_id, 'bench', 1, 'Bench' FROM ip_subnet WHERE pool_id = $1`,
    [id],
  )
  await client.query('DELETE FROM ip_block WHERE pool_id = $1', [id])
  await client.query(
    `INSERT INTO ip_block (prefix, pool_id, pool_prefix_id, state, subnet_id) SELECT prefix, pool_id, $2, 'taken', id FROM ip_subnet WHERE pool_id = $1`,
    [id, prefixId],
  )
  // what is left: one free block for each bit that the next number lacks
  await client.query(
    `INSERT INTO ip_block (prefix, pool_id, pool_prefix_id, state)
     SELECT set_masklen(${nth}, CASE $4::int WHEN 4 THEN 32 ELSE 56 END - bit), $1, $2, 'free'
     FROM (SELECT bit, (($3::int - 1) >> bit << bit) + (1 << bit) AS n FROM generate_series(0, 23) AS bit WHERE (($3::int - 1) >> bit) & 1 = 0) AS rest`,
    [id, prefixId, taken, family],
  )
  await client.query('RESET session_replication_role')
  await client.query('VACUUM ANALYZE ip_block, ip_subnet, ip_assignment')
  await client.query('CHECKPOINT')
}

/** Frees a tenth at random in a few statements, as if one by one: history, blocks, and the merging of what is whole again. */
async function freeTenth(client: pg.Client, { id }: Pool): Promise<void> {
  await client.query('SET session_replication_role = replica')
  await client.query(
    `WITH freed AS (DELETE FROM ip_subnet WHERE pool_id = $1 AND hashint8(id) % 10 = 0 RETURNING id, prefix),
       blocks AS (UPDATE ip_block b SET state = 'free', subnet_id = NULL, to_merge = pg_current_xact_id() FROM freed WHERE b.prefix = freed.prefix)
     UPDATE ip_assignment a SET during = tstzrange(lower(during), clock_timestamp()) FROM freed WHERE a.subnet_id = freed.id`,
    [id],
  )
  await client.query('RESET session_replication_role')
  await client.query('SELECT ip_end_rest()')
  await client.query('VACUUM ANALYZE ip_block, ip_subnet, ip_assignment')
  await client.query('CHECKPOINT')
}

type Place = readonly [client: pg.Client, pool: number]
interface Times {
  readonly p50: number
  readonly p99: number
}

/** Allocates in two places by turns. */
async function inTurns(one: Place, other: Place): Promise<readonly [Times, Times]> {
  const times: [number[], number[]] = [[], []]
  for (let i = 0; i < samples + 20; i++) {
    for (const [where, [client, pool]] of [one, other].entries()) {
      const from = performance.now()
      await client.query('SELECT allocate_subnet($1, NULL, $2)', [1 + (i % configurations), pool])
      // the first ones fill caches
      if (i >= 20) times[where]?.push(performance.now() - from)
    }
  }
  const [first, second] = times.map(list => {
    list.sort((a, b) => a - b)
    return { p50: list[Math.floor(samples * 0.5)] ?? 0, p99: list[Math.floor(samples * 0.99)] ?? 0 }
  })
  return [first as Times, second as Times]
}

/** Allocates by eight processes at once, timed from the start signal to the end of the last. */
async function throughput(
  url: string,
  way: 'coin' | 'netbox',
  pool: number,
  total: number,
): Promise<{ count: number; seconds: number; errors: number }> {
  const script = path.join(fileURLToPath(new URL('.', import.meta.url)), 'workers', 'allocate.ts')
  const share = Math.floor(configurations / processes)
  const workers = Array.from({ length: processes }, (_, i) => {
    const job = { url, way, pool, count: Math.floor(total / processes), first: 1 + i * share, configurations: share }
    const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(job)], { stdio: ['pipe', 'pipe', 'inherit'] })
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
  })
  for (const { lines } of workers) await lines.next()
  const from = performance.now()
  const ends = workers.map(({ child }) => once(child, 'exit'))
  for (const { child } of workers) child.stdin.end('go\n')
  const reports = await Promise.all(workers.map(({ lines }) => lines.next()))
  const seconds = (performance.now() - from) / 1000
  await Promise.all(ends)
  const failures = reports.flatMap(({ value }) => (JSON.parse(value ?? '{"errors":["It died."]}') as { errors: string[] }).errors)
  for (const failure of new Set(failures)) console.error(`${way}: ${failure}`)
  return { count: Math.floor(total / processes) * processes - failures.length, seconds, errors: failures.length }
}

async function addConfigurations(client: pg.Client): Promise<void> {
  await client.query(`INSERT INTO member (last_name, email) VALUES ('Bench', 'bench@example.org');
    INSERT INTO offer (name, reference, configuration_type) VALUES ('Bench', 'bench', 'bench');
    BEGIN;
    INSERT INTO subscription (id, member_id, configuration_type, reference) SELECT n, 1, 'bench', 'B' || n FROM generate_series(1, ${configurations}) AS n;
    INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) SELECT id, 1, 'bench', daterange(current_date, NULL) FROM subscription;
    INSERT INTO configuration (id, type, subscription_id) SELECT id, 'bench', id FROM subscription;
    COMMIT; ANALYZE`)
}

/** A table of prefixes as NetBox has one, with the same constraint, history and outbox as ours. */
async function addNetbox(client: pg.Client): Promise<void> {
  await client.query(`CREATE TABLE netbox_prefix (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pool_id bigint NOT NULL REFERENCES ip_pool,
      prefix cidr NOT NULL, description text NOT NULL, created timestamptz NOT NULL DEFAULT now(), EXCLUDE USING spgist (prefix inet_ops WITH &&));
    CREATE INDEX ON netbox_prefix (pool_id, prefix);
    CREATE TRIGGER history AFTER INSERT OR UPDATE OR DELETE ON netbox_prefix FOR EACH ROW EXECUTE FUNCTION coin.keep_history();
    CREATE TRIGGER outbox AFTER INSERT OR UPDATE OR DELETE ON netbox_prefix FOR EACH ROW EXECUTE FUNCTION coin.write_outbox('netbox_prefix', '', 'id', 'prefix')`)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
