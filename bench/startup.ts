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

const webs: ChildProcess[] = []
const account = { email: 'admin@example.org', password: 'only for this measurement' }

try {
  const first = await started()
  await stopped(first.web, 'SIGTERM')
  await stopEmbedded({ data })
  const second = await started()
  for (const pid of databaseProcesses()) kill(pid)
  await stopped(second.web, 'SIGKILL')
  const third = await started()
  await lookAround()
  const result = {
    first_start_ms: first.ms,
    second_start_ms: second.ms,
    start_after_kill_ms: third.ms,
    memory_mb: memory([third.web.pid ?? 0, ...databaseProcesses()]),
    install_mb: installSize(),
  }
  await stopped(third.web, 'SIGTERM')
  if (process.argv.includes('--json')) console.log(JSON.stringify(result))
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(20)} ${value}`)
} finally {
  for (const web of webs) web.kill('SIGKILL')
  await removeEmbedded({ data })
  rmSync(home, { recursive: true, force: true })
}

/** Starts Coin and waits for its first page. */
async function started(): Promise<{ web: ChildProcess; ms: number }> {
  const from = performance.now()
  const env = {
    ...environment,
    COIN_DATA: data,
    HOST: '127.0.0.1',
    PORT: String(port),
    COIN_ADMIN_EMAIL: account.email,
    COIN_ADMIN_PASSWORD: account.password,
  }
  // as package.json has it
  const web = spawn(process.execPath, ['--max-semi-space-size=2', path.join(root, 'core', 'bin', 'coin.js'), 'start'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  webs.push(web)
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

async function stopped(web: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(web, 'exit')
  web.kill(signal)
  await ended
}

/** Somebody signs in and opens every list a few times: code that pages need is loaded, connections are made. */
async function lookAround(): Promise<void> {
  const site = `http://127.0.0.1:${port}`
  const answer = await fetch(`${site}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams(account),
    headers: { Origin: site },
    redirect: 'manual',
  })
  if (answer.status !== 303) throw new Error(`Signing in was answered with ${answer.status}.`)
  const headers = {
    Cookie: answer.headers
      .getSetCookie()
      .map(line => line.split(';')[0])
      .join('; '),
  }
  const home = await (await fetch(`${site}/admin`, { headers })).text()
  const pages = new Set([...home.matchAll(/href="(\/admin[^"#?]*)"/g)].map(([, page]) => page ?? ''))
  for (let i = 0; i < 10; i++) await Promise.all([...pages].map(async page => (await fetch(site + page, { headers })).text()))
}

/** All of PostgreSQL. */
function databaseProcesses(): number[] {
  const cluster = realpathSync(path.join(data, 'postgres'))
  return readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) && workingFolder(name) === cluster ? [Number(name)] : []))
}

/** What processes hold, in MB: what they share counts once, and a program counts whole, whoever else runs it too. */
function memory(pids: readonly number[]): number {
  const programs = new Map<string, number>()
  let kilobytes = 0
  for (const pid of pids) {
    const shares = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    kilobytes += field(shares, 'Pss_Anon') + field(shares, 'Pss_Shmem')
    const program = readlinkSync(`/proc/${pid}/exe`)
    const files = field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'RssFile')
    programs.set(program, Math.max(programs.get(program) ?? 0, files))
  }
  for (const files of programs.values()) kilobytes += files
  return Math.round(kilobytes / 1024)
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
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
