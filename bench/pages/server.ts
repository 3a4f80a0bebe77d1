import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A Coin that serves pages and nothing else, as it is started anywhere. */
export interface Server {
  readonly origin: string
  /** What its processes have used of a processor since they began, in milliseconds. */
  cpu(): number
  stop(): Promise<void>
}

/** Starts `coin start` with so many processes, and waits until it answers. */
export async function startServer(environment: Readonly<Record<string, string>>, processes: number): Promise<Server> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const env = {
    ...process.env,
    ...environment,
    HOST: '127.0.0.1',
    PORT: String(port),
    COIN_WEB: String(processes),
    COIN_DEBUG: environment.COIN_DEBUG ?? '',
  }
  const command = [...(process.env.COIN_BENCH_NODE ?? '').split(' ').filter(Boolean), path.join(root, 'core', 'bin', 'coin.js')]
  const web = spawn(process.execPath, [...command, 'start', '--no-work'], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
  for (;;) {
    if (web.exitCode !== null) throw new Error(`Coin ended with ${web.exitCode}.`)
    const alive = await fetch(`${origin}/healthz`).then(
      answer => answer.ok,
      () => false,
    )
    if (alive) break
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return {
    origin,
    cpu: () => family(web).reduce((sum, pid) => sum + cpuOf(pid), 0),
    async stop() {
      const ended = once(web, 'exit')
      web.kill('SIGTERM')
      await ended
    },
  }
}

/** What a process has used of a processor, in milliseconds; nothing where the system does not say. */
export function cpuOf(pid: number): number {
  try {
    const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .slice(11, 13)
      .map(Number)
    return (user + system) * 10
  } catch {
    return 0
  }
}

/** The processes that this one started, and those that they did. */
export function childrenOf(pid: number): number[] {
  try {
    const own = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
    return own.flatMap(child => [child, ...childrenOf(child)])
  } catch {
    return []
  }
}

const family = ({ pid }: ChildProcess) => (pid === undefined ? [] : [pid, ...childrenOf(pid)])

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port.')
  return address.port
}
