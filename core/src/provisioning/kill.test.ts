import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addConfiguration, addPool, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import withFolder, { boxes } from '../../../test/fixtures/apps/with-folder/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { kill, workerProcess } from '../../../test/fixtures/worker/process.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coin-folder-'))
let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [withFolder({ folder })] })
})
afterAll(async () => {
  await coin.close()
  rmSync(folder, { recursive: true, force: true })
})

const pick = (below: number) => Math.floor(Math.random() * below)
const rows = async <T>(statement: string): Promise<T[]> => (await coin.pool.query(statement)).rows as T[]
const fault = (kind: string) => writeFileSync(path.join(folder, '.fault'), kind)
const settled = () =>
  until(
    async () => (await rows('SELECT FROM coin.outbox UNION ALL SELECT FROM provisioning_state WHERE due_at IS NOT NULL')).length === 0,
    120,
  )

test('whatever is written in psql, while workers are killed and the target fails at random, it all ends where it should be', async () => {
  await addPool(coin, '198.51.100.0/24', { length: 29 })
  const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => addConfiguration(coin, boxes, { label: `box${n}` })))
  let done = 0
  const write = async () => {
    for (let change = 0; change < 120; change++) {
      const [one, other] = [ids[pick(ids.length)], ids[pick(ids.length)]]
      const statement = [
        `UPDATE fixture_box SET secret = md5(random()::text) WHERE id = ${one}`,
        // two swap their places
        `UPDATE fixture_box b SET label = o.label FROM fixture_box o WHERE b.id IN (${one}, ${other}) AND o.id IN (${one}, ${other}) AND b.id <> o.id`,
        `DELETE FROM configuration WHERE id = ${one}`,
        // as much as there is room for
        `INSERT INTO ip_subnet (configuration_id, prefix) SELECT id, set_masklen('198.51.100.0'::inet + 8 * ${pick(32)}, 29)::cidr FROM fixture_box WHERE id = ${one} ON CONFLICT DO NOTHING`,
        `DELETE FROM ip_subnet WHERE configuration_id = ${one}`,
        `BEGIN; UPDATE fixture_box SET label = 'never' || id WHERE id = ${one}; ROLLBACK`,
        `INSERT INTO subscription_suspension (subscription_id, during) SELECT subscription_id, daterange(current_date, NULL) FROM configuration WHERE id = ${one}`,
        `DELETE FROM subscription_suspension WHERE subscription_id = (SELECT subscription_id FROM configuration WHERE id = ${one})`,
      ][[0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 7][pick(12)] ?? 0]
      // what the database refuses (an overlap, a suspension twice) is a change that was not made
      await coin.pool.query(statement ?? '').catch(() => {})
      done++
      await sleep(pick(100))
    }
  }
  const writers = Promise.all([write(), write(), write()])
  const killer = (async () => {
    while (done < 360) {
      const workers = await Promise.all([workerProcess(coin.url, folder), workerProcess(coin.url, folder)])
      fault(['', '', '', 'down', 'full', 'lies', 'silent'][pick(7)] ?? '')
      await sleep(100 + pick(1500))
      await Promise.all(workers.map(kill))
    }
  })()
  await Promise.all([writers, killer])

  fault('')
  const last = [await workerProcess(coin.url, folder), await workerProcess(coin.url, folder)]
  await coin.pool.query(`UPDATE provisioning_state SET due_at = now() WHERE due_at IS NOT NULL`)
  await settled()
  await Promise.all(last.map(kill))
  const wanted = await rows<{ label: string; box: unknown }>(`
    SELECT b.label, jsonb_build_object('id', b.id, 'secret', b.secret, 'subnets', coalesce((SELECT jsonb_agg(n.prefix ORDER BY n.prefix) FROM ip_subnet n WHERE n.configuration_id = b.id), '[]')) AS box
    FROM fixture_box b JOIN configuration c USING (id)
    WHERE NOT EXISTS (SELECT FROM subscription_suspension s WHERE s.subscription_id = c.subscription_id AND s.during @> current_date) ORDER BY b.label`)
  const there = readdirSync(folder)
    .filter(name => !name.startsWith('.'))
    .sort()
    .map(label => ({ label, box: JSON.parse(readFileSync(path.join(folder, label), 'utf8')) as unknown }))
  expect(wanted.length).toBeGreaterThan(5)
  expect(there).toEqual([...wanted].sort((a, b) => (a.label < b.label ? -1 : 1)))
  expect(await rows(`SELECT FROM provisioning_state WHERE state <> 'in_sync'`)).toEqual([])
  expect(
    await rows(`SELECT FROM provisioning_state s WHERE NOT EXISTS (SELECT FROM configuration c WHERE c.id = s.configuration_id)`),
  ).toEqual([])
}, 240_000)

test('a lane that a killed worker held is soon another’s', async () => {
  fault('silent')
  const id = await addConfiguration(coin, boxes, { label: 'held' })
  const first = await workerProcess(coin.url, folder)
  const laneHeld = () =>
    rows<{ pid: number }>(`SELECT a.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'coin provisioning' AND a.datname = current_database()`)
  await until(async () => (await laneHeld()).length > 0)
  const second = await workerProcess(coin.url, folder)
  fault('')
  await kill(first)
  await until(
    async () => (await rows(`SELECT FROM provisioning_state WHERE configuration_id = ${id} AND state = 'in_sync'`)).length === 1,
    10,
  )
  await kill(second)
}, 60_000)
