import { addConfiguration, addPool, addSubnet, type TestCoin, testCoin } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import withSubnetEvent, { tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'

let coin: TestCoin
let worker: RunningWorker
beforeAll(async () => {
  coin = await testCoin({ apps: [withSubnetEvent()] })
  worker = await startWorker(coin, { log: { info() {}, warn() {} } })
})
afterAll(async () => {
  await worker.stop()
  await coin.close()
})

const resign = (configuration: number, day: string) =>
  coin.write(tx =>
    tx.execute(
      sql`UPDATE subscription SET resigned_on = ${sql.raw(day)} WHERE id = (SELECT subscription_id FROM configuration WHERE id = ${configuration})`,
    ),
  )
const subnetsOf = async (configuration: number) =>
  (await coin.pool.query('SELECT prefix::text FROM ip_subnet WHERE configuration_id = $1', [configuration])).rows.map(row => row.prefix)
const look = () => coin.asSystem('test', () => coin.write(tx => enqueue(tx, 'resources:release_ended', {})))

test('the addresses of an ended subscription are given back the day after its last one, and rest', async () => {
  const pool = await addPool(coin, '198.51.100.0/24', { length: 28, quarantineDays: 90 })
  const [over, today, going] = [
    await addConfiguration(coin, tunnels, { login: 'over' }),
    await addConfiguration(coin, tunnels, { login: 'today' }),
    await addConfiguration(coin, tunnels, { login: 'going' }),
  ]
  for (const id of [over, today, going]) await addSubnet(coin, id, { pool })
  const [held] = await subnetsOf(over)
  await resign(over, 'current_date - 1')
  await resign(today, 'current_date')
  await look()
  await until(async () => (await subnetsOf(over)).length === 0)
  expect(await subnetsOf(today)).toHaveLength(1)
  expect(await subnetsOf(going)).toHaveLength(1)
  // its app was told in the same transaction, and nobody else gets them for the time of their rest
  const { rows } = await coin.pool.query('SELECT changes FROM fixture_event WHERE configuration_id = $1 ORDER BY id DESC LIMIT 1', [over])
  expect(rows).toEqual([{ changes: [`removed ${held}`] }])
  await addSubnet(coin, going, { pool })
  expect(await subnetsOf(going)).not.toContain(held)
})

test('an app that objects keeps its addresses, and holds up nobody else’s', async () => {
  const [stubborn, other] = [
    await addConfiguration(coin, tunnels, { login: 'stubborn' }),
    await addConfiguration(coin, tunnels, { login: 'other' }),
  ]
  await addPool(coin, '203.0.113.0/24', { length: 28 })
  const pool = await addPool(coin, '192.0.2.0/24', { length: 28 })
  // in psql: the fixture refuses this range in Coin's own transactions, so also while one of two is removed
  await coin.pool.query(`INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, '203.0.113.0/28')`, [stubborn])
  await coin.pool.query(
    `CREATE FUNCTION keep_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.prefix = '203.0.113.0/28' THEN RAISE 'not this one'; END IF; RETURN OLD; END $$`,
  )
  await coin.pool.query('CREATE TRIGGER keep_one BEFORE DELETE ON ip_subnet FOR EACH ROW EXECUTE FUNCTION keep_one()')
  await addSubnet(coin, other, { pool })
  await resign(stubborn, 'current_date - 1')
  await resign(other, 'current_date - 1')
  await look()
  await until(async () => (await subnetsOf(other)).length === 0)
  expect(await subnetsOf(stubborn)).toEqual(['203.0.113.0/28'])
})
