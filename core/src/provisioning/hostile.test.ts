import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defineApp, defineBackend, type Json } from 'coin'
import { addConfiguration, type TestCoin, testCoin } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import withFolder, { boxes } from '../../../test/fixtures/apps/with-folder/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { defineConfig } from '../app/config.ts'
import { createRegistry } from '../app/registry.ts'
import { coreApps } from '../core-apps.ts'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'
import { askSweep } from './ask.ts'
import { drive } from './driver.ts'
import { withoutSecrets } from './mask.ts'
import { wordsOf } from './messages.ts'
import { networkState } from './network-state.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coin-hostile-'))
const said: string[] = []
const log = { info: (line: string) => void said.push(line), warn: (line: string) => void said.push(line) }

/** What the target holds, and how it behaves to those with these labels. */
const held = new Map<string, Json>()
const refusals = new Map<string, string>()
let gate = Promise.withResolvers<void>()
const slow = new Set<string>()
const mute = new Set<string>()
let closes = true
let whileListed = async () => {}

const backend = defineBackend(boxes, {
  name: 'hostile',
  key: box => (box.secret.startsWith('key:') ? box.secret.slice(4).repeat(3000) : box.label),
  desired: box => ({ label: box.label, word: box.secret, subnets: box.ipSubnets.map(({ prefix }) => prefix) }),
  open: async () => ({
    read: async keys => new Map(keys.flatMap(key => (held.has(key) ? [[key, held.get(key) as never]] : []))),
    async apply(wanted) {
      const failures = new Map<string, Error>()
      for (const { key, desired } of wanted) {
        if (mute.has(key)) await new Promise(() => {})
        if (slow.has(key)) await gate.promise
        const refusal = refusals.get(key)
        if (refusal === undefined) held.set(key, desired)
        else failures.set(key, new Error(refusal))
      }
      return failures
    },
    async destroy(keys) {
      for (const key of keys) held.delete(key)
      return undefined
    },
    async *list() {
      await whileListed()
      yield new Map(held) as never
    },
    close: () => (closes ? undefined : new Promise<void>(() => {})),
  }),
})
const hostile = defineApp(
  { name: 'hostile', verboseName: 'Hostile', root: new URL('../../../test/fixtures/apps/hostile.ts', import.meta.url).href },
  { backends: [backend] },
)

let coin: TestCoin
let worker: RunningWorker | undefined
beforeAll(async () => {
  coin = await testCoin({
    apps: [withFolder({ folder }), hostile()],
    provisioning: { sweep: false, backends: { hostile: { patience: 1 } } },
  })
})
afterAll(async () => {
  await coin.close()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(async () => {
  gate.resolve()
  closes = true
  whileListed = async () => {}
  for (const each of [refusals, slow, mute]) each.clear()
  worker ??= await startWorker(coin, { log })
  await coin.pool.query('DELETE FROM configuration')
  await settled()
  await worker.stop()
  worker = undefined
  held.clear()
})

const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const settled = () =>
  until(async () => (await rows('SELECT FROM coin.outbox UNION ALL SELECT FROM provisioning_state WHERE due_at IS NOT NULL')).length === 0)
const state = async (id: number) =>
  (
    await rows<{ state: string; error: string | null }>(
      `SELECT state, error FROM provisioning_state WHERE configuration_id = $1 AND backend = 'hostile'`,
      [id],
    )
  )[0]
const add = (label: string, secret = 'hush-hush') => addConfiguration(coin, boxes, { label, secret })
const sweep = async (heal: 'all' | 'none' = 'none', confirmed = false) => {
  const id = await coin.write(tx => askSweep(tx, coin.registry, { backend: 'hostile', heal, confirmed, by: 'test' }))
  await until(async () => (await rows(`SELECT FROM provisioning_sweep WHERE id = $1 AND ended_at IS NOT NULL`, [id])).length === 1)
  return (
    await rows<Record<string, unknown>>(
      'SELECT status, listed, in_sync, differing, missing, orphaned, message FROM provisioning_sweep WHERE id = $1',
      [id],
    )
  )[0]
}
const start = async () => {
  worker = await startWorker(coin, { log })
}

test('an answer with bytes that the database does not take fails in words, and holds up nobody else', async () => {
  refusals.set('bad', 'Refused: \0 \u0007 \ud800 end')
  const ids = [await add('good1'), await add('bad'), await add('good2')]
  await start()
  await until(async () => held.has('good1') && held.has('good2') && (await state(ids[1] ?? 0))?.state === 'failed')
  expect((await state(ids[1] ?? 0))?.error).toMatch(/^Refused: .* end$/)
  await until(async () => (await state(ids[0] ?? 0))?.state === 'in_sync' && (await state(ids[2] ?? 0))?.state === 'in_sync')
})

test('a key that cannot be kept fails for its configuration alone', async () => {
  const ids = [await add('good'), await add('long', 'key:nine0f14Hb'), await add('nothing', 'hush')]
  await start()
  await until(async () => (await state(ids[1] ?? 0))?.state === 'failed')
  expect((await state(ids[1] ?? 0))?.error).toContain('key')
  await until(async () => held.has('good') && (await state(ids[2] ?? 0))?.state === 'in_sync')
})

test('a comparison goes on over values and keys that the database does not take', async () => {
  const id = await add('good')
  await start()
  await until(async () => held.has('good'))
  await settled()
  held.set('good', { label: 'good\0\udfff', subnets: [] })
  held.set('stray', { label: '\0\ud800', subnets: [] })
  held.set('stray\0', { label: 'x', subnets: [] })
  held.set(Array.from({ length: 9000 }, () => Math.floor(Math.random() * 36).toString(36)).join(''), { label: 'x', subnets: [] })
  expect(await sweep()).toMatchObject({ status: 'done', differing: 1, orphaned: 3 })
  expect(await state(id)).toMatchObject({ state: 'drifted' })
  expect(await rows(`SELECT key FROM provisioning_orphan WHERE backend = 'hostile'`)).toEqual([{ key: 'stray' }])
  await coin.pool.query('DELETE FROM provisioning_orphan')
})

test('one that the target never answers fails alone: the others of its lane have their turn', async () => {
  mute.add('mute')
  const first = await add('mute')
  // one of them in its lane
  for (let n = 0; n < 16; n++) await add(`other${n}`)
  await start()
  await until(async () => [...Array(16).keys()].every(n => held.has(`other${n}`)), 60)
  await until(async () => (await state(first))?.state === 'failed', 60)
  expect((await state(first))?.error).toContain('No answer')
  await until(async () => (await rows(`SELECT FROM provisioning_target WHERE backend = 'hostile' AND down_since IS NOT NULL`)).length === 0)
  mute.clear()
  await until(async () => held.has('mute'), 60)
}, 130_000)

test('a second worker takes the lanes that a slow target leaves the first no time for', async () => {
  const labels = Array.from({ length: 14 }, (_, n) => `lane${n}`)
  for (const label of labels) await add(label)
  await start()
  await until(() => labels.every(label => held.has(label)))
  await settled()
  await worker?.stop()
  worker = undefined
  gate = Promise.withResolvers()
  for (const label of labels.slice(0, 8)) slow.add(label)
  held.clear()
  await coin.pool.query(
    `UPDATE provisioning_state SET due_at = now() - interval '1 minute' + configuration_id * interval '1 millisecond', asked = asked + 1 WHERE backend = 'hostile'`,
  )
  const stopping = new AbortController()
  const drivers = [drive(coin), drive(coin)].map(service => service({ log, signal: stopping.signal }))
  await until(() => labels.slice(8).every(label => held.has(label)))
  expect(labels.slice(0, 8).some(label => held.has(label))).toBe(false)
  stopping.abort()
  gate.resolve()
  await Promise.all(drivers)
})

test('a target that does not close holds up neither the work nor the end of a worker', async () => {
  closes = false
  refusals.set('shut', 'x')
  const id = await add('shut')
  await start()
  await until(async () => (await state(id))?.state === 'failed')
  await worker?.stop()
  worker = undefined
  expect(await state(id)).toMatchObject({ state: 'failed' })
}, 30_000)

test('a database that fails in the middle of a comparison says nothing of the target', async () => {
  const id = await add('calm')
  await start()
  await until(async () => held.has('calm'))
  await settled()
  // as when the database is restarted: what it says is in no way about the target
  const away = 'provisioning_state_away'
  whileListed = async () => {
    whileListed = async () => {}
    await coin.pool.query(`ALTER TABLE provisioning_state RENAME TO ${away}`)
  }
  const swept = sweep()
  await until(() => said.some(line => line.includes('sweep') && line.includes('does not exist')))
  await coin.pool.query(`ALTER TABLE ${away} RENAME TO provisioning_state`)
  expect(await swept).toMatchObject({ status: 'done', in_sync: 1 })
  expect(await state(id)).toMatchObject({ state: 'in_sync' })
}, 60_000)

test('a worker that loses its session again and again goes on, and brings everything', async () => {
  await start()
  const labels: string[] = []
  for (let round = 0; round < 25; round++) {
    const label = `lost${round}`
    labels.push(label)
    await add(label)
    await coin.pool.query(`UPDATE provisioning_state SET due_at = now(), asked = asked + 1`)
    await coin.pool.query(`NOTIFY coin_provisioning`)
    await coin.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'coin provisioning'`,
    )
    if (round % 5 === 0)
      await until(
        async () =>
          (await rows(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'coin provisioning'`))
            .length > 0,
      )
  }
  await until(() => labels.every(label => held.has(label)))
}, 60_000)

test('a worker ends soon, though the target takes its time', async () => {
  mute.add('mute')
  gate = Promise.withResolvers()
  slow.add('slow')
  await Promise.all([add('mute'), add('slow')])
  await start()
  await until(
    async () =>
      (
        await rows(
          `SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        )
      ).length > 0,
  )
  const before = performance.now()
  await worker?.stop()
  worker = undefined
  expect(performance.now() - before).toBeLessThan(8000)
}, 60_000)

test('what an app’s statement was given is in no error of a job, and bytes that the queue does not take end no worker', async () => {
  await coin.pool.query('CREATE TABLE IF NOT EXISTS given (a text CHECK (false))')
  await start()
  const { queueTask } = await import('../jobs/task.ts')
  const run = queueTask(
    coin,
    'hostile:x',
    { app: 'hostile', run: async () => void (await coin.database.db.execute(sql`INSERT INTO given VALUES (${'swordfish'})`)) },
    log,
    new AbortController().signal,
  )
  const error = await Promise.resolve(run({}, { job: { id: '0', locked_by: null } } as never)).catch((thrown: unknown) => thrown as Error)
  expect(String((error as Error).stack)).not.toContain('swordfish')
  expect((error as Error).message).toContain('given')
})

test('a secret is not shown by a message that was put in one line, or cut, or has a longer one', () => {
  const masking = { spec: { secrets: ['pem', 'pin', 'words'] } } as never
  const pem = '-----BEGIN KEY-----\nQUJDREVGR0hJSktM\n-----END KEY-----'
  const error = (text: string) => withoutSecrets(masking, wordsOf(new Error(text)), [{ pem, pin: 123456, words: ['open', 'open sesame'] }])
  for (const text of [`refused ${pem}`, 'line QUJDREVGR0hJSktM of it', 'pin 123456', 'said open sesame', `${'x'.repeat(990)} open sesame`])
    expect(error(text)).not.toMatch(/QUJD|123456|sesame|open/)
})

test('a call that nobody waited for any more, and that writes late, does not have the last word', async () => {
  gate = Promise.withResolvers()
  slow.add('late')
  const id = await add('late', 'old word')
  await start()
  await until(async () => (await rows(`SELECT FROM provisioning_target WHERE backend = 'hostile' AND down_since IS NOT NULL`)).length === 1)
  slow.clear()
  await coin.pool.query(`UPDATE fixture_box SET secret = 'new word' WHERE id = $1`, [id])
  await until(async () => (held.get('late') as { word?: string })?.word === 'new word')
  await settled()
  gate.resolve()
  await until(async () => (held.get('late') as { word?: string })?.word === 'old word')
  await until(async () => (held.get('late') as { word?: string })?.word === 'new word')
})

test('who agreed to some removals has not agreed to more', async () => {
  await add('kept')
  await start()
  await until(() => held.has('kept'))
  await settled()
  held.set('stray1', { label: 'x', word: '', subnets: [] })
  expect(await sweep('all')).toMatchObject({ status: 'asks', orphaned: 1 })
  for (const name of ['stray2', 'stray3']) held.set(name, { label: 'x', word: '', subnets: [] })
  expect(await sweep('all', true)).toMatchObject({ status: 'asks', orphaned: 3 })
  expect(held.has('stray1')).toBe(true)
  expect(await sweep('all', true)).toMatchObject({ status: 'done' })
  await until(() => held.size === 1)
  await settled()
})

test('what a backend that is not installed any more has left does not count for the member', async () => {
  const id = await add('member')
  await start()
  await until(() => held.has('member'))
  await settled()
  await coin.pool.query(`INSERT INTO provisioning_state (configuration_id, backend, state, due_at) VALUES ($1, 'former', 'failed', NULL)`, [
    id,
  ])
  expect(await coin.asSystem('test', () => networkState(id))).toMatchObject({ state: 'in_sync' })
  await coin.pool.query(`DELETE FROM provisioning_state WHERE backend = 'former'`)
})

test('a schedule of comparisons that cannot be read stops the start in words', () => {
  for (const wrong of ['every night', '99 3 * * *', ''])
    expect(() => createRegistry(coreApps(), defineConfig({ apps: [], provisioning: { sweep: wrong } }))).toThrow(
      expect.objectContaining({ code: 'boot', message: expect.stringContaining('') }),
    )
  expect(defineConfig({ apps: [], provisioning: { sweep: '99 3 * * *' } }).problems).toEqual([
    expect.stringContaining('is not a cron line'),
  ])
})

test('connections to the database that are cut are not lost to the pool', async () => {
  for (let round = 0; round < 20; round++) {
    await Promise.allSettled(Array.from({ length: 10 }, () => coin.database.db.execute('SELECT 1')))
    const cut = coin.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'coin'`,
    )
    await Promise.allSettled([cut, ...Array.from({ length: 10 }, () => coin.database.db.transaction(tx => tx.execute('SELECT 1')))])
  }
  const { pool } = coin.database
  await until(() => pool.idleCount === pool.totalCount && pool.waitingCount === 0)
  // a connection whose end has not been noticed yet fails once more; a pool that has none left would never answer
  await until(() =>
    coin.database.db.execute('SELECT 1').then(
      () => true,
      () => false,
    ),
  )
})
