import { drizzle } from 'drizzle-orm/node-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Tx } from '../db/database.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { addTestOffer, addTestPool, addTestSubscriber, blocksOf, refusal } from './allocation-fixtures.ts'
import { allocateSubnet, changeSubnet, giveSubnet, parsePrefix, releaseSubnet } from './rules.ts'

let db: TestDatabase
let tx: Tx
let configuration: number
let member: number
let network = 0

beforeAll(async () => {
  db = await testDatabase()
  tx = drizzle(db.pool) as unknown as Tx
  const subscriber = await addTestSubscriber(db.pool, await addTestOffer(db.pool), 'Vasseur')
  configuration = subscriber.configurationId
  member = subscriber.memberId
})
afterAll(() => db.close())
beforeEach(() => {
  network++
})

const give = (prefix: string, pool?: number) =>
  db.pool.query('INSERT INTO ip_subnet (configuration_id, pool_id, prefix) VALUES ($1, $2, $3)', [configuration, pool ?? null, prefix])
const addPrefix = (pool: number, prefix: string) =>
  db.pool.query('INSERT INTO ip_pool_prefix (pool_id, prefix) VALUES ($1, $2)', [pool, prefix])
const reserve = (prefix: string) => db.pool.query(`INSERT INTO ip_reserved (prefix, comment) VALUES ($1, 'routers')`, [prefix])
const query = async <R>(statement: string, ...values: unknown[]): Promise<R[]> => (await db.pool.query(statement, values)).rows

describe('a subnet', () => {
  it('is drawn at the default length when its row names a pool only', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`], length: 29 })
    const rows = await query(
      'INSERT INTO ip_subnet (configuration_id, pool_id) VALUES ($1, $2), ($1, $2) RETURNING prefix::text, family',
      configuration,
      pool,
    )
    expect(rows).toEqual([
      { prefix: `10.${network}.0.0/29`, family: 4 },
      { prefix: `10.${network}.0.8/29`, family: 4 },
    ])
  })

  it('finds its pool from its prefix', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    await give(`10.${network}.0.64/27`)
    expect(await query('SELECT pool_id::int FROM ip_subnet WHERE prefix = $1', `10.${network}.0.64/27`)).toEqual([{ pool_id: pool }])
  })

  it('is refused where another lies, with who and what is free instead', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.41.0/24`] })
    await give(`10.${network}.41.72/29`)
    const refused = await refusal(give(`10.${network}.41.72/30`, pool))
    expect(refused).toMatchObject({
      rule: 'ip_subnet_overlap',
      message: `10.${network}.41.72/30 is not free: 10.${network}.41.72/29 already covers it.`,
      hint: `The next free /30 is 10.${network}.41.64/30.`,
      detail: { overlaps: `10.${network}.41.72/29`, next_free: `10.${network}.41.64/30`, member_id: member, member_name: 'Vasseur' },
    })
    expect(refused.message + refused.hint).not.toContain('Vasseur')
    expect((await refusal(give(`10.${network}.41.64/28`))).message).toBe(
      `10.${network}.41.64/28 is not free: 10.${network}.41.72/29 lies inside it.`,
    )
    expect((await refusal(give(`10.${network}.41.72/29`))).message).toBe(`10.${network}.41.72/29 is taken already.`)
  })

  it('is refused outside of its pool', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    const other = await addTestPool(db.pool, { prefixes: [`10.${network}.1.0/24`] })
    for (const [prefix, named] of [
      [`10.${network}.0.0/23`, undefined],
      ['203.0.113.0/24', undefined],
      ['2001:db8:ffff::/48', undefined],
      [`10.${network}.1.8/29`, pool],
      [`10.${network}.0.8/29`, other],
      [`10.${network}.0.8/29`, 999_999],
    ] as const) {
      expect((await refusal(give(prefix, named))).rule).toBe('ip_subnet_outside_pool')
    }
    expect((await refusal(give(`10.${network}.1.8/29`, pool))).hint).toContain(`10.${network}.1.0/24`)
  })

  it('is refused with host bits set, by the type and in words by the rules', async () => {
    await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    expect((await refusal(give(`10.${network}.0.9/29`))).rule).toBe('22P02')
    expect(() => parsePrefix('198.51.100.9/29')).toThrow(
      expect.objectContaining({ code: 'invalid', values: { prefix: '198.51.100.9/29', network: '198.51.100.8/29' } }),
    )
    expect(parsePrefix(' 198.51.100.9 ')).toBe('198.51.100.9/32')
    expect(parsePrefix('2001:0DB8:12::/48')).toBe('2001:db8:12::/48')
    for (const nonsense of ['', 'a', '10.0.0.0/33', '10/8', '10.0.0.0/', '1.2.3.4/8/9', '::/129', '10.0.0/24']) {
      expect(() => parsePrefix(nonsense)).toThrow(expect.objectContaining({ code: 'invalid' }))
    }
  })

  it('changes its prefix in one go, also to one that overlaps the old', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`], quarantineDays: 10 })
    const subnet = await giveSubnet(tx, { configurationId: configuration, prefix: `10.${network}.0.8/29` })
    expect((await changeSubnet(tx, subnet.id, { prefix: `10.${network}.0.0/28` })).prefix).toBe(`10.${network}.0.0/28`)
    expect((await changeSubnet(tx, subnet.id, { prefix: `10.${network}.0.12/30` })).prefix).toBe(`10.${network}.0.12/30`)
    expect((await blocksOf(db.pool, pool)).slice(0, 3)).toEqual([
      `resting 10.${network}.0.0/29`,
      `resting 10.${network}.0.8/30`,
      `taken 10.${network}.0.12/30`,
    ])
    expect((await changeSubnet(tx, subnet.id, { prefix: null })).prefix).toBe(`10.${network}.0.16/32`)
    await expect(changeSubnet(tx, subnet.id, { prefix: `10.${network}.0.0/30`, version: 1 })).rejects.toMatchObject({ code: 'conflict' })
    await releaseSubnet(tx, subnet.id)
    await expect(releaseSubnet(tx, subnet.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('moves to another pool', async () => {
    await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    const other = await addTestPool(db.pool, { prefixes: [`10.${network}.1.0/24`], length: 30 })
    const subnet = await giveSubnet(tx, { configurationId: configuration, prefix: `10.${network}.0.8/29` })
    expect(await changeSubnet(tx, subnet.id, { prefix: `10.${network}.1.8/29` })).toMatchObject({ poolId: other })
    expect(await changeSubnet(tx, subnet.id, { prefix: null, poolId: other })).toMatchObject({ prefix: `10.${network}.1.0/30` })
    expect((await refusal(query('UPDATE ip_subnet SET prefix = $2 WHERE id = $1', subnet.id, `10.${network}.0.8/29`))).rule).toBe(
      'ip_subnet_outside_pool',
    )
  })

  it('is released with its configuration', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/30`] })
    const { configurationId } = await addTestSubscriber(db.pool, await addTestOffer(db.pool, [{ id: pool }]))
    expect((await query('SELECT FROM ip_subnet WHERE configuration_id = $1', configurationId)).length).toBe(1)
    await db.pool.query('DELETE FROM configuration WHERE id = $1', [configurationId])
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/30`])
  })

  it('tells both configurations when it passes from one to the other', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/30`] })
    const { configurationId } = await addTestSubscriber(db.pool, await addTestOffer(db.pool))
    const subnet = await allocateSubnet(tx, { configurationId: configuration, poolId: pool })
    await changeSubnet(tx, subnet.id, { configurationId })
    expect(
      await query(
        `SELECT configuration_id::int AS configuration, op FROM coin.outbox WHERE entity = 'subnet' AND entity_id = $1 ORDER BY id OFFSET 1`,
        subnet.id,
      ),
    ).toEqual(
      expect.arrayContaining([
        { configuration, op: 'removed' },
        { configuration: configurationId, op: 'changed' },
      ]),
    )
  })

  it('cannot be broken into by odd statements', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    const subnet = await giveSubnet(tx, { configurationId: configuration, prefix: `10.${network}.0.8/29` })
    const before = await blocksOf(db.pool, pool)
    const add = 'INSERT INTO ip_subnet (id, configuration_id, pool_id, prefix)'
    expect((await refusal(query('UPDATE ip_subnet SET id = id + 1000000 WHERE id = $1', subnet.id))).rule).toBe('ip_subnet_id_fixed')
    expect((await refusal(query(`${add} VALUES ($1, $2, $3, $4)`, subnet.id, configuration, pool, `10.${network}.0.64/29`))).rule).toBe(
      'ip_block_of_subnet',
    )
    expect(
      (
        await refusal(
          query(`${add} VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, subnet.id, configuration, pool, `10.${network}.0.64/29`),
        )
      ).rule,
    ).toMatch(/^ip_(block|subnet)/)
    expect((await refusal(query('UPDATE ip_subnet SET prefix = $2 WHERE pool_id = $1 OR id = 0', pool, `10.${network}.9.0/29`))).rule).toBe(
      'ip_subnet_outside_pool',
    )
    expect(
      (
        await refusal(
          query(`INSERT INTO ip_subnet (configuration_id, prefix) SELECT $1, p::cidr FROM unnest($2::text[]) AS p`, configuration, [
            `10.${network}.0.32/28`,
            `10.${network}.0.40/30`,
          ]),
        )
      ).rule,
    ).toBe('ip_subnet_overlap')
    expect((await refusal(query('INSERT INTO ip_subnet (configuration_id, prefix) VALUES (0, $1)', `10.${network}.0.64/29`))).rule).toBe(
      'ip_subnet_configuration',
    )
    expect((await refusal(query('TRUNCATE ip_subnet CASCADE'))).rule).toBe('ip_no_truncate')
    for (const written of [
      "UPDATE ip_block SET state = 'free', subnet_id = NULL",
      'DELETE FROM ip_block',
      'INSERT INTO ip_block SELECT * FROM ip_block',
    ]) {
      expect((await refusal(query(written))).rule).toBe('ip_block_kept')
    }
    expect(await blocksOf(db.pool, pool)).toEqual(before)
  })

  it('is not changed in a transaction that could not look again', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
      const client = await db.pool.connect()
      await client.query(`BEGIN ISOLATION LEVEL ${level}`)
      const refused = await refusal(
        client.query('INSERT INTO ip_subnet (configuration_id, pool_id) VALUES ($1, $2)', [configuration, pool]),
      )
      await client.query('ROLLBACK')
      client.release()
      expect(refused).toMatchObject({ rule: 'ip_isolation', hint: 'Use READ COMMITTED, which is the default.' })
    }
  })
})

describe('an offer’s pools', () => {
  it('are drawn from by priority, the next when one is full, at the offer’s length', async () => {
    const small = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/31`] })
    const large = await addTestPool(db.pool, { prefixes: [`10.${network}.1.0/24`] })
    const six = await addTestPool(db.pool, { family: 6, prefixes: [`2001:db8:${network}::/48`] })
    const offer = await addTestOffer(db.pool, [{ id: small, length: 31 }, { id: large, length: 30 }, { id: six }])
    const first = await addTestSubscriber(db.pool, offer)
    const second = await addTestSubscriber(db.pool, offer)
    const held = (id: number) => query('SELECT prefix::text FROM ip_subnet WHERE configuration_id = $1 ORDER BY family', id)
    expect(await held(first.configurationId)).toEqual([{ prefix: `10.${network}.0.0/31` }, { prefix: `2001:db8:${network}::/56` }])
    expect(await held(second.configurationId)).toEqual([{ prefix: `10.${network}.1.0/30` }, { prefix: `2001:db8:${network}:100::/56` }])
    expect(await allocateSubnet(tx, { configurationId: first.configurationId, family: 6, prefixLength: 60 })).toMatchObject({
      prefix: `2001:db8:${network}:200::/60`,
    })
    expect(await query('SELECT * FROM allocate_initial_subnets($1)', first.configurationId)).toEqual([])
  })

  it('refuse when all are full, or none is of the family', async () => {
    const [a, b] = [
      await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/32`] }),
      await addTestPool(db.pool, { prefixes: [`10.${network}.1.0/32`] }),
    ]
    const offer = await addTestOffer(db.pool, [{ id: a }, { id: b }])
    const { configurationId } = await addTestSubscriber(db.pool, offer)
    await allocateSubnet(tx, { configurationId })
    const full = await refusal(db.pool.query('SELECT allocate_subnet($1)', [configurationId]))
    expect(full).toMatchObject({ rule: 'ip_pool_full', detail: { pool_id: a, pools: [{ pool_id: a }, { pool_id: b }] } })
    expect((await refusal(addTestSubscriber(db.pool, offer))).rule).toBe('ip_pool_full')
    expect((await refusal(query('SELECT allocate_subnet($1, 6)', configurationId))).rule).toBe('ip_pool_no_pool')
    expect((await refusal(query('SELECT allocate_subnet($1, 6, $2)', configurationId, a))).rule).toBe('ip_pool_family')
    expect((await refusal(query('SELECT allocate_subnet($1, 4, $2, 33)', configurationId, a))).rule).toBe('ip_prefix_length')
    expect((await refusal(query('SELECT allocate_subnet($1, NULL, 0)', configurationId))).rule).toBe('ip_pool_unknown')
    expect((await refusal(query('SELECT allocate_subnet(0)'))).rule).toBe('ip_subnet_configuration')
    expect(
      (
        await refusal(
          query('INSERT INTO offer_pool (offer_id, pool_id, prefix_length) VALUES ($1, $2, 64)', await addTestOffer(db.pool), a),
        )
      ).rule,
    ).toBe('ip_prefix_length')
  })

  it('say what is left when full', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/29`], quarantineDays: 5 })
    await give(`10.${network}.0.0/30`)
    await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    const { detail, hint } = await refusal(query('SELECT allocate_subnet($1, 4, $2, 29)', configuration, pool))
    expect(detail).toMatchObject({ largest_free: `10.${network}.0.4/30`, free: 4, resting: 4, prefix_length: 29 })
    expect(Date.parse(String(detail.resting_until))).toBeGreaterThan(Date.now())
    expect(hint).toContain(`The largest free block is 10.${network}.0.4/30. 4 addresses rest`)
    await give(`10.${network}.0.0/31`)
    expect((await blocksOf(db.pool, pool))[1]).toBe(`resting 10.${network}.0.2/31`)
  })
})

describe('a pool’s space', () => {
  it('never overlaps that of another, and has one family', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    const other = await addTestPool(db.pool, { prefixes: [] })
    for (const prefix of [`10.${network}.0.0/24`, `10.${network}.0.0/20`, `10.${network}.0.64/26`]) {
      expect(await refusal(addPrefix(other, prefix))).toMatchObject({ rule: 'ip_prefix_overlap', detail: { pool_id: pool } })
    }
    expect((await refusal(addPrefix(other, '2001:db8:ffff::/48'))).rule).toBe('ip_prefix_family')
    expect((await refusal(query('UPDATE ip_pool SET family = 6, default_prefix_length = 56 WHERE id = $1', pool))).rule).toBe(
      'ip_pool_family_fixed',
    )
  })

  it('grows and merges, and shrinks where nothing is cut off', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.2.0/24`] })
    const resize = (prefix: string) => query('UPDATE ip_pool_prefix SET prefix = $2 WHERE pool_id = $1', pool, prefix)
    await resize(`10.${network}.0.0/22`)
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/22`])
    await give(`10.${network}.1.0/25`)
    const refused = await refusal(resize(`10.${network}.2.0/23`))
    expect(refused).toMatchObject({ rule: 'ip_prefix_in_use', detail: { taken: 1, first: `10.${network}.1.0/25` } })
    await resize(`10.${network}.1.0/24`)
    expect(await blocksOf(db.pool, pool)).toEqual([`taken 10.${network}.1.0/25`, `free 10.${network}.1.128/25`])
    expect((await refusal(resize(`10.${network}.4.0/24`))).rule).toBe('ip_prefix_in_use')
    await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    await resize(`10.${network}.1.16/28`)
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.1.16/28`])
    await resize(`10.${network}.4.0/24`)
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.4.0/24`])
  })

  it('is not removed while something is taken, and rests again when it comes back', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`], quarantineDays: 10 })
    await give(`10.${network}.0.16/28`)
    const remove = () => query('DELETE FROM ip_pool_prefix WHERE pool_id = $1', pool)
    expect((await refusal(remove())).rule).toBe('ip_prefix_in_use')
    expect((await refusal(query('DELETE FROM ip_pool WHERE id = $1', pool))).rule).toBe('ip_pool_in_use')
    await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    await remove()
    expect(await blocksOf(db.pool, pool)).toEqual([])
    await addPrefix(pool, `10.${network}.0.0/26`)
    expect(await blocksOf(db.pool, pool)).toEqual([
      `free 10.${network}.0.0/28`,
      `resting 10.${network}.0.16/28`,
      `free 10.${network}.0.32/27`,
    ])
    await db.pool.query('DELETE FROM ip_pool WHERE id = $1', [pool])
    expect(await blocksOf(db.pool, pool)).toEqual([])
  })

  it('has prefixes that never merge with each other', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/25`, `10.${network}.0.128/25`] })
    for (let i = 0; i < 2; i++) await allocateSubnet(tx, { configurationId: configuration, poolId: pool, prefixLength: 25 })
    expect((await refusal(query('SELECT allocate_subnet($1, 4, $2, 24)', configuration, pool))).rule).toBe('ip_pool_full')
    await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/25`, `free 10.${network}.0.128/25`])
    expect((await refusal(give(`10.${network}.0.0/24`))).rule).toBe('ip_subnet_outside_pool')
  })

  it('keeps reserved ranges out of reach until they are removed', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/29`], length: 30 })
    await reserve(`10.${network}.0.0/30`)
    expect(await refusal(give(`10.${network}.0.2/31`))).toMatchObject({
      rule: 'ip_subnet_reserved',
      message: `10.${network}.0.2/31 is reserved (10.${network}.0.0/30, routers).`,
      hint: `The next free /31 is 10.${network}.0.4/31. Or remove the reserved range first.`,
    })
    expect(await allocateSubnet(tx, { configurationId: configuration, poolId: pool })).toMatchObject({ prefix: `10.${network}.0.4/30` })
    expect((await refusal(query('SELECT allocate_subnet($1, 4, $2)', configuration, pool))).rule).toBe('ip_pool_full')
    expect((await refusal(reserve(`10.${network}.0.4/32`))).rule).toBe('ip_reserved_taken')
    expect((await refusal(reserve(`10.${network}.0.0/31`))).rule).toBe('ip_reserved_overlap')
    expect((await refusal(reserve(`10.${network}.1.0/31`))).rule).toBe('ip_reserved_outside_pool')
    await query('UPDATE ip_reserved SET prefix = $1 WHERE pool_id = $2', `10.${network}.0.0/31`, pool)
    expect(await blocksOf(db.pool, pool)).toEqual([
      `reserved 10.${network}.0.0/31`,
      `free 10.${network}.0.2/31`,
      `taken 10.${network}.0.4/30`,
    ])
    await query('DELETE FROM ip_subnet WHERE pool_id = $1', pool)
    await query('DELETE FROM ip_reserved WHERE pool_id = $1', pool)
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/29`])
  })

  it('is counted in addresses', async () => {
    const pool = await addTestPool(db.pool, { family: 6, prefixes: [`2001:db8:${network}::/48`], quarantineDays: 9 })
    await reserve(`2001:db8:${network}:ff00::/56`)
    const subnet = await allocateSubnet(tx, { configurationId: configuration, poolId: pool })
    await allocateSubnet(tx, { configurationId: configuration, poolId: pool, prefixLength: 128 })
    await releaseSubnet(tx, subnet.id)
    const [usage] = await query<Record<string, string>>('SELECT * FROM ip_pool_usage WHERE pool_id = $1', pool)
    expect(usage).toMatchObject({
      addresses: String(2n ** 80n),
      taken: '1',
      resting: String(2n ** 72n),
      reserved: String(2n ** 72n),
      free: String(2n ** 80n - 2n ** 73n - 1n),
      largest_free: `2001:db8:${network}::/49`,
      next_free: `2001:db8:${network}:fd00::/56`,
    })
  })

  it('covers the whole of IPv6 down to single addresses', async () => {
    const pool = await addTestPool(db.pool, { family: 6, prefixes: ['4000::/3'], length: 128 })
    expect(await allocateSubnet(tx, { configurationId: configuration, poolId: pool })).toMatchObject({ prefix: '4000::/128' })
    expect(await allocateSubnet(tx, { configurationId: configuration, poolId: pool, prefixLength: 4 })).toMatchObject({
      prefix: '5000::/4',
    })
    await query('DELETE FROM ip_subnet WHERE pool_id = $1', pool)
    expect(await blocksOf(db.pool, pool)).toEqual(['free 4000::/3'])
  })
})
