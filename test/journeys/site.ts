import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '../../core/src/testing/database.ts'
import { until } from '../fixtures/until.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A site that runs in a process of its own, as `coin start` on an empty database does. */
export interface Site {
  readonly url: string
  /** The administrator that the start told of. */
  readonly admin: { readonly email: string; readonly password: string }
  /** The copy of the newest mail to an address, decoded. */
  mailTo(address: string): Promise<string>
  stop(): Promise<void>
}

/** Starts Coin on a fresh database; `demo` loads the provider of the demonstration. */
export async function startSite({ demo = false } = {}): Promise<Site> {
  const database = await testDatabase({ empty: true })
  const data = mkdtempSync(path.join(tmpdir(), 'coin-journey-'))
  const { COIN_ADMIN_EMAIL: _, COIN_ADMIN_PASSWORD: __, COIN_URL: ___, SMTP_URL: ____, ...environment } = process.env
  const coin = spawn(process.execPath, [path.join(root, 'core/bin/coin.js'), 'start', ...(demo ? ['--demo'] : [])], {
    cwd: root,
    env: { ...environment, DATABASE_URL: database.url, COIN_DATA: data, HOST: '127.0.0.1', PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [coin.stdout, coin.stderr]) stream.on('data', (part: Buffer) => (said += part))
  const ended = once(coin, 'exit')
  const url = await until(async () => {
    if (coin.exitCode !== null) throw new Error(`Coin ended with ${coin.exitCode}:\n${said}`)
    return /ready at (http:\S+)/.exec(said)?.[1] ?? false
  })
  const [, email = '', password = ''] = /Sign in as (\S+) with the password (\S+)/.exec(said) ?? []
  return {
    url,
    admin: { email, password },
    mailTo: address => until(async () => newestMail(path.join(data, 'mail'), address) ?? false),
    async stop() {
      coin.kill('SIGTERM')
      await ended
      await database.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

function newestMail(folder: string, address: string): string | undefined {
  const numbers = list(folder).flatMap(name => (/^\d+\.eml$/.test(name) ? [Number.parseInt(name, 10)] : []))
  return numbers
    .sort((a, b) => b - a)
    .map(number => decoded(readFileSync(path.join(folder, `${number}.eml`), 'utf8')))
    .find(mail => mail.includes(`To: ${address}`))
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Mails name the port of the site, so it is known before. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || !address) throw new Error('No port is free.')
  return address.port
}

/** Quoted-printable, as far as it concerns words and links. */
function decoded(mail: string): string {
  return mail.replace(/=\r?\n/g, '').replace(/((?:=[0-9A-F]{2})+)/g, run => Buffer.from(run.replaceAll('=', ''), 'hex').toString())
}
