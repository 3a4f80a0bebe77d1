import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defineApp, defineBackend, type Json } from 'coin'
import { addConfiguration, type TestCoin, type TestWeb, testCoin, testWeb } from 'coin/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import withFolder, { boxes } from '../../../test/fixtures/apps/with-folder/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { defineConfig } from '../app/config.ts'
import { type Coin, openCoin } from '../coin.ts'
import { openDatabase } from '../db/database.ts'
import { storable } from '../db/storable.ts'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'
import { askSweep } from './ask.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coin-edges-'))
const log = { info() {}, warn() {} }

/** What the target holds, and keys at which a read is never answered. */
const held = new Map<string, Json>()
const silent = new Set<string>()

const backend = defineBackend(boxes, {
  name: 'shelf',
  key: box => box.label,
  desired: box => ({ label: box.label, word: box.secret }),
  open: async () => ({
    async read(keys) {
      if (keys.some(key => silent.has(key))) await new Promise(() => {})
      return new Map(keys.flatMap(key => (held.has(key) ? [[key, held.get(key) as never]] : [])))
    },
    async apply(wanted) {
      for (const { key, desired } of wanted) held.set(key, desired)
      return undefined
    },
    async destroy(keys) {
      for (const key of keys) held.delete(key)
      return undefined
    },
    async *list() {
      yield new Map(held) as never
    },
  }),
})
const shelf = defineApp(
  { name: 'shelf', verboseName: 'Shelf', root: new URL('../../../test/fixtures/apps/shelf.ts', import.meta.url).href },
  { backends: [backend] },
)

let web: TestWeb
let coin: TestCoin
let worker: RunningWorker | undefined
beforeAll(async () => {
  const apps = [withFolder({ folder }), shelf()]
  web = await testWeb({ apps })
  coin = await testCoin({ apps, provisioning: { sweep: false, patience: 0.5, removeShare: 1 } })
})
afterAll(async () => {
  await web.close()
  await coin.close()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(async () => {
  silent.clear()
  await start()
  await coin.pool.query('DELETE FROM configuration')
  await settled()
  await stop()
  held.clear()
  await coin.pool.query('DELETE FROM provisioning_orphan')
})

const start = async (by: Coin = coin) => {
  worker ??= await startWorker(by, { log })
}
const stop = async () => {
  await worker?.stop()
  worker = undefined
}
const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const settled = () =>
  until(async () => (await rows('SELECT FROM coin.outbox UNION ALL SELECT FROM provisioning_state WHERE due_at IS NOT NULL')).length === 0)
const add = (label: string) => addConfiguration(coin, boxes, { label })

test('what was ended while no backend was installed is removed once one is again', async () => {
  const id = await add('left')
  await start()
  await until(() => held.has('left'))
  await settled()
  await stop()
  const without = openCoin(defineConfig({ apps: [] }), {
    databaseUrl: coin.url,
    secret: 'a secret that is only good for tests',
    data: folder,
  })
  await start(without)
  await rows('DELETE FROM configuration WHERE id = $1', [id])
  await until(async () => (await rows('SELECT FROM coin.outbox')).length === 0)
  await stop()
  await without.close()
  await start()
  await until(() => !held.has('left'))
})

test('a comparison finds what is left of a configuration that went without a word, as after a restored copy', async () => {
  const id = await add('vanished')
  await start()
  await until(() => held.has('vanished'))
  await settled()
  const session = await coin.pool.connect()
  await session.query(
    `SET session_replication_role = replica; DELETE FROM fixture_box WHERE id = ${id}; DELETE FROM configuration WHERE id = ${id}; RESET session_replication_role`,
  )
  session.release()
  await coin.write(tx => askSweep(tx, coin.registry, { backend: 'shelf', heal: 'configurations', by: 'test' }))
  await until(() => !held.has('vanished'))
  await until(
    async () => (await rows("SELECT FROM provisioning_state WHERE configuration_id = $1 AND backend = 'shelf'", [id])).length === 0,
  )
})

test('one that is never answered when it is read does not keep the target from answering for the others', async () => {
  const labels = Array.from({ length: 20 }, (_, n) => `read${n}`)
  for (const label of labels) await add(label)
  await start()
  await until(() => labels.every(label => held.has(label)))
  await settled()
  const [first] = await rows<{ key: string }>(`SELECT key FROM provisioning_state WHERE backend = 'shelf' AND key IS NOT NULL LIMIT 1`)
  silent.add(first?.key ?? '')
  await rows(`UPDATE fixture_box SET secret = 'another word'`)
  const others = labels.filter(label => !silent.has(label))
  await until(() => others.every(label => (held.get(label) as { word: string }).word === 'another word'), 50)
  silent.clear()
  await until(() => labels.every(label => (held.get(label) as { word: string }).word === 'another word'), 50)
}, 120_000)

test('the provider’s day counts, also when the address of the database has options of its own', async () => {
  const url = new URL(coin.url)
  url.searchParams.set('options', '-c search_path=public')
  const database = openDatabase(url.href, { timeZone: 'Pacific/Auckland' })
  const { rows: found } = await database.pool.query(`SELECT current_setting('TimeZone') AS zone, current_setting('search_path') AS path`)
  await database.close()
  expect(found).toEqual([{ zone: 'Pacific/Auckland', path: 'public' }])
})

const nasty = 'x<script>alert(1)</script>"\u202e\u001b[31m'
const hasTricks = (html: string) => ['<script>alert', '\u202e', '\u001b'].some(trick => html.includes(trick))

test('what a hostile directory says is shown as text, on every page', async () => {
  const id = await addConfiguration(web.coin, boxes, { label: 'hostile' })
  held.set('hostile', { label: nasty, [nasty]: nasty })
  const write = (statement: string, values: unknown[] = []) => web.coin.pool.query(statement, values)
  const value = JSON.stringify({ [nasty]: [nasty] })
  const differing = JSON.stringify([
    { path: nasty, from: nasty },
    { path: 'label', from: nasty, to: 'y' },
  ])
  await write(`INSERT INTO provisioning_orphan (backend, key, value, sweep_id) VALUES ('shelf', $1, $2, 1)`, [nasty, value])
  await write(
    `INSERT INTO provisioning_state (configuration_id, backend, key, state, difference) VALUES ($1, 'shelf', 'hostile', 'drifted', $2)`,
    [id, differing],
  )
  await write(`INSERT INTO provisioning_state (configuration_id, backend, key, state) VALUES (-7, 'shelf', $1, 'failed')`, [nasty])
  await write(`INSERT INTO provisioning_target (backend, down_since, error, probe_at) VALUES ('shelf', now(), $1, now())`, [
    storable(nasty),
  ])
  await write(`INSERT INTO provisioning_sweep (backend, heal, asked_by, status, message) VALUES ('shelf', 'none', 'x', 'failed', $1)`, [
    storable(nasty),
  ])
  const staff = await web.signIn('staff')
  for (const page of [
    '',
    '/shelf',
    '/shelf?state=drifted',
    '/shelf/orphans',
    '/shelf/sweeps',
    `/shelf/compare/${id}`,
    '/shelf/compare/-7',
  ]) {
    const answer = await staff.get(`/admin/provisioning${page}`)
    const html = await answer.text()
    expect([page, answer.status, hasTricks(html)]).toEqual([page, 200, false])
  }
  const confirm = await (await staff.post('/admin/provisioning/shelf/remove', { id: '1' })).text()
  expect(confirm).toContain('alert(1)')
  expect(hasTricks(confirm)).toBe(false)
})

test('an address or a form that makes no sense is refused, not a failure of the page', async () => {
  const staff = await web.signIn('staff')
  for (const page of [
    '/%00',
    '/%ED%A0%80',
    `/${'x'.repeat(5000)}`,
    '/shelf?state=%00&after=%00&before=9999999999999999999',
    '/shelf?after=999999999999999&before=-999999999999999',
    '/shelf/orphans?after=%00',
    '/shelf/orphans?after=99999999999999999999',
    '/shelf/compare/99999999999999999999',
    '/shelf/compare/-1',
    '/shelf/remove?id=%00',
    '/shelf/sweeps?x=%00',
    '/metrics',
  ]) {
    const { status } = await staff.get(`/admin/provisioning${page}`)
    expect([page, status < 500]).toEqual([page, true])
  }
  for (const [where, form] of [
    ['retry', { configuration: '1e300' }],
    ['retry', { configuration: '9007199254740991', back: '//elsewhere.example/' }],
    ['retry', { state: '\0' }],
    ['chosen', { do: 'heal', id: '-9007199254740991' }],
    ['chosen', { do: '\0', id: '0' }],
    ['remove', { id: '9007199254740991', go: '1' }],
    ['remove', { all: 'x' }],
    ['go-ahead', {}],
  ] as const) {
    const answer = await staff.post(`/admin/provisioning/shelf/${where}`, form)
    expect([where, form, answer.status < 500, answer.headers.get('location')?.includes('elsewhere') ?? false]).toEqual([
      where,
      form,
      true,
      false,
    ])
  }
})
