import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { addTestOffer, addTestPool, addTestSubscriber, blocksOf, forced, refusal } from './allocation-fixtures.ts'

let db: TestDatabase
let configuration: number
let clients: pg.Client[]
/** Each test has a network of its own. */
let network = 0

beforeAll(async () => {
  db = await testDatabase()
  configuration = (await addTestSubscriber(db.pool, await addTestOffer(db.pool))).configurationId
})
afterAll(() => db.close())
beforeEach(() => {
  network++
  clients = []
})
afterEach(async () => {
  for (const client of clients) await client.end()
})

async function session(begin = true): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: db.url })
  await client.connect()
  clients.push(client)
  if (begin) await client.query('BEGIN')
  return client
}
const sessions = (count: number) => Promise.all(Array.from({ length: count }, () => session(false)))

async function allocate(client: Pick<pg.Client, 'query'>, pool: number, length?: number): Promise<string> {
  const { rows } = await client.query<{ prefix: string }>('SELECT prefix::text FROM allocate_subnet($1, NULL, $2, $3)', [
    configuration,
    pool,
    length ?? null,
  ])
  return rows[0]?.prefix ?? ''
}

/** Runs the work again when the server ended a deadlock, as the application does. */
async function retried<R>(work: () => Promise<R>): Promise<R> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if ((error as pg.DatabaseError).code !== '40P01') throw error
    }
  }
}

async function untilWaiting(client: pg.Client): Promise<void> {
  const pid = (client as pg.Client & { processID: number }).processID
  for (;;) {
    const { rows } = await db.pool.query('SELECT cardinality(pg_blocking_pids($1)) > 0 AS waits', [pid])
    if (rows[0]?.waits) return
  }
}

describe('parallel writers', () => {
  it('fill a pool to its last block, and only then is one refused', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`], length: 30 })
    const given = await Promise.all(
      (await sessions(8)).map(async client => {
        const mine: string[] = []
        for (let i = 0; i < 8; i++) mine.push(await allocate(client, pool))
        return mine
      }),
    )
    expect(new Set(given.flat()).size).toBe(64)
    expect(new Set((await blocksOf(db.pool, pool)).map(block => block.split(' ')[0]))).toEqual(new Set(['taken']))
    expect((await refusal(allocate(db.pool, pool))).rule).toBe('ip_pool_full')
  })

  it('all succeed at once in an empty /8', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`${100 + network}.0.0.0/8`] })
    const given = await Promise.all((await sessions(8)).map(client => allocate(client, pool)))
    expect(new Set(given).size).toBe(8)
  })

  it('fill an IPv6 pool of mixed lengths exactly', async () => {
    const pool = await addTestPool(db.pool, { family: 6, prefixes: [`2001:db8:${2 * network}::/47`] })
    // 8 writers × (one /52 and 48 of /56) = 8/32 + 384/512
    const writers = await sessions(8)
    await Promise.all(
      writers.map(async client => {
        await retried(() => allocate(client, pool, 52))
        for (let i = 0; i < 48; i++) await retried(() => allocate(client, pool, 56))
      }),
    )
    expect((await refusal(allocate(db.pool, pool, 128))).rule).toBe('ip_pool_full')
    const { rows } = await db.pool.query('SELECT taken = addresses AS full FROM ip_pool_usage WHERE pool_id = $1', [pool])
    expect(rows[0].full).toBe(true)
  })

  it('allocate and free at random without an error, and leave the pool whole', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/22`] })
    await Promise.all(
      (await sessions(8)).map(async (client, writer) => {
        const mine: string[] = []
        for (let i = 0; i < 60; i++) {
          if (mine.length < 2 || (i * 7 + writer) % 3 > 0) mine.push(await retried(() => allocate(client, pool, 28 + ((i + writer) % 5))))
          if (mine.length > 1)
            await retried(() => client.query('DELETE FROM ip_subnet WHERE prefix = $1', [mine[0]])).then(() => mine.shift())
        }
        for (const prefix of mine) await retried(() => client.query('DELETE FROM ip_subnet WHERE prefix = $1', [prefix]))
      }),
    )
    // a block that was free but held by another at the moment of a merge is merged by the next round
    await db.pool.query('SELECT ip_end_rest()')
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/22`])
  })

  it('do not wait for an open transaction where there is another block to take', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    await allocate(db.pool, pool)
    const held = await session()
    expect(await allocate(held, pool)).toBe(`10.${network}.0.1/32`)
    const other = await session()
    await other.query(`SET LOCAL lock_timeout = '1ms'`)
    expect(await allocate(other, pool)).toBe(`10.${network}.0.2/32`)
    await held.query('ROLLBACK')
    expect(await allocate(other, pool)).toBe(`10.${network}.0.1/32`)
    await other.query('COMMIT')
  })

  it('wait for the only block there is, and take what is left of it', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/31`] })
    const [first, second, third] = [await session(), await session(), await session()]
    expect(await allocate(first, pool)).toBe(`10.${network}.0.0/32`)
    const given = allocate(second, pool)
    await untilWaiting(second)
    await first.query('COMMIT')
    expect(await given).toBe(`10.${network}.0.1/32`)
    const last = allocate(third, pool)
    await untilWaiting(third)
    await second.query('ROLLBACK')
    expect(await last).toBe(`10.${network}.0.1/32`)
    await third.query('COMMIT')
    expect((await refusal(allocate(db.pool, pool))).rule).toBe('ip_pool_full')
  })

  it('look again while they wait: another block may come free first', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/31`] })
    const held = await session()
    await db.pool.query('SELECT allocate_subnet($1, NULL, $2)', [configuration, pool])
    expect(await allocate(held, pool)).toBe(`10.${network}.0.1/32`)
    const waiting = await session()
    const given = allocate(waiting, pool)
    await untilWaiting(waiting)
    await db.pool.query('DELETE FROM ip_subnet WHERE prefix = $1', [`10.${network}.0.0/32`])
    expect(await given).toBe(`10.${network}.0.0/32`)
    await waiting.query('COMMIT')
    await held.query('COMMIT')
  })

  it('share what has rested long enough', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/28`], quarantineDays: 30 })
    for (let i = 0; i < 16; i++) await allocate(db.pool, pool)
    await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    const { rule, detail } = await refusal(allocate(db.pool, pool))
    expect(rule).toBe('ip_pool_full')
    expect(detail).toMatchObject({ largest_free: null, free: 0, resting: 16 })
    await forced(db.pool, `UPDATE ip_block SET rests_until = now() WHERE pool_id = ${pool}`)
    const given = await Promise.all((await sessions(8)).map(client => retried(() => allocate(client, pool, 31))))
    expect(new Set(given).size).toBe(8)
    expect((await refusal(allocate(db.pool, pool))).rule).toBe('ip_pool_full')
  })

  it('give the same prefix by hand to one of them', async () => {
    await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    const outcomes = await Promise.allSettled(
      (await sessions(4)).map(client =>
        retried(() =>
          client.query('INSERT INTO ip_subnet (configuration_id, prefix) VALUES ($1, $2)', [configuration, `10.${network}.0.8/29`]),
        ),
      ),
    )
    expect(outcomes.filter(outcome => outcome.status === 'fulfilled').length).toBe(1)
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason.constraint).toBe('ip_subnet_overlap')
  })
})

describe('blocks that are freed', () => {
  const free = (client: pg.Client, prefix: string) => client.query('DELETE FROM ip_subnet WHERE prefix = $1', [prefix])

  it('merge when two buddies are freed at the same moment, whoever commits first', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/31`] })
    for (let round = 0; round < 10; round++) {
      const prefixes = [await allocate(db.pool, pool), await allocate(db.pool, pool)]
      const both = await Promise.all(
        prefixes.map(async prefix => {
          const client = await session()
          await free(client, prefix)
          return client
        }),
      )
      await Promise.all(both.map(client => client.query('COMMIT')))
      expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/31`])
    }
  })

  it('do not hold up the freeing of their buddy before the commit', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/31`] })
    const [low, high] = [await allocate(db.pool, pool), await allocate(db.pool, pool)]
    const open = await session()
    await free(open, low)
    await db.pool.query('DELETE FROM ip_subnet WHERE prefix = $1', [high])
    await open.query('COMMIT')
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/31`])
  })

  it('merge at the next round when their buddy was being taken by somebody who gave up', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/31`] })
    const low = await allocate(db.pool, pool)
    const hesitant = await session()
    expect(await allocate(hesitant, pool)).toBe(`10.${network}.0.1/32`)
    await db.pool.query('DELETE FROM ip_subnet WHERE prefix = $1', [low])
    await hesitant.query('ROLLBACK')
    // asked for as a whole, it is merged on demand
    expect(await allocate(db.pool, pool, 31)).toBe(`10.${network}.0.0/31`)
  })

  it('are whole again after many were freed in one transaction', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    await db.pool.query('SELECT allocate_subnet($1, NULL, $2) FROM generate_series(1, 256)', [configuration, pool])
    await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/24`])
  })

  it('can be allocated and freed in one transaction, and freed space is whole within it', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/30`] })
    const client = await session()
    for (let i = 0; i < 4; i++) await allocate(client, pool)
    await client.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    expect(await allocate(client, pool, 30)).toBe(`10.${network}.0.0/30`)
    await client.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    await client.query('COMMIT')
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/30`])
    const { rows } = await db.pool.query('SELECT count(*)::int AS kept FROM ip_assignment WHERE pool_id = $1 AND NOT isempty(during)', [
      pool,
    ])
    expect(rows[0].kept).toBe(5)
  })

  it('can be taken by a transaction that began before', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/32`] })
    await allocate(db.pool, pool)
    const early = await session()
    await early.query('SELECT now()')
    await db.pool.query('DELETE FROM ip_subnet WHERE pool_id = $1', [pool])
    expect(await allocate(early, pool)).toBe(`10.${network}.0.0/32`)
    await early.query('COMMIT')
  })
})

describe('a writer that dies', () => {
  it('leaves nothing behind when its process is killed', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    const script = `
      const pg = require('pg'); const client = new pg.Client({ connectionString: ${JSON.stringify(db.url)}, application_name: 'doomed' })
      client.connect().then(() => client.query('BEGIN')).then(() => client.query('SELECT allocate_subnet(${configuration}, NULL, ${pool})'))
        .then(() => console.log('allocated')); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['-e', script], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (;;) {
      const { rows } = await db.pool.query(`SELECT count(*)::int AS left FROM pg_stat_activity WHERE application_name = 'doomed'`)
      if (rows[0].left === 0) break
    }
    expect(await blocksOf(db.pool, pool)).toEqual([`free 10.${network}.0.0/24`])
    expect(await allocate(db.pool, pool)).toBe(`10.${network}.0.0/32`)
  })

  it('holds off who removes its pool prefix, and is then in the way', async () => {
    const pool = await addTestPool(db.pool, { prefixes: [`10.${network}.0.0/24`] })
    const writer = await session()
    await allocate(writer, pool)
    const remover = await session()
    const removal = remover.query('DELETE FROM ip_pool_prefix WHERE pool_id = $1', [pool])
    const outcome = refusal(removal)
    await untilWaiting(remover)
    await writer.query('COMMIT')
    expect((await outcome).rule).toBe('ip_prefix_in_use')
  })
})
