import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { datedCoin } from '../reminders/fixture.ts'
import { readFec } from './fec-checker.fixture.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
let it: Awaited<ReturnType<typeof datedCoin>>
beforeAll(async () => {
  it = await datedCoin()
  await it.invoice(await it.member(), '30', '2025-03-01')
})
afterAll(() => it.close())

const coin = (...args: string[]) =>
  promisify(execFile)(process.execPath, [path.join(root, 'core/bin/coin.js'), ...args], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: it.coin.url,
      COIN_DATA: it.coin.data,
      COIN_CONFIG: path.join(root, 'coin.config.ts'),
      COIN_SECRET: 'only-good-for-tests-but-long-enough',
      LANG: 'C',
      LC_ALL: 'C',
    },
  })

test('the command line writes the entries and the lists to its output, and tells who would be reminded', async () => {
  const [fec, list, preview] = await Promise.all([
    coin('accounting', 'fec', '--from', '2025-01-01', '--to', '2025-12-31'),
    coin('accounting', 'invoices', '--from', '2025-01-01', '--as-json'),
    coin('--json', 'reminders', 'preview'),
  ])
  expect([readFec(fec.stdout).broken, readFec(fec.stdout).lines.length]).toEqual([[], 2])
  expect(JSON.parse(list.stdout)).toMatchObject([{ number: '2025-03-000001', total: '30.00' }])
  expect(JSON.parse(preview.stdout)).toMatchObject({
    reminders: [{ stage: 1, invoices: ['2025-03-000001'], overdue: [{ amount: '30.00', currency: 'EUR' }], spared: null }],
  })
})
