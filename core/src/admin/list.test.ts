import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemActor } from '../app/access.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { listRows } from './list.ts'

const rows = 130
let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  await coin.pool.query(
    `INSERT INTO member (last_name, email, username) SELECT 'Name ' || n % 7, 'm' || n || CASE n WHEN 5 THEN '_x' WHEN 6 THEN 'ax' ELSE '' END || '@example.org', '' FROM generate_series(1, ${rows}) n`,
  )
})
afterAll(() => coin.close())

const list = (query: Parameters<typeof listRows>[2]) => {
  const resource = coin.registry.resources.get('member')?.resource
  if (!resource) throw new Error('no members')
  return coin.asSystem('test', () => listRows(resource, coin.database.db, query, systemActor('test')))
}

test.each(['name', '-name'])('the pages together are all rows once, in the order of %s, from whichever end they are read', async sort => {
  const whole = (await list({ sort, size: 1000 })).rows.map(row => row.id)
  const pages = await Promise.all(Array.from({ length: 6 }, (_, index) => list({ sort, size: 25, page: index + 1 })))
  expect(pages.flatMap(page => page.rows.map(row => row.id))).toEqual(whole)
  expect(new Set(whole).size).toBe(rows)
  expect(pages.at(-1)?.rows).toHaveLength(5)
})

test('a page beyond the last is the last, and an order nobody knows is the usual one', async () => {
  const { page, rows: last } = await list({ size: 25, page: Number.POSITIVE_INFINITY, sort: 'nonsense; DROP TABLE member' })
  expect([page, last.length]).toEqual([6, 5])
})

test('what is typed stands for itself: no wildcards', async () => {
  expect((await list({ search: 'm5_x' })).total).toBe(1)
  expect((await list({ search: 'm6_x' })).total).toBe(0)
  expect((await list({ search: '%' })).total).toBe(0)
})
