import { drizzle } from 'drizzle-orm/node-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Tx } from '../db/database.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { addTestOffer, addTestPool, addTestSubscriber, forced, refusal, type TestSubscriber } from './allocation-fixtures.ts'
import { allocateSubnet, changeSubnet, releaseSubnet } from './rules.ts'

let db: TestDatabase
let tx: Tx
let network = 0
let pool: number
let offer: number
let ann: TestSubscriber
let bob: TestSubscriber

beforeAll(async () => {
  db = await testDatabase()
  tx = drizzle(db.pool) as unknown as Tx
})
afterAll(() => db.close())
beforeEach(async () => {
  network++
  pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
  offer = await addTestOffer(db.pool)
  ann = await addTestSubscriber(db.pool, offer, 'Ann')
  bob = await addTestSubscriber(db.pool, offer, 'Bob')
})

const query = async <R>(statement: string, ...values: unknown[]): Promise<R[]> => (await db.pool.query(statement, values)).rows
/** Rewrites history, which is refused unless asked for in so many words. */
const rewrite = async (statement: string, ...values: unknown[]) => {
  const client = await db.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SET LOCAL coin.rewrite_assignments = 'on'`)
    await client.query(statement, values)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
const now = async () => (await query<{ now: string }>('SELECT clock_timestamp()::text AS now'))[0]?.now
const holder = async (address: string, at?: string) =>
  (
    await query<{ name: string }>('SELECT member_name AS name FROM ip_holder_at($1, coalesce($2, clock_timestamp()))', address, at ?? null)
  ).map(row => row.name)
const kept = (prefix: string) =>
  query<{ name: string; current: boolean }>(
    'SELECT member_name AS name, upper_inf(during) AS current FROM ip_assignment WHERE prefix = $1 ORDER BY during',
    prefix,
  )

describe('who held an address', () => {
  it('is known for each moment, by one look-up', async () => {
    const before = await now()
    const subnet = await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool, prefixLength: 29 })
    const anns = await now()
    await releaseSubnet(tx, subnet.id)
    const between = await now()
    await query('INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, $2)', bob.configurationId, `10.${network}.0.2/31`)
    const address = `10.${network}.0.3`
    expect(await holder(address, before)).toEqual([])
    expect(await holder(address, anns)).toEqual(['Ann'])
    expect(await holder(address, between)).toEqual([])
    expect(await holder(address)).toEqual(['Bob'])
    expect(await holder(`10.${network}.0.4`)).toEqual([])
    const plan = await query<Record<string, string>>(`EXPLAIN SELECT * FROM ip_holder_at('${address}', now())`)
    expect(JSON.stringify(plan)).toContain('ip_assignment')
  })

  it('follows the subscription to another member, and the configuration to another subscription', async () => {
    const { prefix } = await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool })
    await query('UPDATE subscription SET member_id = $2 WHERE id = $1', ann.subscriptionId, bob.memberId)
    expect(await kept(prefix)).toEqual([
      { name: 'Ann', current: false },
      { name: 'Bob', current: true },
    ])
    await query(`UPDATE subscription SET comments = 'x', member_id = member_id WHERE id = $1`, ann.subscriptionId)
    expect((await kept(prefix)).length).toBe(2)
    const third = await addTestSubscriber(db.pool, offer, 'Cleo')
    await query('DELETE FROM configuration WHERE id = $1', third.configurationId)
    await query('UPDATE configuration SET subscription_id = $2 WHERE id = $1', ann.configurationId, third.subscriptionId)
    expect(await holder(prefix)).toEqual(['Cleo'])
    expect((await kept(prefix)).length).toBe(3)
  })

  it('follows the subnet to another configuration and another prefix', async () => {
    const subnet = await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool })
    await changeSubnet(tx, subnet.id, { configurationId: bob.configurationId })
    await changeSubnet(tx, subnet.id, { prefix: `10.${network}.0.8/29` })
    expect(await kept(subnet.prefix)).toEqual([
      { name: 'Ann', current: false },
      { name: 'Bob', current: false },
    ])
    expect(await kept(`10.${network}.0.8/29`)).toEqual([{ name: 'Bob', current: true }])
  })

  it('survives the removal of all that it names', async () => {
    const { prefix } = await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool })
    const held = await now()
    await query('DELETE FROM subscription WHERE id = $1', ann.subscriptionId)
    await query('DELETE FROM member WHERE id = $1', ann.memberId)
    await query('DELETE FROM ip_pool WHERE id = $1', pool)
    expect(await holder(prefix, held)).toEqual(['Ann'])
    expect(await kept(prefix)).toEqual([{ name: 'Ann', current: false }])
  })

  it('is the member who is there at the commit, when a subscription changes hands meanwhile', async () => {
    const change = await db.pool.connect()
    await change.query('BEGIN')
    await change.query('UPDATE subscription SET member_id = $2 WHERE id = $1', [ann.subscriptionId, bob.memberId])
    const allocation = allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool })
    for (;;) {
      const rows = await query('SELECT FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0')
      if (rows.length > 0) break
    }
    await change.query('COMMIT')
    change.release()
    expect(await holder((await allocation).prefix)).toEqual(['Bob'])
  })

  it('never has two answers, whoever writes', async () => {
    const { prefix } = await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool, prefixLength: 30 })
    const statement = `INSERT INTO ip_assignment (prefix, during, pool_id, subnet_id, configuration_id, subscription_id, subscription_reference, member_id, member_name)
      VALUES ($1, tstzrange($2, $3), 0, 0, 0, 0, '', 0, 'Eve')`
    const add = (...values: unknown[]) => rewrite(statement, ...values)
    const past = `10.${network}.0.64/26`
    expect((await refusal(query(statement, past, '2020-01-01', '2021-01-01'))).rule).toBe('ip_assignment_kept')
    await add(past, '2020-01-01', '2021-01-01')
    expect((await refusal(add(`10.${network}.0.1/32`, 'now', null))).rule).toBe('ip_assignment_current_overlap')
    for (const [from, until] of [
      ['2020-01-01', null],
      ['2020-02-01', '2020-03-01'],
      ['2019-01-01', '2020-01-02'],
    ]) {
      expect((await refusal(add(past, from, until))).rule).toBe('ip_assignment_overlap')
    }
    expect((await refusal(add(prefix, '2020-01-01', '2999-01-01'))).rule).toBe('ip_assignment_overlap')
    await query('INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, $2)', ann.configurationId, `10.${network}.0.80/32`)
    const stretch = rewrite(`UPDATE ip_assignment SET during = '[2020-01-01,2999-01-01)' WHERE prefix = $1`, past)
    expect((await refusal(stretch)).rule).toBe('ip_assignment_overlap')
    expect((await refusal(add(prefix, '2020-01-01', '2020-01-01'))).rule).toBe('ip_assignment_not_empty')
    expect((await refusal(add(prefix, null, '2020-01-01'))).rule).toBe('ip_assignment_not_empty')
  })

  it('is never overwritten, removed or ended by hand', async () => {
    const { prefix, id } = await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool })
    for (const statement of [
      `UPDATE ip_assignment SET member_name = 'Eve' WHERE subnet_id = ${id}`,
      `UPDATE ip_assignment SET during = tstzrange(lower(during), now()) WHERE subnet_id = ${id}`,
      `SELECT coin.close_assignment(${id})`,
      `DELETE FROM ip_assignment WHERE subnet_id = ${id}`,
      'TRUNCATE ip_assignment',
    ]) {
      expect((await refusal(query(statement))).rule).toBe('ip_assignment_kept')
    }
    expect(await holder(prefix)).toEqual(['Ann'])
  })

  it('goes on from the end of the one before, even when the clock is behind', async () => {
    const { prefix, id } = await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool })
    await releaseSubnet(tx, id)
    await rewrite(`UPDATE ip_assignment SET during = tstzrange(lower(during), now() + interval '1 hour') WHERE subnet_id = $1`, id)
    await query('INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, $2)', bob.configurationId, prefix)
    const rows = await query<{ apart: string }>(
      `SELECT (lower(b.during) - upper(a.during))::text AS apart FROM ip_assignment a, ip_assignment b
       WHERE a.prefix = $1 AND b.prefix = $1 AND a.member_name = 'Ann' AND b.member_name = 'Bob'`,
      prefix,
    )
    expect(rows).toEqual([{ apart: '00:00:00' }])
    await query('DELETE FROM ip_subnet WHERE prefix = $1', prefix)
    expect((await kept(prefix)).map(row => row.current)).toEqual([false, false])
  })
})

describe('as time passes', () => {
  const done = async (statement: string, atMost: number) => (await query<{ done: number }>(statement, atMost))[0]?.done
  const endRests = (atMost: number) => done('SELECT ip_end_rest($1) AS done', atMost)
  const purge = (atMost: number) => done(`SELECT ip_purge_history('1 year', $1) AS done`, atMost)

  it('rests end, in batches', async () => {
    const resting = await addTestPool(db.pool, { prefixes: [`10.${network}.1.0/29`], quarantineDays: 3 })
    for (let i = 0; i < 8; i++) await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: resting })
    await query('DELETE FROM ip_subnet WHERE pool_id = $1', resting)
    expect(await endRests(3)).toBe(0)
    await forced(db.pool, `UPDATE ip_block SET rests_until = now() WHERE pool_id = ${resting}`)
    expect([await endRests(3), await endRests(3), await endRests(3), await endRests(3)]).toEqual([3, 3, 2, 0])
    expect(await query('SELECT prefix::text, state FROM ip_block WHERE pool_id = $1', resting)).toEqual([
      { prefix: `10.${network}.1.0/29`, state: 'free' },
    ])
  })

  it('what ended before the legal term is forgotten, in batches, and nothing else', async () => {
    await rewrite('DELETE FROM ip_assignment WHERE NOT upper_inf(during)')
    for (let i = 0; i < 5; i++) {
      const { id } = await allocateSubnet(tx, { configurationId: ann.configurationId, poolId: pool })
      if (i < 4) await releaseSubnet(tx, id)
    }
    await rewrite(
      `UPDATE ip_assignment a SET during = tstzrange(timestamptz '2020-01-01' + r.n * interval '1 day', timestamptz '2020-01-01' + (r.n + 1) * interval '1 day')
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM ip_assignment WHERE pool_id = $1 AND NOT upper_inf(during) ORDER BY id LIMIT 3) AS r WHERE r.id = a.id`,
      pool,
    )
    expect([await purge(2), await purge(2), await purge(2)]).toEqual([2, 1, 0])
    expect((await query('SELECT FROM ip_assignment WHERE pool_id = $1', pool)).length).toBe(2)
  })
})
