import { spawn } from 'node:child_process'
import { open, readFile, rm } from 'node:fs/promises'
import { CoinError } from 'coin'

/** What a command gets to see of Coin's environment: no password and no secret is among it. */
const passed = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS']

/**
 * Runs a command without a shell, and waits for it alone: not for what it leaves running. What it says goes to the file `log`, so
 * that it lives on when this process dies. Throws its last words when it fails or takes longer than `seconds`.
 */
export async function run(command: readonly string[], log: string, seconds: number): Promise<void> {
  const [program = '', ...args] = command
  const output = await open(log, 'w', 0o600).catch(() => undefined)
  const out = output?.fd ?? 'ignore'
  try {
    const end = await ended(program, args, out, seconds)
    if (end !== undefined) throw failed(command, end, output ? await lastWords(log) : '')
  } finally {
    await output?.close()
    await rm(log, { force: true })
  }
}

function ended(program: string, args: readonly string[], out: number | 'ignore', seconds: number): Promise<string | undefined> {
  const env = Object.fromEntries(passed.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd: '/', env, stdio: ['ignore', out, out], detached: true })
    const timer = setTimeout(() => {
      resolve(`no end in ${seconds} s`)
      endGroup(child.pid)
    }, seconds * 1000)
    child.once('error', error => {
      clearTimeout(timer)
      resolve('code' in error && error.code === 'ENOENT' ? 'there is no such program' : error.message)
    })
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      resolve(code === 0 ? undefined : signal ? `ended by ${signal}` : `exit code ${code}`)
    })
  })
}

/** The command, and what it started and did not let go of. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // it has just ended
  }
}

const failed = (command: readonly string[], end: string, said: string) =>
  new CoinError('refused', 'The command {{command}} failed: {{words}}', {
    values: { command: command.join(' '), words: said === '' ? `${end}.` : `${end}: ${said}` },
  })

async function lastWords(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8'))
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)
  return lines.slice(-5).join(' / ').slice(-600)
}
