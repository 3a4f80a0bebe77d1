import { addConfiguration, addPool, addSubnet, type TestCoin, testCoin } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import withSubnetEvent, { network, log as steady, tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'
import { NetworkCard } from './network-card.tsx'

let coin: TestCoin
let worker: RunningWorker
let count = 0
const silent = { info() {}, warn() {} }
beforeAll(async () => {
  coin = await testCoin({ apps: [withSubnetEvent()] })
  worker = await startWorker(coin, { log: silent })
  await addPool(coin, '198.51.100.0/24', { length: 28 })
  await addPool(coin, '203.0.113.0/24', { length: 28 })
})
afterAll(async () => {
  await worker.stop()
  await coin.close()
})
beforeEach(() => {
  network.broken = ''
})

const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const events = async (id: number) =>
  (await rows<{ changes: string[] }>('SELECT changes FROM fixture_event WHERE configuration_id = $1 ORDER BY id', [id])).map(
    ({ changes }) => changes,
  )
const state = async (id: number, backend = 'fixture_directory') =>
  (
    await rows<{ state: string; key: string; error: string | null; attempts: number }>(
      'SELECT state, key, error, attempts FROM provisioning_state WHERE configuration_id = $1 AND backend = $2',
      [id, backend],
    )
  )[0]
const settled = () =>
  until(
    async () =>
      (
        await rows(
          `SELECT FROM coin.outbox UNION ALL SELECT FROM coin.delivery UNION ALL SELECT FROM provisioning_state WHERE due_at IS NOT NULL UNION ALL SELECT FROM graphile_worker.jobs WHERE task_identifier NOT LIKE 'system:%'`,
        )
      ).length === 0,
  )
const again = () => coin.pool.query(`UPDATE provisioning_state SET due_at = now() WHERE due_at IS NOT NULL`)

const addTunnel = async () => {
  const login = `tunnel${++count}`
  return { login, id: await addConfiguration(coin, tunnels, { login }) }
}

test('a subnet given through Coin reaches the app in the transaction, once, and the target after it', async () => {
  const { id, login } = await addTunnel()
  await addSubnet(coin, id, { prefix: '198.51.100.0/28' })
  expect(await events(id)).toEqual([['added 198.51.100.0/28']])
  await until(async () => network.entries.get(login)?.length === 1)
  await settled()
  expect(await events(id)).toEqual([['added 198.51.100.0/28']])
  expect(await state(id)).toEqual({ state: 'in_sync', key: login, error: null, attempts: 0 })
  expect(await rows('SELECT endpoint FROM fixture_tunnel WHERE id = $1', [id])).toEqual([{ endpoint: '198.51.100.0' }])
})

test('subnets changed in psql reach the app afterwards, with all changes of the transaction, and its own writes follow', async () => {
  const { id, login } = await addTunnel()
  await settled()
  await coin.pool.query(`
    BEGIN;
    INSERT INTO ip_subnet (configuration_id, prefix) VALUES (${id}, '198.51.100.16/28'), (${id}, '198.51.100.32/28');
    UPDATE ip_subnet SET prefix = '198.51.100.48/28' WHERE prefix = '198.51.100.32/28';
    COMMIT`)
  await until(async () => network.entries.get(login)?.join() === '198.51.100.16/28,198.51.100.48/28')
  await settled()
  expect(await events(id)).toEqual([['added 198.51.100.16/28', 'added 198.51.100.48/28', 'modified 198.51.100.48/28']])
  expect(await rows('SELECT endpoint FROM fixture_tunnel WHERE id = $1', [id])).toEqual([{ endpoint: '198.51.100.16' }])
})

test('what an app refuses of a change in psql is kept and shown, and goes once it accepts', async () => {
  const { id } = await addTunnel()
  await expect(addSubnet(coin, id, { prefix: '203.0.113.0/28' })).rejects.toThrow('not for tunnels')
  await coin.pool.query(`INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, '203.0.113.0/28')`, [id])
  await until(async () => (await rows('SELECT FROM provisioning_refusal WHERE configuration_id = $1', [id])).length === 1)
  await settled()
  const [subscription] = await rows<{ id: string }>('SELECT subscription_id AS id FROM configuration WHERE id = $1', [id])
  const card = () => coin.asSystem('test', async () => String((await NetworkCard({ subscriptionId: Number(subscription?.id) })) ?? ''))
  expect(await card()).toContain('203.0.113.0/28 is not for tunnels.')
  // the network follows what is in the database all the same
  expect((await state(id))?.state).toBe('in_sync')
  await coin.pool.query('DELETE FROM ip_subnet WHERE configuration_id = $1', [id])
  await until(async () => (await rows('SELECT FROM provisioning_refusal WHERE configuration_id = $1', [id])).length === 0)
  await settled()
  expect(await card()).not.toContain('not for tunnels')
})

test('a target that fails is shown, holds up no other, and is tried again', async () => {
  network.broken = 'The directory is away'
  const { id, login } = await addTunnel()
  await until(async () => (await state(id))?.state === 'failed')
  expect(await state(id)).toMatchObject({ error: 'The directory is away' })
  await until(async () => (await state(id, 'fixture_steady'))?.state === 'in_sync')
  expect(steady).toContain(`steady-${id} ${login}`)
  network.broken = ''
  await until(async () => {
    await again()
    return (await state(id))?.state === 'in_sync'
  })
  expect(await state(id)).toMatchObject({ key: login, error: null, attempts: 0 })
  await settled()
})

test('a changed key removes the old one; a suspension, a change of the member and the end of the configuration reach the target', async () => {
  const { id, login } = await addTunnel()
  await settled()
  expect(network.entries.has(login)).toBe(true)
  await coin.pool.query(`UPDATE fixture_tunnel SET login = 'renamed' WHERE id = $1`, [id])
  await until(async () => network.entries.has('renamed') && !network.entries.has(login))
  await coin.pool.query(
    `INSERT INTO subscription_suspension (subscription_id, during) SELECT subscription_id, daterange(current_date - 1, NULL) FROM configuration WHERE id = $1`,
    [id],
  )
  await until(async () => !network.entries.has('renamed'))
  await settled()
  expect(await state(id)).toMatchObject({ state: 'in_sync', key: null })
  await coin.pool.query(
    `DELETE FROM subscription_suspension WHERE subscription_id = (SELECT subscription_id FROM configuration WHERE id = $1)`,
    [id],
  )
  await until(async () => network.entries.has('renamed'))
  await settled()

  network.entries.set('renamed', ['drifted'])
  await coin.pool.query(
    `UPDATE member SET nickname = 'n' WHERE id = (SELECT s.member_id FROM configuration c JOIN subscription s ON s.id = c.subscription_id WHERE c.id = $1)`,
    [id],
  )
  await until(async () => network.entries.get('renamed')?.length === 0)
  network.entries.set('renamed', ['drifted'])
  await coin.pool.query(
    `UPDATE offer SET name = name || '!' WHERE id = (SELECT o.offer_id FROM configuration c JOIN subscription_offer o USING (subscription_id) WHERE c.id = $1)`,
    [id],
  )
  await until(async () => network.entries.get('renamed')?.length === 0)
  await settled()

  const applied = network.applied
  await coin.write(tx => tx.execute(sql`UPDATE configuration SET comment = 'the target need not know' WHERE id = ${id}`))
  await settled()
  expect(network.applied).toBe(applied)

  network.broken = 'away'
  await coin.pool.query('DELETE FROM fixture_tunnel WHERE id = $1', [id])
  await until(async () => (await state(id))?.state === 'failed')
  network.broken = ''
  await until(async () => {
    await again()
    return !(await state(id))
  })
  expect(network.entries.has('renamed')).toBe(false)
})
