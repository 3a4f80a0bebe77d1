import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Tx } from 'coin'
import { addConfiguration, addMember, type TestCoin } from 'coin/testing'
import { vpn } from '../tables.ts'
import { type CertificateSettings, certificateSettings } from './settings.ts'

const run = promisify(execFile)

export const settings: CertificateSettings = certificateSettings.parse({})

/** A folder of a test, and the openssl program in it. */
export interface Workplace {
  readonly folder: string
  /** Writes a file and returns its path. */
  file(name: string, text: string | Buffer): string
  /** What openssl says; throws with what it complains about. */
  openssl(...options: readonly string[]): Promise<string>
  /** A fresh key of the kind, and a request signed with it, as PEM. */
  request(kind?: readonly string[], more?: readonly string[]): Promise<{ readonly csr: string; readonly key: string }>
  close(): void
}

const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']

export function workplace(): Workplace {
  const folder = mkdtempSync(path.join(tmpdir(), 'coin-certificates-'))
  let count = 0
  const place: Workplace = {
    folder,
    file(name, text) {
      const file = path.join(folder, name)
      writeFileSync(file, text)
      return file
    },
    async openssl(...options) {
      const { stdout, stderr } = await run('openssl', [...options], { cwd: folder })
      return stdout + stderr
    },
    async request(kind = elliptic, more = []) {
      const key = path.join(folder, `key${++count}.pem`)
      const { stdout } = await run('openssl', ['req', '-new', ...kind, '-nodes', '-keyout', key, '-subj', '/CN=whoever', ...more], {
        cwd: folder,
      })
      return { csr: stdout, key }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
  return place
}

/** Runs in a transaction with everything that a job has. */
export const inJob = <R>(coin: TestCoin, work: (tx: Tx) => Promise<R>): Promise<R> => coin.asSystem('test', () => coin.write(work))

/** A VPN account of a member; both made unless given. */
export async function addAccount(
  coin: TestCoin,
  given: { readonly login?: string; readonly member?: number } = {},
): Promise<{ readonly id: number; readonly login: string; readonly member: number }> {
  const member = given.member ?? (await addMember(coin))
  const id = await addConfiguration(coin, vpn, { login: given.login ?? '' }, { member })
  const { rows } = await coin.pool.query<{ login: string }>('SELECT login FROM vpn WHERE id = $1', [id])
  return { id, login: rows[0]?.login ?? '', member }
}
