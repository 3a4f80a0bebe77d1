import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { CoinError } from 'coin'

/**
 * Takes the lock on a file, waiting for whoever has it; returns what lets go of it. A child process (`flock` of util-linux) holds it
 * for as long as this one keeps a pipe open, so that the kernel frees it when this process dies, however it dies.
 */
export async function lock(file: string, signal: AbortSignal): Promise<() => Promise<void>> {
  const holder = spawn('flock', ['--exclusive', file, 'cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH },
    detached: true,
  })
  const gone = once(holder, 'exit').catch(() => [])
  holder.stdin.on('error', () => {})
  const release = async () => {
    holder.stdin.destroy()
    await gone
  }
  const giveUp = () => {
    holder.stdin.destroy()
    holder.kill('SIGKILL')
  }
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  try {
    await new Promise<void>((resolve, reject) => {
      holder.once('error', error => reject(cannot(file, error)))
      holder.once('exit', () => reject(signal.aborted ? busy(file) : cannot(file)))
      // it echoes this as soon as it has the lock
      holder.stdout.once('data', () => resolve())
      holder.stdin.write('.')
    })
    holder.stdout.resume()
    return release
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

const busy = (file: string) =>
  new CoinError('unavailable', 'Another process of Coin is still at work: it holds {{file}}.', { values: { file } })

const cannot = (file: string, cause?: unknown) =>
  new CoinError('unavailable', 'The lock {{file}} cannot be taken.', {
    values: { file },
    hint: 'The program flock (package util-linux) has to be installed, and the folder to be writable.',
    cause,
  })
