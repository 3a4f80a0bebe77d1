import { setTimeout as sleep } from 'node:timers/promises'
import { addMember, type TestCoin, testCoin } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import withAfterCommit from '../../../test/fixtures/apps/with-after-commit/index.ts'
import withJob from '../../../test/fixtures/apps/with-job/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { kill, workerProcess } from '../../../test/fixtures/worker/process.ts'
import { enqueue } from './enqueue.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [withAfterCommit(), withJob()] })
})
afterAll(() => coin.close())

const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const idle = () =>
  until(
    async () =>
      (
        await rows(
          `SELECT FROM coin.outbox UNION ALL SELECT FROM coin.delivery UNION ALL SELECT FROM graphile_worker.jobs WHERE task_identifier NOT LIKE 'system:%'`,
        )
      ).length === 0,
  )
const pick = (below: number) => Math.floor(Math.random() * below)

test('a job and its queue that a killed worker held are soon another’s', async () => {
  const first = await workerProcess(coin.url)
  await coin.pool.query(`INSERT INTO note_slow VALUES ('held', 600000)`)
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'held' }, { queue: 'target' }))
  await coin.write(tx => enqueue(tx, 'with_job:write', { text: 'behind' }, { queue: 'target' }))
  await until(
    async () =>
      (await rows(`SELECT FROM graphile_worker.jobs WHERE locked_by IS NOT NULL AND task_identifier = 'with_job:write'`)).length === 1,
  )
  const second = await workerProcess(coin.url)
  await coin.pool.query('DELETE FROM note_slow')
  await kill(first)
  await until(async () => (await rows(`SELECT FROM note WHERE text IN ('held', 'behind')`)).length === 2)
  await idle()
  expect(await rows('SELECT text, pid FROM note ORDER BY id')).toEqual(['held', 'behind'].map(text => ({ text, pid: second.pid })))
  expect(await rows('SELECT pid FROM coin.worker')).toEqual([{ pid: second.pid }])
  second.kill('SIGTERM')
  await until(async () => second.exitCode !== null)
  expect(await rows('SELECT FROM coin.worker')).toEqual([])
}, 120_000)

test('every change of several writers is told once and in order, while workers are killed at random', async () => {
  const members = await Promise.all(Array.from({ length: 12 }, () => addMember(coin)))
  let done = 0
  const write = async (writer: number) => {
    for (let change = 0; change < 50; change++) {
      const id = members[pick(members.length)] ?? 0
      const text = `${writer}-${change}`
      const kind = pick(10)
      if (kind === 0) await coin.pool.query(`BEGIN; UPDATE member SET city = 'never' WHERE id = ${id}; ROLLBACK`)
      else if (kind === 1)
        await coin.pool.query(
          `UPDATE member SET city = '${text}', nickname = '${text}' WHERE id = ${id}; UPDATE member SET comments = '${text}' WHERE id = ${id}`,
        )
      else if (kind === 2)
        await coin.pool.query(
          `WITH new AS (INSERT INTO member (last_name, email) VALUES ('x', 'x@example.org') RETURNING id) SELECT FROM new`,
        )
      else if (kind < 6) await coin.write(tx => tx.execute(sql`UPDATE member SET address = ${text} WHERE id = ${id}`))
      else await coin.pool.query('UPDATE member SET mobile_phone = $2 WHERE id = $1', [id, text])
      done++
      await sleep(pick(250))
    }
  }
  const writers = Promise.all([1, 2, 3, 4].map(write))
  const killer = (async () => {
    while (done < 200) {
      const workers = await Promise.all([workerProcess(coin.url), workerProcess(coin.url)])
      await sleep(100 + pick(1000))
      await Promise.all(workers.map(kill))
    }
  })()
  await Promise.all([writers, killer])

  const last = await workerProcess(coin.url)
  await idle()
  await kill(last)
  const told = await rows<{ id: string; what: string[] }>(
    `SELECT entity_id AS id, array_agg(op || ' ' || changed::text ORDER BY id) AS what FROM told WHERE event = 'member' GROUP BY 1 ORDER BY 1`,
  )
  const happened = await rows<{ id: string; what: string[] }>(`
    SELECT row_id AS id, array_agg(op || ' ' || ARRAY(SELECT jsonb_object_keys(changes))::text ORDER BY id) AS what
    FROM coin.history WHERE table_name = 'member' GROUP BY 1 ORDER BY 1`)
  const sorted = (found: typeof told) =>
    found.map(({ id, what }) => [id, what.map(text => text.replace(/\{.*\}/, columns => columns.slice(1, -1).split(',').sort().join()))])
  expect(happened.length).toBeGreaterThan(11)
  expect(sorted(told)).toEqual(sorted(happened))
}, 240_000)
