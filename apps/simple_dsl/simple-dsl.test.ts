import { addConfiguration, addOffer, addPool, addSubscription, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import simple, { simpleDsl } from './index.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [simple()] })
})
afterAll(() => coin.close())

test('a line gets its addresses from the pools of the offer', async () => {
  const pools = [await addPool(coin, '198.51.100.0/24'), await addPool(coin, '2001:db8::/32', { length: 48 })]
  const id = await addConfiguration(coin, simpleDsl, { phoneNumber: '+33123456789' }, { pools })
  const { rows } = await coin.pool.query('SELECT prefix FROM ip_subnet WHERE configuration_id = $1 ORDER BY prefix', [id])
  expect(rows).toEqual([{ prefix: '198.51.100.0/32' }, { prefix: '2001:db8::/48' }])
})

test('the database refuses a line without a number, one that is too long, and one of another type', async () => {
  const insert = 'INSERT INTO simple_dsl (id, phone_number) VALUES ($1, $2)'
  const subscription = await addSubscription(coin)
  const other = await coin.pool
    .query(`INSERT INTO configuration (type, subscription_id) SELECT 'other', $1 RETURNING id`, [subscription])
    .catch(error => error)
  expect(other).toMatchObject({ constraint: 'configuration_type_of_subscription' })
  const id = await addConfiguration(coin, simpleDsl, { phoneNumber: '1' })
  await expect(coin.pool.query('UPDATE simple_dsl SET phone_number = NULL WHERE id = $1', [id])).rejects.toMatchObject({ code: '23502' })
  await expect(coin.pool.query('UPDATE simple_dsl SET phone_number = $2 WHERE id = $1', [id, '1'.repeat(21)])).rejects.toMatchObject({
    code: '22001',
  })
  await expect(coin.pool.query(insert, [id + 1000, '1'])).rejects.toMatchObject({ constraint: 'simple_dsl_configuration' })
  await expect(coin.pool.query(`UPDATE simple_dsl SET type = 'other' WHERE id = $1`, [id])).rejects.toMatchObject({
    constraint: 'simple_dsl_type',
  })
})

test('the database refuses half a line, and a table emptied without a word', async () => {
  const subscription = await addSubscription(coin, { offer: await addOffer(coin, 'simple_dsl') })
  const half = coin.pool.query(`INSERT INTO configuration (type, subscription_id) VALUES ('simple_dsl', $1)`, [subscription])
  await expect(half).rejects.toMatchObject({ constraint: 'configuration_whole' })
  await expect(coin.pool.query('TRUNCATE simple_dsl')).rejects.toMatchObject({ constraint: 'no_truncate' })
})

test('its label is French for a French reader', () => {
  const french = coin.registry.translations.translator('fr', 'simple_dsl')
  expect(french('Phone number')).toBe('Numéro de téléphone')
})
