import { addMember, type TestCoin, testCoin } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import withAfterCommit from '../../../test/fixtures/apps/with-after-commit/index.ts'
import withJob from '../../../test/fixtures/apps/with-job/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { enqueue } from './enqueue.ts'
import { listeners } from './listeners.ts'
import { adoptDeliveries, relay } from './relay.ts'
import { type RunningWorker, startWorker } from './worker.ts'

let coin: TestCoin
let worker: RunningWorker
const said: string[] = []
const log = { info: (message: string) => said.push(message), warn: (message: string) => said.push(message) }
beforeAll(async () => {
  coin = await testCoin({ apps: [withAfterCommit(), withJob()] })
  worker = await startWorker(coin, { log })
})
afterAll(async () => {
  await worker.stop()
  await coin.close()
})

const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const told = (event: string, id: number) =>
  rows<{ op: string; changed: string[]; call: string }>(
    'SELECT op, changed, call FROM told WHERE event = $1 AND entity_id = $2 ORDER BY id',
    [event, id],
  )
const idle = () =>
  until(
    async () =>
      (
        await rows(
          `SELECT FROM coin.outbox UNION ALL SELECT FROM coin.delivery UNION ALL SELECT FROM graphile_worker.jobs WHERE task_identifier NOT LIKE 'system:%'`,
        )
      ).length === 0,
  )

test('a change made in psql reaches the app after its commit, with all changes of the transaction in order', async () => {
  const id = await addMember(coin)
  await idle()
  await coin.pool.query(`
    BEGIN;
    UPDATE member SET city = 'Paris' WHERE id = ${id};
    UPDATE member SET city = 'Lyon', nickname = 'x' WHERE id = ${id};
    COMMIT`)
  await until(async () => (await told('member', id)).length === 3)
  const [, first, second] = await told('member', id)
  expect([first?.changed, second?.changed]).toEqual([['city'], ['city', 'nickname']])
  expect(first?.call).toBe(second?.call)
})

test('a change made through Coin is told before the commit and after it, once each', async () => {
  const id = await addMember(coin)
  await until(async () => (await told('member', id)).length > 0)
  await idle()
  expect((await told('member', id)).map(({ op }) => op)).toEqual(['added'])
  expect(await rows('SELECT op FROM told_before WHERE entity_id = $1', [id])).toEqual([{ op: 'added' }])
})

test('what is rolled back is told to nobody, and its jobs do not run', async () => {
  const before = await rows('SELECT max(id) AS last FROM told')
  await expect(
    coin.write(async tx => {
      await tx.execute(sql`INSERT INTO member (last_name, email) VALUES ('Gone', 'gone@example.org')`)
      await enqueue(tx, 'with_job:write', { text: 'rolled back' })
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  const id = await addMember(coin)
  await until(async () => (await told('member', id)).length > 0)
  await idle()
  expect(await rows(`SELECT FROM told WHERE id > $1 AND entity_id <> $2`, [(before[0] as { last: number }).last, id])).toEqual([])
  expect(await rows(`SELECT FROM note WHERE text = 'rolled back'`)).toEqual([])
})

test('a handler that fails keeps its changes, says why, and gets them again with what came since', async () => {
  const id = await addMember(coin)
  await idle()
  await coin.pool.query('INSERT INTO told_refused VALUES ($1)', [id])
  await coin.pool.query(`UPDATE member SET city = 'Paris' WHERE id = $1`, [id])
  const [failed] = await until(async () => {
    const found = await rows<{ attempts: number; error: string }>(
      'SELECT attempts, error FROM coin.delivery WHERE key = $1 AND attempts > 0',
      [id],
    )
    return found.length > 0 && found
  })
  expect(failed).toMatchObject({ error: `The fixture refuses member ${id}` })
  expect((await told('member', id)).length).toBe(1)
  // another one is not held up by it
  const other = await addMember(coin)
  await until(async () => (await told('member', other)).length === 1)
  await coin.pool.query('DELETE FROM told_refused WHERE entity_id = $1', [id])
  await coin.pool.query(`UPDATE member SET nickname = 'x' WHERE id = $1`, [id])
  await until(async () => (await told('member', id)).length === 3)
  await idle()
  expect((await told('member', id)).map(({ changed }) => changed).slice(1)).toEqual([['city'], ['nickname']])
})

test('a job runs as its app, with what was given; a key that waits runs once, with the last payload', async () => {
  const soon = new Date(Date.now() + 1500)
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'first' }, { key: 'k', runAt: soon }))
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'second' }, { key: 'k', runAt: soon }))
  await until(async () => (await rows(`SELECT FROM note WHERE text = 'second'`)).length > 0)
  await idle()
  expect(await rows(`SELECT text, app FROM note WHERE text IN ('first', 'second')`)).toEqual([{ text: 'second', app: 'with_job' }])
})

test('a key whose job runs at this moment gets one more run', async () => {
  await coin.pool.query(`INSERT INTO note_slow VALUES ('slow', 1500)`)
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'slow' }, { key: 'again' }))
  await until(
    async () => (await rows(`SELECT FROM graphile_worker.jobs WHERE key = 'with_job:write:again' AND locked_at IS NOT NULL`)).length > 0,
  )
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'after' }, { key: 'again' }))
  await until(async () => (await rows(`SELECT FROM note WHERE text IN ('slow', 'after')`)).length === 2)
  await idle()
})

test('jobs of one queue run one after the other, and hold up no other queue', async () => {
  await coin.pool.query(`INSERT INTO note_slow VALUES ('lane 1', 1000)`)
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'lane 1' }, { queue: 'a' }))
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'lane 2' }, { queue: 'a' }))
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'lane 3' }, { queue: 'b' }))
  await until(async () => (await rows(`SELECT FROM note WHERE text LIKE 'lane %'`)).length === 3)
  expect((await rows<{ text: string }>(`SELECT text FROM note WHERE text LIKE 'lane %' ORDER BY id`)).map(({ text }) => text)).toEqual([
    'lane 1',
    'lane 3',
    'lane 2',
  ])
  await idle()
})

test('a job that fails is tried again, leaves nothing of the failed attempt, and never gives up', async () => {
  await coin.pool.query(`INSERT INTO note_failure VALUES ('wrong', 'Not now')`)
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'wrong' }, { key: 'wrong' }))
  // as if it had failed many times
  await until(
    async () =>
      (
        await rows(
          `UPDATE graphile_worker._private_jobs SET attempts = 500, run_at = now() WHERE key = 'with_job:write:wrong' AND last_error = 'Not now' AND locked_at IS NULL RETURNING 1`,
        )
      ).length > 0,
  )
  const [waiting] = await until(async () => {
    const found = await rows<{ wait: number }>(
      `SELECT extract(epoch FROM run_at - now())::int AS wait FROM graphile_worker.jobs WHERE key = 'with_job:write:wrong' AND attempts = 5`,
    )
    return found.length > 0 && found
  })
  expect(waiting?.wait).toBeLessThan(300)
  expect(await rows(`SELECT FROM note WHERE text = 'wrong'`)).toEqual([])
  await coin.pool.query(`DELETE FROM note_failure WHERE text = 'wrong'`)
  await coin.pool.query(`UPDATE graphile_worker._private_jobs SET run_at = now() WHERE key = 'with_job:write:wrong'`)
  await until(async () => (await rows(`SELECT FROM note WHERE text = 'wrong'`)).length === 1)
  expect(said.some(line => line.includes('Not now'))).toBe(true)
})

test('a job that nobody has is refused where it is asked for', async () => {
  await expect(coin.asSystem('test', () => coin.write(tx => enqueue(tx, 'with_job:wirte', {})))).rejects.toThrow('with_job:write')
})

test('changes whose job somebody removed are found and told', async () => {
  const id = await addMember(coin)
  await idle()
  await coin.pool.query(
    `INSERT INTO coin.delivery (handler, key, change, at) VALUES ('with_after_commit:member', $1, '{"op": "changed", "id": 1, "changed": ["x"], "detail": {}}', now())`,
    [id],
  )
  await Promise.all([1, 2].map(() => adoptDeliveries(coin.database.db, ['with_after_commit:member'])))
  await until(async () => (await told('member', id)).length === 2)
  await idle()
  expect((await told('member', id)).length).toBe(2)
})

test('a worker whose connections were cut works on', async () => {
  await coin.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('coin worker', 'coin jobs')`,
  )
  const id = await addMember(coin)
  await until(async () => (await told('member', id)).length === 1)
  await idle()
  expect((await rows('SELECT FROM coin.worker')).length).toBe(1)
})

test('ten thousand changes are moved by a constant number of statements a batch', async () => {
  await worker.stop()
  await coin.pool.query(
    `INSERT INTO coin.outbox (entity, entity_id, op, changed) SELECT 'subscription', n % 3000, 'changed', '{x}' FROM generate_series(1, 10000) AS n`,
  )
  const consumers = listeners(coin).consumers ?? []
  let statements = 0
  const counted = drizzle(coin.pool, { logger: { logQuery: () => void statements++ } }) as unknown as typeof coin.database.db
  for (let batch = 1; batch <= 10; batch++) expect(await relay(counted, consumers)).toBe(1000)
  expect(statements).toBeLessThan(100)
  expect(await rows('SELECT count(*)::int AS count FROM coin.delivery')).toEqual([{ count: 10_000 }])
  expect(await rows(`SELECT count(*)::int AS count FROM graphile_worker.jobs WHERE key LIKE 'deliver:%'`)).toEqual([{ count: 3000 }])
  expect(await relay(counted, consumers)).toBe(0)
})
