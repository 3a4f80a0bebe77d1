// How long a second start takes, what the running system holds in memory, and how large an install is.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeEmbedded, stopEmbedded } from '../core/src/db/embedded.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const home = mkdtempSync(path.join(tmpdir(), 'coin-bench-'))
chmodSync(home, 0o711)
const data = path.join(home, 'var')
const port = await freePort()
const { DATABASE_URL: _, ...environment } = process.env

try {
  const first = await started()
  await stopped(first.web)
  await stopEmbedded({ data })
  const second = await started()
  for (let i = 0; i < 20; i++) await (await fetch(`http://127.0.0.1:${port}/`)).text()
  const result = { first_start_ms: first.ms, second_start_ms: second.ms, memory_mb: memory(second.web.pid ?? 0), install_mb: installSize() }
  await stopped(second.web)
  if (process.argv.includes('--json')) console.log(JSON.stringify(result))
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(16)} ${value}`)
} finally {
  await removeEmbedded({ data })
  rmSync(home, { recursive: true, force: true })
}

/** Starts Coin and waits for its first page. */
async function started(): Promise<{ web: ChildProcess; ms: number }> {
  const from = performance.now()
  const env = { ...environment, COIN_DATA: data, HOST: '127.0.0.1', PORT: String(port) }
  const web = spawn(process.execPath, [path.join(root, 'core', 'bin', 'coin.js'), 'start'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  for (;;) {
    if (web.exitCode !== null) throw new Error(`Coin ended with ${web.exitCode}.`)
    const status = await fetch(`http://127.0.0.1:${port}/`).then(
      response => response.status,
      () => 0,
    )
    if (status > 0 && status < 500) return { web, ms: Math.round(performance.now() - from) }
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function stopped(web: ChildProcess): Promise<void> {
  const ended = once(web, 'exit')
  web.kill('SIGTERM')
  await ended
}

/** The web process and all of PostgreSQL; a page that several share counts once. */
function memory(web: number): number {
  const cluster = realpathSync(path.join(data, 'postgres'))
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name) && (Number(name) === web || workingFolder(name) === cluster))
  const kilobytes = pids.map(pid => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0))
  return Math.round(kilobytes.reduce((sum, each) => sum + each, 0) / 1024)
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

/** What `npm ci --omit=dev` installs, and Coin itself, in MB on disk. */
function installSize(): number {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'node_modules', '.package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; link?: boolean }>
  }
  const folders = Object.entries(packages).flatMap(([name, { dev, link }]) => (name && !dev && !link ? [path.join(root, name)] : []))
  return Math.round(folders.reduce((sum, folder) => sum + diskUse(folder), 0) / 1048576)
}

function diskUse(folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + diskUse(file)
    return sum + lstatSync(file).blocks * 512
  }, 0)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || !address) throw new Error('No port is free.')
  return address.port
}
