import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { until } from '../fixtures/until.ts'

/** A server or a client that a test started, with what it prints in a file. */
export interface Running {
  readonly pid: number
  /** What it printed so far. */
  output(): string
  ended(): boolean
  /** Sends a signal and waits for the end; SIGKILL when that takes longer than 10 s. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a program in the foreground, its output going to `file`. */
export function start(command: string, args: readonly string[], file: string, env: Readonly<Record<string, string>> = {}): Running {
  const output = openSync(file, 'a')
  const child = spawn(command, args, { stdio: ['ignore', output, output], env: { ...process.env, ...env } })
  closeSync(output)
  let failure = ''
  child.on('error', error => (failure = `${command}: ${error.message}`))
  const ended = () => failure !== '' || child.exitCode !== null || child.signalCode !== null
  return {
    pid: child.pid ?? 0,
    output: () => readFileSync(file, 'utf8') + failure,
    ended,
    async stop(signal = 'SIGTERM') {
      if (!ended()) child.kill(signal)
      await until(async () => ended(), 10).catch(() => kill(child))
      await until(async () => ended())
    },
  }
}

/** Runs a program to its end and returns what it printed; throws with what it said when it fails. */
export function run(command: string, args: readonly string[], input = ''): string {
  return execFileSync(command, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** As `run`; false when it fails. */
export function succeeds(command: string, args: readonly string[]): boolean {
  try {
    run(command, args)
    return true
  } catch {
    return false
  }
}

const kill = (child: ChildProcess) => void child.kill('SIGKILL')
