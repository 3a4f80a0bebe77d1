// How soon a change is in the directory, how fast many are, beside what the same client can do alone in the same run, and what a sweep
// costs. A real OpenLDAP, one worker in a process of its own. `npm run bench -- sync [--json] [--quick]`
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { ensureEmbedded, removeEmbedded } from '../core/src/db/embedded.ts'
import { until } from '../test/fixtures/until.ts'
import { latencies } from './sync/latency.ts'
import { bestWindow, openRaw, type Window } from './sync/raw.ts'
import { work } from './sync/worker.ts'
import { closeWorld, fill, fillDirectory, openWorld, startWorkerProcess, type World } from './sync/world.ts'

const quick = process.argv.includes('--quick')
const json = process.argv.includes('--json')
const accounts = quick ? 2_000 : 10_000
const many = quick ? 10_000 : 100_000
const seconds = quick ? 5 : 30
const perSecond = 100

if (process.argv.includes('--worker')) await work()
else await measure()

async function measure(): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
  chmodSync(home, 0o711)
  const data = path.join(home, 'var')
  try {
    const { url } = await ensureEmbedded({ data })
    const durable = await inWorld(url, 'bench_sync', true, world => measureSync(world, data, ''))
    const fast = await inWorld(url, 'bench_nosync', false, world => measureSync(world, data, '_dbnosync'))
    const large = await inWorld(url, 'bench_large', true, world => measureLarge(world, data))
    const result = { ...durable, ...fast, ...large, load_average: round(loadavg()[0] ?? 0), openldap: openldap(), node: process.version }
    if (json) console.log(JSON.stringify(result))
    else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(34)} ${value}`)
  } finally {
    await removeEmbedded({ data })
    rmSync(home, { recursive: true, force: true })
  }
}

async function inWorld<R>(cluster: string, name: string, sync: boolean, work: (world: World) => Promise<R>): Promise<R> {
  const world = await openWorld(cluster, name, sync)
  try {
    return await work(world)
  } finally {
    await closeWorld(world)
  }
}

type Figures = Record<string, number | string>

/** Latency, a full synchronisation beside the client alone, and a sweep of what agrees. */
async function measureSync(world: World, data: string, suffix: '' | '_dbnosync'): Promise<Figures> {
  const { pool } = world
  say(`${suffix ? 'Without' : 'With'} waiting for the disk at each write of the directory:`)
  await fill(world, 1, accounts, false)
  const window = await bestWindow(world, quick ? 200 : 500)
  say(`  the client alone is fastest with ${window.window} requests at once over ${window.connections} connections`)
  const worker = await startWorkerProcess(world, data)
  try {
    const raw = await openRaw(world, window)
    const half = accounts / 2
    const adds = await inTurns([
      { alone: () => raw.add(1, half), entries: half },
      { ours: () => everything(world, 'UPDATE provisioning_state SET due_at = now(), asked = asked + 1'), entries: accounts },
      { alone: () => raw.add(half + 1, accounts), entries: half },
    ])
    say(`  adds: ${adds.ours.toFixed(0)}/s, the client alone ${adds.alone.toFixed(0)}/s`)
    const modifies = await inTurns([
      { alone: () => raw.modify(1, accounts, false), entries: accounts },
      { ours: () => everything(world, 'UPDATE vpn SET activated = NOT activated'), entries: accounts },
      { alone: () => raw.modify(1, accounts, true), entries: accounts },
    ])
    say(`  modifies: ${modifies.ours.toFixed(0)}/s, the client alone ${modifies.alone.toFixed(0)}/s`)
    await raw.close()
    const latency = await latencies(world, 1, Math.min(accounts, perSecond * seconds), perSecond, () => settled(world))
    say(
      `  from commit to the directory's answer at ${latency.perSecond.toFixed(0)} changes/s: p50 ${latency.p50.toFixed(0)} ms, p99 ${latency.p99.toFixed(0)} ms`,
    )
    await pool.query('VACUUM ANALYZE')
    const sweeps: number[] = []
    for (let n = 0; n < 3; n++) sweeps.push(await sweep(world, accounts))
    sweeps.sort((one, other) => one - other)
    say(`  a sweep of ${accounts} that agree: ${sweeps.map(each => each.toFixed(2)).join(', ')} s`)
    const shares = [adds.ours / adds.alone, modifies.ours / modifies.alone]
    return Object.fromEntries(
      Object.entries({
        p50_ms: latency.p50,
        p99_ms: latency.p99,
        max_ms: latency.most,
        p99_from_sending_ms: latency.p99FromSending,
        changes_per_second: latency.perSecond,
        adds_per_second: adds.ours,
        raw_adds_per_second: adds.alone,
        modifies_per_second: modifies.ours,
        raw_modifies_per_second: modifies.alone,
        share_of_raw_limit_adds: shares[0] ?? 0,
        share_of_raw_limit_modifies: shares[1] ?? 0,
        // the worse of the two
        share_of_raw_limit: Math.min(...shares),
        sweep_unchanged_s: sweeps[1] ?? 0,
        raw_window: windowWords(window),
      }).map(([name, value]) => [`${name}${suffix}`, typeof value === 'number' ? round(value) : value]),
    )
  } finally {
    await worker.stop()
  }
}

/** What a sweep of many costs in time and memory, beside one of a tenth of them. */
async function measureLarge(world: World, data: string): Promise<Figures> {
  const few = many / 10
  await fill(world, 1, few, true)
  await fillDirectory(world, 1, few)
  const worker = await startWorkerProcess(world, data)
  try {
    // what is compiled and cached is there before it counts
    for (let n = 0; n < 3; n++) await sweep(world, few)
    const small = await worker.peak()
    await fill(world, few + 1, many, true)
    await fillDirectory(world, few + 1, many)
    await worker.peak()
    const time = await sweep(world, many)
    const large = await worker.peak()
    say(
      `A sweep of ${many} that agree: ${time.toFixed(1)} s; memory ${small.toFixed(0)} MiB with ${few}, ${large.toFixed(0)} MiB with ${many}`,
    )
    return {
      sweep_100k_s: round(time),
      sweep_10k_rss_mb: round(small),
      sweep_100k_rss_mb: round(large),
      sweep_100k_rss_growth_mb: round(large - small),
    }
  } finally {
    await worker.stop()
  }
}

interface Turn {
  /** Each gives a rate. */
  readonly alone?: () => Promise<number>
  readonly ours?: () => Promise<number>
  readonly entries: number
}

/** The client alone and Coin by turns, so that a busy machine slows both. Requests a second of each, over all of its turns. */
async function inTurns(turns: readonly Turn[]): Promise<{ alone: number; ours: number }> {
  const [alone, ours] = [
    { entries: 0, seconds: 0 },
    { entries: 0, seconds: 0 },
  ]
  for (const turn of turns) {
    const sum = turn.alone ? alone : ours
    sum.seconds += turn.entries / ((await (turn.alone ?? turn.ours)?.()) ?? 1)
    sum.entries += turn.entries
  }
  return { alone: alone.entries / alone.seconds, ours: ours.entries / ours.seconds }
}

/** Changes everything in one transaction; from its commit until all of it is done. Changes a second. */
async function everything(world: World, statement: string): Promise<number> {
  const { pool } = world
  const client = await pool.connect()
  await client.query('BEGIN')
  await client.query(statement)
  await client.query(`SELECT pg_notify('coin_provisioning', '')`)
  const began = performance.now()
  await client.query('COMMIT')
  client.release()
  await settled(world)
  const took = (performance.now() - began) / 1000
  const { rows } = await pool.query<{ bad: number }>(`SELECT count(*)::int AS bad FROM provisioning_state WHERE state <> 'in_sync'`)
  if (rows[0]?.bad) throw new Error(`${rows[0].bad} are not in sync`)
  return accounts / took
}

async function settled({ pool }: World): Promise<void> {
  await until(async () => {
    const { rows } = await pool.query<{ busy: boolean }>(
      `SELECT EXISTS (SELECT FROM coin.outbox) OR EXISTS (SELECT FROM coin.delivery) OR EXISTS (SELECT FROM provisioning_state WHERE due_at IS NOT NULL) AS busy`,
    )
    return !rows[0]?.busy
  }, 600)
}

/** Seconds from asking for a sweep until it has ended. */
async function sweep({ pool }: World, expected: number): Promise<number> {
  const began = performance.now()
  const client = await pool.connect()
  const { rows } = await client.query<{ id: string }>(
    `WITH s AS (INSERT INTO provisioning_sweep (backend, heal, asked_by) VALUES ('vpn_ldap', 'none', 'bench') RETURNING id)
     SELECT id, graphile_worker.add_job('provisioning:sweep', json_build_object('sweep', id)) FROM s`,
  )
  client.release()
  const ended = await until(async () => {
    const found = await pool.query<{ status: string; in_sync: number; message: string | null }>(
      `SELECT status, in_sync, message FROM provisioning_sweep WHERE id = $1 AND ended_at IS NOT NULL`,
      [rows[0]?.id],
    )
    return found.rows[0] ?? false
  }, 600)
  if (ended.status !== 'done' || ended.in_sync !== expected) throw new Error(`The sweep: ${JSON.stringify(ended)}`)
  return (performance.now() - began) / 1000
}

function windowWords({ connections, window }: Window): string {
  return `${connections} x ${window}`
}

function openldap(): string {
  const { stderr } = spawnSync('/usr/sbin/slapd', ['-VV'], { encoding: 'utf8' })
  return /slapd ([\d.]+)/.exec(stderr)?.[1] ?? 'unknown'
}

function say(text: string): void {
  if (!json) console.log(text)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
