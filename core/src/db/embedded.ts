import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { withLock } from '../../bin/lock.js'
import { CoinError } from '../errors.ts'
import { type Binaries, postgresBinaries } from './embedded-binaries.ts'
import { clusterFolder, isApart, makeSocketFolder, placeCluster, removeSocketFolder, socketFolder } from './embedded-places.ts'
import { clusterIsBusy, removeStaleFiles, serverProcess } from './embedded-processes.ts'
import { type ServerUser, serverUser } from './embedded-user.ts'

const name = 'coin'
const patience = 60_000

// an operator may change these in postgresql.conf
const settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  shared_buffers: '64MB',
  max_connections: '100',
  jit: 'off',
  max_parallel_workers_per_gather: '1',
  // one process less each
  max_logical_replication_workers: '0',
}

/**
 * Starts the PostgreSQL that comes with Coin on `<data>/postgres`, unless it runs, and returns how to reach its
 * database. Safe from several processes at once and after kill -9 of anything. The server outlives Coin: `stopEmbedded` ends it.
 */
export async function ensureEmbedded({ data }: { readonly data: string }): Promise<{ url: string }> {
  const running = await connect(clusterFolder(data))
  if (running) return running
  serverUser(clusterFolder(data))
  mkdirSync(data, { recursive: true, mode: 0o711 })
  return withLock(path.join(data, 'postgres.lock'), async () => (await connect(clusterFolder(data))) ?? (await start(data)))
}

/** Stops the server on `<data>/postgres`, if it runs; what is open is rolled back. Returns whether it ran. */
export async function stopEmbedded({ data }: { readonly data: string }): Promise<boolean> {
  const cluster = clusterFolder(data)
  if (!existsSync(path.join(cluster, 'postmaster.pid'))) return false
  return withLock(path.join(data, 'postgres.lock'), () => {
    if (!serverProcess(cluster)) return false
    const user = serverUser(cluster)
    run(postgresBinaries(user), user, 'pg_ctl', ['-D', cluster, '-m', 'fast', '-w', '-t', '60', 'stop'])
    removeSocketFolder(socketFolder(cluster), cluster)
    return true
  })
}

/** Stops the server on `<data>/postgres` and removes the cluster, for good. */
export async function removeEmbedded({ data }: { readonly data: string }): Promise<void> {
  await stopEmbedded({ data })
  const cluster = clusterFolder(data)
  rmSync(isApart(cluster) ? path.dirname(cluster) : cluster, { recursive: true, force: true })
  rmSync(path.join(data, 'postgres'), { force: true })
}

async function start(data: string): Promise<{ url: string }> {
  const user = serverUser(clusterFolder(data))
  const binaries = postgresBinaries(user)
  const cluster = placeCluster(data, user)
  if (existsSync(path.join(cluster, 'PG_VERSION'))) checkVersion(cluster, binaries)
  else createCluster(cluster, binaries, user)
  const socket = socketFolder(cluster)
  if (serverProcess(cluster)) run(binaries, user, 'pg_ctl', ['-D', cluster, '-m', 'fast', '-w', '-t', '60', 'stop'])
  await until(() => !clusterIsBusy(cluster), `Processes of a stopped database server still work on ${cluster}.`)
  removeStaleFiles(cluster, socket)
  makeSocketFolder(socket, cluster, user)
  const log = path.join(cluster, 'server.log')
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 10_000_000) renameSync(log, `${log}.1`)
  const options = `-k '${socket}'${binaries.major >= 18 ? ' -c io_method=sync' : ''}`
  run(binaries, user, 'pg_ctl', ['-D', cluster, '-w', '-t', '60', '-s', '-l', log, '-o', options, 'start'], log)
  const running = await connect(cluster)
  if (running) return running
  throw new CoinError('boot', 'The database server has started, but does not answer.', { hint: `See ${log}.` })
}

// made beside and then renamed: a cluster is there whole or not at all
function createCluster(cluster: string, binaries: Binaries, user: ServerUser): void {
  const temporary = `${cluster}.new`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { mode: 0o700 })
  chmodSync(temporary, 0o700)
  if (user) chownSync(temporary, user.uid, user.gid)
  const locale = process.platform === 'linux' ? '--locale=C.UTF-8' : '--no-locale'
  const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  run(binaries, user, 'initdb', ['-D', temporary, '-U', name, '--auth=trust', '--encoding=UTF8', locale, ...sets])
  renameSync(temporary, cluster)
}

function checkVersion(cluster: string, { major }: Binaries): void {
  const found = readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim()
  if (found === String(major)) return
  throw new CoinError('boot', `The database in ${cluster} was made by PostgreSQL ${found}; this is PostgreSQL ${major}.`, {
    hint: `Dump it with PostgreSQL ${found} and restore the dump into a new one, or name a PostgreSQL ${found} server in DATABASE_URL.`,
  })
}

/** The URL of the cluster's database, which is made if missing; undefined when no server answers. */
async function connect(cluster: string): Promise<{ url: string } | undefined> {
  if (!existsSync(path.join(cluster, 'postmaster.pid'))) return undefined
  const socket = socketFolder(cluster)
  const deadline = Date.now() + patience
  for (;;) {
    const code = await attempt(socket, name)
    if (code === '') return { url: `postgres:///${name}?host=${encodeURIComponent(socket)}&port=5432&user=${name}` }
    if (code === '3D000') await attempt(socket, 'postgres', `create database ${name}`)
    // starting up, shutting down or recovering
    else if (code !== '57P03' || Date.now() > deadline) return undefined
    await new Promise(resolve => setTimeout(resolve, 30))
  }
}

async function attempt(socket: string, database: string, sql?: string): Promise<string> {
  const client = new pg.Client({ host: socket, port: 5432, user: name, database, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    if (sql) await client.query(sql)
    return ''
  } catch (error) {
    return (error as { code?: string }).code ?? 'unknown'
  } finally {
    await client.end().catch(() => {})
  }
}

async function until(condition: () => boolean, failure: string): Promise<void> {
  for (const deadline = Date.now() + patience; !condition(); await new Promise(resolve => setTimeout(resolve, 50)))
    if (Date.now() > deadline) throw new CoinError('boot', failure, { hint: 'Wait until they end, or end them, and start again.' })
}

function run({ bin }: Binaries, user: ServerUser, program: string, options: readonly string[], log?: string): void {
  // the server would keep an inherited pipe open for as long as it lives
  const stdio = log ? 'ignore' : 'pipe'
  const env = { PATH: process.env.PATH, TZ: process.env.TZ, LC_ALL: process.platform === 'linux' ? 'C.UTF-8' : 'C' }
  const result = spawnSync(path.join(bin, program), options, { ...user, cwd: '/', env, stdio, encoding: 'utf8' })
  if (result.status === 0) return
  const said =
    log && existsSync(log)
      ? readFileSync(log, 'utf8').slice(-1000)
      : [result.stdout, result.stderr, result.error?.message].filter(Boolean).join('\n')
  throw new CoinError('boot', `The database server does not start (${program}).\n${said}`, {
    hint: `Remove what it names, or name a PostgreSQL server in DATABASE_URL.`,
  })
}
