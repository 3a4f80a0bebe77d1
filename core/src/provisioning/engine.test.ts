import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { addConfiguration, addMember, addOffer, addSubscription, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import withFolder, { type Box, boxes, type Fault } from '../../../test/fixtures/apps/with-folder/index.ts'
import withSubnetEvent, { network, tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'
import { askSweep, removeOrphans } from './ask.ts'
import { driveUntil } from './driver.ts'
import { runSweep } from './sweep.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coin-folder-'))
const said: string[] = []
const log = { info: (line: string) => void said.push(line), warn: (line: string) => void said.push(line) }
let coin: TestCoin
let worker: RunningWorker
let count = 0
beforeAll(async () => {
  coin = await testCoin({
    apps: [withFolder({ folder }), withSubnetEvent()],
    provisioning: { sweep: false, backends: { fixture_folder: { patience: 1 } } },
  })
  worker = await startWorker(coin, { log })
})
afterAll(async () => {
  await worker.stop()
  await coin.close()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(async () => {
  fault(undefined)
  await coin.pool.query('DELETE FROM configuration')
  await settled()
  for (const name of names()) rmSync(path.join(folder, name))
  await coin.pool.query('DELETE FROM provisioning_orphan')
})

const fault = (kind: Fault | undefined) =>
  kind ? writeFileSync(path.join(folder, '.fault'), kind) : rmSync(path.join(folder, '.fault'), { force: true })
const names = () => readdirSync(folder).filter(name => !name.startsWith('.'))
const boxAt = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Box
const edit = (name: string, box: unknown) => writeFileSync(path.join(folder, name), JSON.stringify(box))
const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const settled = () =>
  until(async () => (await rows('SELECT FROM coin.outbox UNION ALL SELECT FROM provisioning_state WHERE due_at IS NOT NULL')).length === 0)
const state = async (id: number) =>
  (
    await rows<{ state: string; error: string | null; difference: unknown }>(
      'SELECT state, error, difference FROM provisioning_state WHERE configuration_id = $1 AND backend = $2',
      [id, 'fixture_folder'],
    )
  )[0]
const addBox = async (label = `box${++count}`) => ({ label, id: await addConfiguration(coin, boxes, { label }) })
const sweep = async (heal: 'all' | 'configurations' | 'none', confirmed = false) => {
  const id = await coin.write(tx => askSweep(tx, coin.registry, { backend: 'fixture_folder', heal, confirmed, by: 'test' }))
  await until(async () => (await rows(`SELECT FROM provisioning_sweep WHERE id = $1 AND ended_at IS NOT NULL`, [id])).length === 1)
  const [found] = await rows<Record<string, unknown>>(
    'SELECT status, listed, in_sync, differing, missing, unwanted, orphaned, healed, message FROM provisioning_sweep WHERE id = $1',
    [id],
  )
  return found
}

test('two configurations that swap their places, and one that takes the place of one that goes, end right', async () => {
  const [first, second] = [await addBox('left'), await addBox('right')]
  await settled()
  await coin.pool.query(`UPDATE fixture_box SET label = CASE label WHEN 'left' THEN 'right' ELSE 'left' END`)
  await until(async () => boxAtOrNone('left')?.id === second.id && boxAtOrNone('right')?.id === first.id)
  await settled()
  await coin.pool.query('DELETE FROM configuration WHERE id = $1', [first.id])
  const heir = await addBox('right')
  await until(async () => boxAtOrNone('right')?.id === heir.id)
  await settled()
  expect(boxAt('right').id).toBe(heir.id)
  expect(names().sort()).toEqual(['left', 'right'])
})
const boxAtOrNone = (name: string) => (names().includes(name) ? boxAt(name) : undefined)

test('of two that want one place, one has it and the other says who has', async () => {
  const one = await addBox('same')
  await settled()
  const two = await addConfiguration(coin, boxes, { label: 'same' })
  await until(async () => (await state(two))?.state === 'failed')
  expect((await state(two))?.error).toContain(`same belongs to configuration ${one.id}`)
  expect(boxAt('same').id).toBe(one.id)
  await coin.pool.query('DELETE FROM configuration WHERE id = $1', [one.id])
  await until(async () => boxAtOrNone('same')?.id === two)
})

test('a target that is down or silent leaves its work pending, is tried by itself, and holds up no other', async () => {
  for (const kind of ['down', 'silent'] as const) {
    fault(kind)
    const { id, label } = await addBox()
    await until(
      async () => (await rows(`SELECT FROM provisioning_target WHERE backend = 'fixture_folder' AND down_since IS NOT NULL`)).length === 1,
    )
    const during = await addBox()
    const login = `beside${++count}`
    await addConfiguration(coin, tunnels, { login })
    await until(async () => network.entries.has(login))
    expect(await state(id)).toMatchObject({ state: 'pending' })
    expect(await state(during.id)).toMatchObject({ state: 'pending' })
    fault(undefined)
    await until(async () => names().includes(label) && names().includes(during.label))
    await settled()
    expect(await state(id)).toMatchObject({ state: 'in_sync', error: null })
    expect(await rows('SELECT down_since, error FROM provisioning_target')).toEqual([{ down_since: null, error: null }])
  }
})

test('a target that refuses or lies fails in words without the secret; what failed goes out once it takes something again', async () => {
  for (const [kind, words] of [
    ['full', /No room for box\d+ with •••/],
    ['lies', /reads back differently/],
    ['unreadable', /Permission denied/],
  ] as const) {
    fault(kind)
    const { id, label } = await addBox()
    await until(async () => (await state(id))?.state === 'failed')
    expect((await state(id))?.error).toMatch(words)
    fault(undefined)
    await until(async () => names().includes(label))
    await settled()
    expect(await state(id)).toMatchObject({ state: 'in_sync', error: null })
  }
  expect(said.join('\n')).not.toContain('hush-hush')
})

test('what failed long ago and would be tried much later goes out as soon as its target answers again', async () => {
  fault('full')
  const { id, label } = await addBox()
  await until(async () => (await state(id))?.state === 'failed')
  await coin.pool.query(
    `UPDATE provisioning_state SET attempts = 12, checked_at = now(), due_at = now() + interval '1 hour' WHERE configuration_id = $1`,
    [id],
  )
  fault('down')
  await addBox()
  await until(async () => (await rows('SELECT FROM provisioning_target WHERE down_since IS NOT NULL')).length === 1)
  fault(undefined)
  await until(async () => names().includes(label), 30)
  await settled()
})

test('a sweep sees what differs, is missing, or is explained by nothing, and heals what it may', async () => {
  const kept = await Promise.all(Array.from({ length: 20 }, () => addBox()))
  const [differing, missing] = [await addBox(), await addBox()]
  await settled()
  const right = boxAt(differing.label)
  edit(differing.label, { ...right, secret: 'another', subnets: ['192.0.2.0/24'] })
  rmSync(path.join(folder, missing.label))
  edit('stray', { id: 0, secret: 'stray secret', subnets: [] })

  expect(await sweep('none')).toMatchObject({ status: 'done', listed: 22, in_sync: 20, differing: 1, missing: 1, orphaned: 1, healed: 0 })
  expect(await state(differing.id)).toMatchObject({
    state: 'drifted',
    difference: [
      { path: 'secret', from: '•••', to: '•••' },
      { path: 'subnets.0', from: '192.0.2.0/24' },
    ],
  })
  expect(await state(missing.id)).toMatchObject({ state: 'drifted' })
  expect(await rows('SELECT key, value FROM provisioning_orphan')).toEqual([{ key: 'stray', value: { id: 0, secret: '•••', subnets: [] } }])
  expect(boxAt(differing.label).secret).toBe('another')

  expect(await sweep('configurations')).toMatchObject({ status: 'done', healed: 2 })
  await until(async () => names().includes(missing.label) && boxAt(differing.label).secret === right.secret)
  await settled()
  expect(boxAt(differing.label)).toEqual(right)
  expect(await state(missing.id)).toMatchObject({ state: 'in_sync', difference: null })
  expect(names()).toContain('stray')

  expect(await sweep('all')).toMatchObject({ status: 'done', orphaned: 1, healed: 1 })
  await until(async () => !names().includes('stray'))
  await settled()
  expect(await rows('SELECT FROM provisioning_state WHERE configuration_id < 0 UNION ALL SELECT FROM provisioning_orphan')).toEqual([])
  expect(names()).toHaveLength(kept.length + 2)
})

test('a sweep that would remove much, or finds nothing, asks first; one that cannot read knows nothing', async () => {
  const boxesThere = await Promise.all(Array.from({ length: 5 }, () => addBox()))
  await settled()
  for (const name of ['stray1', 'stray2']) edit(name, { id: 0, secret: 'x', subnets: [] })
  expect(await sweep('all')).toMatchObject({ status: 'asks', orphaned: 2, healed: 0, message: expect.stringContaining('2 of the 7') })
  expect(names()).toContain('stray1')
  expect(await sweep('all', true)).toMatchObject({ status: 'done', healed: 2 })
  await until(async () => !names().includes('stray1') && !names().includes('stray2'))

  const contents = new Map(names().map(name => [name, readFileSync(path.join(folder, name))]))
  for (const name of names()) rmSync(path.join(folder, name))
  expect(await sweep('configurations')).toMatchObject({ status: 'asks', listed: 0, missing: 5, healed: 0 })
  expect((await rows(`SELECT FROM provisioning_state WHERE state = 'drifted'`)).length).toBe(5)
  for (const [name, content] of contents) writeFileSync(path.join(folder, name), content)
  expect(await sweep('none')).toMatchObject({ status: 'done', in_sync: 5 })
  expect((await rows(`SELECT FROM provisioning_state WHERE state = 'in_sync' AND backend = 'fixture_folder'`)).length).toBe(5)

  fault('unreadable')
  expect(await sweep('all', true)).toMatchObject({ status: 'failed', message: 'Permission denied' })
  expect((await rows(`SELECT FROM provisioning_state WHERE state = 'not_verifiable'`)).length).toBe(boxesThere.length)
  fault(undefined)
  await sweep('none')
  expect((await rows(`SELECT FROM provisioning_state WHERE state = 'in_sync' AND backend = 'fixture_folder'`)).length).toBe(5)
})

test('what changes while a target is compared is not called drifted', async () => {
  const many = await Promise.all(Array.from({ length: 30 }, () => addBox()))
  await settled()
  let stop = false
  const writer = (async () => {
    for (let round = 0; !stop; round++) {
      const { id } = many[round % many.length] ?? { id: 0 }
      await coin.pool.query('UPDATE fixture_box SET secret = $2 WHERE id = $1', [id, `round ${round}`])
    }
  })()
  for (let round = 0; round < 6; round++) {
    const found = await sweep('none')
    expect(found).toMatchObject({ status: 'done', differing: 0, missing: 0, orphaned: 0, unwanted: 0 })
  }
  stop = true
  await writer
  await settled()
})

test('an orphan that a configuration claims meanwhile is not removed', async () => {
  edit('wanted-soon', { id: 0, secret: 'x', subnets: [] })
  await addBox()
  await settled()
  await sweep('none')
  const [orphan] = await rows<{ id: string }>('SELECT id FROM provisioning_orphan')
  const { id } = await addBox('wanted-soon')
  await until(async () => boxAt('wanted-soon').id === id)
  await settled()
  expect(await coin.write(tx => removeOrphans(tx, [Number(orphan?.id)]))).toBe(0)
  await settled()
  expect(boxAt('wanted-soon').id).toBe(id)
})

test('what an app makes of a subscription does not matter before it starts, while it is suspended, and after its end', async () => {
  const member = await addMember(coin)
  const offer = await addOffer(coin, 'fixture_box')
  const subscription = await addSubscription(coin, { member, offer })
  const id = await addConfiguration(coin, boxes, { label: 'phased' }, { subscription })
  const there = (wanted: boolean) => until(async () => names().includes('phased') === wanted && (await state(id))?.state === 'in_sync')
  await there(true)
  for (const [away, back] of [
    [
      `INSERT INTO subscription_suspension (subscription_id, during) VALUES (${subscription}, daterange(current_date, NULL))`,
      `DELETE FROM subscription_suspension`,
    ],
    [
      `UPDATE subscription SET resigned_on = current_date - 1 WHERE id = ${subscription}`,
      `UPDATE subscription SET resigned_on = NULL WHERE id = ${subscription}`,
    ],
  ] as const) {
    await coin.pool.query(away)
    await there(false)
    await settled()
    await coin.pool.query(back)
    await there(true)
    await settled()
  }
})

test('a day that comes reaches the target, also when nobody was there on that day', async () => {
  const member = await addMember(coin)
  const subscription = await addSubscription(coin, { member, offer: await addOffer(coin, 'fixture_box') })
  const id = await addConfiguration(coin, boxes, { label: 'dated' }, { subscription })
  await until(async () => names().includes('dated') && (await state(id))?.state === 'in_sync')
  await settled()
  // a suspension that was written long ago and began yesterday, while no worker ran
  await worker.stop()
  await coin.pool.query(`INSERT INTO subscription_suspension (subscription_id, during) VALUES ($1, daterange(current_date - 1, NULL))`, [
    subscription,
  ])
  await coin.pool.query('DELETE FROM coin.outbox')
  await coin.pool.query(`INSERT INTO coin.clock (day) VALUES (current_date - 2) ON CONFLICT (single) DO UPDATE SET day = excluded.day`)
  worker = await startWorker(coin, { log })
  await coin.asSystem('test', () => coin.write(tx => enqueue(tx, 'system:clock', {})))
  await until(async () => !names().includes('dated'))
})

test('a command works without a worker', async () => {
  await worker.stop()
  const { id, label } = await addBox()
  const abort = new AbortController()
  const io = { log, signal: abort.signal }
  // no relay runs: the driver finds configurations that no backend has heard of
  await driveUntil(coin, io, async () => (await state(id))?.state === 'in_sync')
  expect(names()).toContain(label)
  edit('stray', { id: 0, secret: 'x', subnets: [] })
  const asked = await coin.write(tx => askSweep(tx, coin.registry, { backend: 'fixture_folder', heal: 'all', confirmed: true, by: 'test' }))
  const progress: number[] = []
  await runSweep(coin, asked, io, counts => void progress.push(counts.compared))
  expect(progress.at(-1)).toBe(1)
  await driveUntil(coin, io, async () => !names().includes('stray'))
  worker = await startWorker(coin, { log })
})
