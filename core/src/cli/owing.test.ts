import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { billUpTo, offerOf, on, subscribe } from '../owing/fixture.ts'
import { recordPayment } from '../payments/rules.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  const amina = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier', email: 'amina@example.org' })
  await subscribe(coin, amina, await offerOf(coin, { name: 'VPN', fee: '4' }), '2023-10-09')
  await billUpTo(coin, '2023-10-09')
  await on(coin, '2023-10-10', tx => recordPayment(tx, { memberId: amina, amount: '1' }))
})
afterAll(() => coin.close())

/** Runs the real command, in a process of its own. */
const run = async (...args: string[]) =>
  (
    await promisify(execFile)(process.execPath, [path.join(root, 'core/bin/coin.js'), 'owing', ...args], {
      cwd: root,
      env: {
        ...process.env,
        DATABASE_URL: coin.url,
        COIN_CONFIG: path.join(root, 'coin.config.ts'),
        COIN_SECRET: 'only-good-for-tests-but-long-enough',
        LANG: 'C',
        LC_ALL: 'C',
      },
    })
  ).stdout.replaceAll('\u00a0', ' ')

test('what a member owes and why: for a person and for a program', async () => {
  const [words, json] = [await run('member', 'amina@example.org'), await run('bill', '2023-10-000001', '--json')]
  for (const said of [
    'owes €1.96',
    '  VPN, 9–31 October 2023: €2.96',
    'It began on 9 October 2023, so 23 of the 31 days are billed.',
    '€4.00 (a month) × 0.74 (23 of 31 days) = €2.96',
    'Transfer received of 10 October 2023: €1.00',
    '  Left: €1.96',
  ])
    expect(words).toContain(said)
  expect(words).toMatch(/10 Oct 2023 +Transfer received +−€1\.00 +€1\.96\n9 Oct 2023 +Invoice 2023-10-000001 +€2\.96 +€2\.96/)
  expect(JSON.parse(json)).toMatchObject({
    number: '2023-10-000001',
    total: '2.96',
    left: '1.96',
    lines: [{ net: '2.96', charge: { quantity: '0.7400' } }],
  })
})
