import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { issueOf, on } from './fixture.ts'

const command = fileURLToPath(new URL('../../bin/coin.js', import.meta.url))
const data = mkdtempSync(path.join(tmpdir(), 'coin-payment-cli-'))
const config = fileURLToPath(new URL('../../../coin.config.ts', import.meta.url))
let database: TestCoin
beforeAll(async () => {
  database = await testCoin({ apps: [] })
})
afterAll(async () => {
  await database.close()
  rmSync(data, { recursive: true, force: true })
})

/** Runs the real command, in a process of its own. */
function coin(...args: string[]): Promise<{ code: number | null; out: string; error: string }> {
  const environment = {
    DATABASE_URL: database.url,
    COIN_DATA: data,
    COIN_CONFIG: config,
    LANG: 'C',
    LC_ALL: 'C',
  }
  const child = spawn(process.execPath, [command, ...args], {
    cwd: data,
    env: { ...process.env, ...environment, COIN_SECRET: 'only-good-for-tests-but-long-enough' },
  })
  let [out, error] = ['', '']
  child.stdout.on('data', part => (out += part))
  child.stderr.on('data', part => (error += part))
  return new Promise(resolve => child.on('close', code => resolve({ code, out, error })))
}

test('a payment is added for an invoice by its number, listed as not fully allocated, and a wrong one says why', async () => {
  const memberId = await addMember(database, { firstName: 'Amina', lastName: 'Berthier', email: 'amina@example.org' })
  const invoice = await on(database, '2026-02-01', tx => issueOf(tx, { memberId, amount: '20.00' }))
  const { rows } = await database.pool.query('SELECT number FROM invoice WHERE id = $1', [invoice])
  const given = ['payment', 'add', '--member', 'amina@example.org', '--amount', '31', '--method', 'cheque', '--invoice', rows[0].number]
  const [added, wrong] = await Promise.all([
    coin(...given, '--json'),
    coin('payment', 'add', '--member', 'amina@example.org', '--amount', '0'),
  ])
  expect(added).toMatchObject({ code: 0, error: '' })
  expect(JSON.parse(added.out)).toMatchObject({
    memberId,
    amount: '31.00',
    allocated: '20.00',
    method: 'cheque',
    invoiceId: invoice,
    currency: 'EUR',
  })
  expect(wrong.code).not.toBe(0)
  expect(wrong.error).toContain('An amount of zero pays nothing.')
  const list = await coin('payment', 'list', '--view', 'open', '--search', 'berthier', '--json')
  expect(JSON.parse(list.out)).toMatchObject({ total: 1, rows: [{ member: 'Amina Berthier', amount: '31.00', left: '11.00' }] })
})
