import { addConfiguration, addPool, addSubnet, type TestCoin, testCoin } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import withSubnetEvent, { tunnels } from '../fixtures/apps/with-subnet-event/index.ts'

let coin: TestCoin
let pool: number
beforeAll(async () => {
  coin = await testCoin({ apps: [withSubnetEvent()] })
  pool = await addPool(coin, '198.51.100.0/24')
  await addPool(coin, '203.0.113.0/24')
})
afterAll(() => coin.close())

const told = async (id: number) =>
  (
    await coin.pool.query<{ changes: string[] }>('SELECT changes FROM fixture_event WHERE configuration_id = $1 ORDER BY id', [id])
  ).rows.map(row => row.changes)
const endpointOf = async (id: number) =>
  (await coin.pool.query<{ endpoint: string | null }>('SELECT endpoint FROM fixture_tunnel WHERE id = $1', [id])).rows[0]?.endpoint
let login = 0
const tunnel = () => addConfiguration(coin, tunnels, { login: `t${++login}` })

test('added, modified and removed are told inside the transaction, with the configuration as it is then', async () => {
  const id = await tunnel()
  const subnet = await addSubnet(coin, id, { prefix: '198.51.100.8/32' })
  expect(await told(id)).toEqual([['added 198.51.100.8/32']])
  expect(await endpointOf(id)).toBe('198.51.100.8')

  await coin.write(tx => tx.execute(sql`UPDATE ip_subnet SET prefix = '198.51.100.9/32' WHERE id = ${subnet}`))
  expect((await told(id)).at(-1)).toEqual(['modified 198.51.100.9/32'])
  expect(await endpointOf(id)).toBe('198.51.100.9')

  await coin.write(tx => tx.execute(sql`DELETE FROM ip_subnet WHERE id = ${subnet}`))
  expect((await told(id)).at(-1)).toEqual(['removed 198.51.100.9/32'])
  expect(await endpointOf(id)).toBeNull()
})

test('the changes of one transaction come together', async () => {
  const id = await tunnel()
  await coin.write(async tx => {
    await tx.execute(sql`SELECT allocate_subnet(${id}, NULL, ${pool}::bigint, NULL)`)
    await tx.execute(sql`SELECT allocate_subnet(${id}, NULL, ${pool}::bigint, NULL)`)
  })
  expect((await told(id)).map(changes => changes.length)).toEqual([2])
})

test('what it throws refuses the change: nothing of the transaction is written', async () => {
  const id = await tunnel()
  const refused = coin.write(async tx => {
    await tx.execute(sql`UPDATE fixture_tunnel SET login = 'renamed' WHERE id = ${id}`)
    await tx.execute(sql`INSERT INTO ip_subnet (configuration_id, prefix) VALUES (${id}, '203.0.113.1/32')`)
  })
  await expect(refused).rejects.toMatchObject({
    code: 'refused',
    message: '{{prefix}} is not for tunnels.',
    values: { prefix: '203.0.113.1/32' },
  })
  expect(await told(id)).toEqual([])
  const { rows } = await coin.pool.query(
    'SELECT login, (SELECT count(*)::int FROM ip_subnet WHERE configuration_id = t.id) AS subnets FROM fixture_tunnel t WHERE id = $1',
    [id],
  )
  expect(rows).toEqual([{ login: expect.stringMatching(/^t\d+$/), subnets: 0 }])
})

test('a subnet that moves is told to both', async () => {
  const [from, to] = [await tunnel(), await tunnel()]
  const subnet = await addSubnet(coin, from, { prefix: '198.51.100.77/32' })
  await coin.write(tx => tx.execute(sql`UPDATE ip_subnet SET configuration_id = ${to} WHERE id = ${subnet}`))
  expect((await told(from)).at(-1)).toEqual(['removed 198.51.100.77/32'])
  expect((await told(to)).flat()).toEqual([expect.stringMatching(/^(added|modified) 198\.51\.100\.77\/32$/)])
})
