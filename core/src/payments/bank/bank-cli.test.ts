import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../../testing/coin.ts'
import { addMember, addSubscription } from '../../testing/factories.ts'
import { addAccount, csv } from './fixture.ts'

const command = fileURLToPath(new URL('../../../bin/coin.js', import.meta.url))
const config = fileURLToPath(new URL('../../../../coin.config.ts', import.meta.url))
const data = mkdtempSync(path.join(tmpdir(), 'coin-bank-cli-'))
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
  const environment = { DATABASE_URL: database.url, COIN_DATA: data, COIN_CONFIG: config, LANG: 'C', LC_ALL: 'C' }
  const child = spawn(process.execPath, [command, ...args], {
    cwd: data,
    env: { ...process.env, ...environment, COIN_SECRET: 'only-good-for-tests-but-long-enough' },
  })
  let [out, error] = ['', '']
  child.stdout.on('data', part => (out += part))
  child.stderr.on('data', part => (error += part))
  return new Promise(resolve => child.on('close', code => resolve({ code, out, error })))
}
const count = async (of: string) => Number((await database.pool.query(`SELECT count(*) FROM ${of}`)).rows[0].count)

test('a dry run leaves nothing, two imports of one file at once import it once, and a bad file names its line', async () => {
  const member = await addMember(database, { firstName: 'Ada', lastName: 'Lovelace' })
  const subscription = await addSubscription(database, { member })
  const { rows } = await database.pool.query('SELECT reference FROM subscription WHERE id = $1', [subscription])
  await addAccount(database, 'Bank')
  const bookings = Array.from({ length: 9 }, (_, n) => ({ amount: '24.00', label: `VIR ${rows[0].reference} ${n}` }))
  const [good, bad] = [path.join(data, 'good.csv'), path.join(data, 'bad.csv')]
  writeFileSync(good, csv(bookings))
  writeFileSync(bad, `${csv(bookings)}\n2026-02-31;x;1,00;;`)
  const [dry, refused] = await Promise.all([coin('payments', 'import', good, '--json'), coin('payments', 'import', bad)])
  expect([dry.code, dry.error]).toEqual([0, ''])
  expect(JSON.parse(dry.out)).toMatchObject({
    applied: false,
    totals: { lines: 9, match: { count: 9, amount: '216.00' } },
    lines: expect.arrayContaining([
      expect.objectContaining({ line: 2, outcome: 'match', member: 'Ada Lovelace', why: `By the reference ${rows[0].reference}` }),
    ]),
  })
  expect(refused).toMatchObject({ code: 1, error: expect.stringContaining('line 11, Date') })
  expect(await count('bank_import')).toBe(0)
  const args = ['payments', 'import', good, '--account', 'bank', '--apply', '--json']
  const both = await Promise.all([coin(...args), coin(...args)])
  expect(both.map(({ code, error }) => [code, error])).toEqual([
    [0, ''],
    [0, ''],
  ])
  expect(await count('payment')).toBe(9)
  expect(await count(`bank_line WHERE state = 'matched'`)).toBe(9)
})
