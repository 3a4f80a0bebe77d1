import { addSubscription, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemActor } from '../app/access.ts'
import { tellWhatHasCome } from './clock.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())

const paris = 'Europe/Paris'
const tell = (text: string) => coin.transaction(systemActor('clock'), tx => tellWhatHasCome(tx, paris, new Date(text)))
const outbox = async () =>
  (await coin.pool.query(`DELETE FROM coin.outbox RETURNING entity, entity_id::int AS id, op, changed, detail, hooked`)).rows.sort((a, b) =>
    a.entity.localeCompare(b.entity),
  )

test('the first time begins with its day, and a day is told once', async () => {
  const id = await addSubscription(coin)
  await coin.pool.query(`UPDATE subscription SET resigned_on = '2030-03-10' WHERE id = $1`, [id])
  await outbox()
  expect(await tell('2030-03-09T12:00:00Z')).toBe(0)
  // the day begins at 23:00 UTC
  expect(await tell('2030-03-09T22:59:00Z')).toBe(0)
  expect(await tell('2030-03-09T23:00:00Z')).toBe(1)
  expect(await outbox()).toEqual([{ entity: 'subscription', id, op: 'changed', changed: ['resigned_on'], detail: null, hooked: true }])
  expect(await tell('2030-03-10T12:00:00Z')).toBe(0)
})

test('the day after the last one is told as well: the first without the service', async () => {
  expect(await tell('2030-03-11T12:00:00Z')).toBe(1)
  expect((await outbox()).map(({ changed }) => changed)).toEqual([['resigned_on']])
})

test('a pause is caught up with: starts, ends and both ends of periods, each row once', async () => {
  const id = await addSubscription(coin)
  await coin.pool.query(`
    BEGIN;
    UPDATE subscription SET started_on = '2030-04-01', resigned_on = '2030-04-20' WHERE id = ${id};
    UPDATE subscription_offer SET during = '[2030-04-01,)' WHERE subscription_id = ${id};
    COMMIT`)
  const { rows } = await coin.pool.query(
    `INSERT INTO subscription_suspension (subscription_id, during) VALUES ($1, '[2030-04-02,2030-04-05)') RETURNING id::int`,
    [id],
  )
  await outbox()
  await tell('2030-05-01T12:00:00Z')
  const told = await outbox()
  expect(told.filter(row => row.entity === 'subscription')).toMatchObject([
    { id, changed: ['started_on'] },
    { id, changed: ['resigned_on'] },
  ])
  expect(told.filter(row => row.entity === 'subscription_suspension')).toMatchObject([
    { id: rows[0].id, changed: ['during'], detail: { subscription_id: id } },
  ])
  expect(told.filter(row => row.entity === 'subscription_offer').length).toBe(1)
})

test('of several workers one tells', async () => {
  const id = await addSubscription(coin)
  await coin.pool.query(`UPDATE subscription SET resigned_on = '2030-06-01' WHERE id = $1`, [id])
  await outbox()
  const counts = await Promise.all(Array.from({ length: 5 }, () => tell('2030-06-01T12:00:00Z')))
  expect(counts.sort()).toEqual([0, 0, 0, 0, 1])
})
