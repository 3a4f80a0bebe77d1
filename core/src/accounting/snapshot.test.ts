import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { until } from '../testing/until.ts'
import { streamPieces } from './snapshot.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())

const { db, pool } = { db: () => coin.database.db, pool: () => coin.database.pool }
const idle = () => until(async () => pool().idleCount === pool().totalCount)

test('a reader who goes away gives the connection back; a short file needs none until it is read', async () => {
  const endless = await streamPieces(db(), async function* () {
    for (;;) yield 'x'.repeat(1024 * 1024)
  })
  const reader = endless.getReader()
  expect((await reader.read()).value?.length).toBe(1024 * 1024)
  expect(pool().idleCount).toBe(pool().totalCount - 1)
  await reader.cancel()
  await idle()

  const short = await streamPieces(db(), async function* () {
    yield 'short'
  })
  await idle()
  expect(await new Response(short).text()).toBe('short')
})

test('what fails before the first byte is an error, after it the file breaks off', async () => {
  await expect(
    // biome-ignore lint/correctness/useYield: fails first
    streamPieces(db(), async function* () {
      throw new Error('refused')
    }),
  ).rejects.toThrow('refused')
  const cut = await streamPieces(db(), async function* () {
    yield 'x'
    throw new Error('cut')
  })
  await expect(new Response(cut).text()).rejects.toThrow()
  await idle()
})
