import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import withFolder from '../../../test/fixtures/apps/with-folder/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { kill, workerProcess } from '../../../test/fixtures/worker/process.ts'
import { addOffer } from '../subscriptions/rules.ts'
import { type TestCoin, testCoin } from '../testing/index.ts'
import { startRun } from './run.ts'

// Processes that bill are killed at random points, while another run for the same day goes on beside them: each subscription is billed
// once, and no number is missing.
const members = 2400
// the workers' apps: none that listens to anything here
const folder = tmpdir()
let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [withFolder({ folder })] })
  const offer = await coin.write(tx =>
    addOffer(tx, { name: 'VPN', reference: 'vpn', periodFee: '4', initialFee: '10', effectiveFrom: '2026-01-01' }),
  )
  await coin.write(async tx => {
    await tx.execute(
      sql`INSERT INTO member (first_name, last_name, email, username) SELECT 'Ada', 'Member ' || n, 'm' || n || '@example.org', 'm' || n FROM generate_series(1, ${members}::int) n`,
    )
    await tx.execute(sql`INSERT INTO subscription (member_id, reference, started_on) SELECT id, '', '2026-10-09' FROM member`)
    await tx.execute(
      sql`INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) SELECT id, ${offer}, '', daterange(started_on, NULL) FROM subscription`,
    )
  })
})
afterAll(() => coin.close())

const one = async <T>(text: string): Promise<T> => (await coin.pool.query(text)).rows[0] as T

test('killed at random points, two runs at once: each is billed once, no number is missing', { timeout: 120_000 }, async () => {
  const runs = await coin.asSystem('test', () =>
    Promise.all([1, 2].map(() => coin.write(tx => startRun(tx, { date: '2026-11-01', issues: true })))),
  )
  const ended = async () => (await one<{ n: string }>(`SELECT count(*)::text AS n FROM billing_run WHERE state <> 'done'`)).n === '0'
  let kills = 0
  while (!(await ended())) {
    const workers = await Promise.all([workerProcess(coin.url, folder), workerProcess(coin.url, folder)])
    // at first in the middle of something, wherever that is; in the end they may finish
    if (kills < 4) await sleep(30 + Math.random() * 300)
    else await until(ended)
    await Promise.all(workers.map(kill))
    kills++
  }
  expect(
    await one(
      `SELECT count(*)::int AS lines, count(DISTINCT (subscription_id, kind, period))::int AS charges, sum(amount)::text AS amount FROM charge`,
    ),
  ).toEqual({
    lines: members * 3,
    charges: members * 3,
    amount: (members * (10 + 2.96 + 4)).toFixed(2),
  })
  expect(
    await one(
      `SELECT count(*)::int AS invoices, count(DISTINCT member_id)::int AS members, count(number)::int AS numbers, min(sequence) AS first, max(sequence) AS last, sum(total)::text AS total FROM invoice`,
    ),
  ).toEqual({ invoices: members, members, numbers: members, first: 1, last: members, total: (members * 16.96).toFixed(2) })
  expect(await one('SELECT count(*)::int AS n FROM billing_run_member')).toEqual({ n: 0 })
  expect(runs).toHaveLength(2)
})
