import { type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import withJob from '../../../test/fixtures/apps/with-job/index.ts'
import { tick } from './tick.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [withJob()], provider: { timeZone: 'Asia/Tokyo' } })
})
afterAll(() => coin.close())

const ticked = async (text: string) =>
  (await tick(coin.database.db, coin.registry, new Date(text))).filter(name => name === 'with_job:nightly')
const waiting = async () => (await coin.pool.query(`SELECT FROM graphile_worker.jobs WHERE task_identifier = 'with_job:nightly'`)).rowCount

test('a nightly job is added once at its time in the provider’s time zone, however many look', async () => {
  // 02:30 in Tokyo is 17:30 UTC of the day before
  expect(await ticked('2026-05-01T17:29:00Z')).toEqual([])
  expect(
    (await Promise.all([ticked('2026-05-01T17:30:10Z'), ticked('2026-05-01T17:30:20Z'), ticked('2026-05-01T17:30:30Z')])).flat(),
  ).toEqual(['with_job:nightly'])
  expect(await ticked('2026-05-02T02:30:00Z')).toEqual([])
  expect(await waiting()).toBe(1)
})

test('several runs missed are made up for by one', async () => {
  expect(await ticked('2026-05-09T00:00:00Z')).toEqual(['with_job:nightly'])
  expect(await waiting()).toBe(1)
})

test('looking with a clock that is behind repeats nothing', async () => {
  expect(await ticked('2026-05-05T17:30:00Z')).toEqual([])
  expect(await ticked('2026-05-09T00:01:00Z')).toEqual([])
})
