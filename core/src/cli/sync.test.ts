import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { addConfiguration, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import withShelf, { boxes } from '../../../test/fixtures/apps/with-shelf/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { startWorker } from '../jobs/worker.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const shelf = mkdtempSync(path.join(tmpdir(), 'coin-shelf-'))
let coin: TestCoin
let count = 0
beforeAll(async () => {
  process.env.FIXTURE_FOLDER = shelf
  coin = await testCoin({ apps: [withShelf()] })
})
afterAll(async () => {
  await coin.close()
  rmSync(shelf, { recursive: true, force: true })
})
beforeEach(async () => {
  for (const name of readdirSync(shelf)) rmSync(path.join(shelf, name))
  await coin.pool.query(
    `DELETE FROM fixture_shelf_box; DELETE FROM provisioning_state; DELETE FROM provisioning_sweep; DELETE FROM provisioning_orphan; DELETE FROM provisioning_target`,
  )
})

const file = (login: string) => path.join(shelf, `${login}.json`)
const put = (login: string, password: string) => writeFileSync(file(login), JSON.stringify({ login, password }))
const held = (login: string) => (existsSync(file(login)) ? JSON.parse(readFileSync(file(login), 'utf8')).password : undefined)
const box = async (password = 'open sesame') => {
  const login = `box${++count}`
  return { login, id: await addConfiguration(coin, boxes, { login, password }) }
}

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** Runs the real command, in a process of its own. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [path.join(root, 'core/bin/coin.js'), ...args], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: coin.url,
      COIN_DATA: coin.data,
      COIN_CONFIG: path.join(root, 'test/fixtures/apps/with-shelf/coin.config.ts'),
      COIN_SECRET: 'only-good-for-tests-but-long-enough',
      FIXTURE_FOLDER: shelf,
      LANG: 'C',
      LC_ALL: 'C',
    },
  })
  const [out, error] = [child.stdout, child.stderr].map(stream => {
    const parts: Buffer[] = []
    stream.on('data', part => parts.push(part))
    return parts
  })
  const ended = new Promise<Outcome>(resolve =>
    child.on('close', code => resolve({ code, out: Buffer.concat(out ?? []).toString(), error: Buffer.concat(error ?? []).toString() })),
  )
  return { child, ended }
}
const sync = (...args: string[]) => start('sync', ...args).ended

test('each command has help with its exit codes; what is not there is said so', async () => {
  for (const name of ['status', 'plan', 'run', 'retry', 'heal', 'orphans']) {
    const help = await sync(name, '--help')
    expect([name, help.code, help.out.includes('Exit codes:')]).toEqual([name, 0, true])
  }
  expect(await sync('status', '--backend', 'nothing')).toMatchObject({
    code: 3,
    error: expect.stringContaining('There are: fixture_shelf.'),
  })
  expect((await sync('run', '--heal', 'much')).code).toBe(2)
  expect((await sync('plan', '--configuration', '999999')).code).toBe(3)
  expect((await sync('plan', '--subscription', 'NOBODY-1')).code).toBe(3)
  expect((await sync('plan', '--configuration', 'x')).code).toBe(2)
})

test('a plan reads the target and changes nothing; a run without any worker makes it so, and the status agrees', async () => {
  const [missing, differing, right] = [await box(), await box(), await box()]
  put(differing.login, 'guessed by hand')
  put(right.login, 'open sesame')
  const plan = await sync('plan')
  expect(plan.code).toBe(5)
  expect(plan.out).toContain(`fixture_shelf: add ${missing.login} (configuration ${missing.id})`)
  expect(plan.out).toContain(`fixture_shelf: change ${differing.login}`)
  expect(plan.out).toContain('  - password: •••')
  expect(plan.out).toContain('2 would change.')
  expect(plan.out).not.toMatch(/open sesame|guessed/)
  expect(held(missing.login)).toBeUndefined()
  const one = JSON.parse((await sync('plan', '--configuration', String(differing.id), '--json')).out)
  expect(one.changes).toEqual([
    {
      backend: 'fixture_shelf',
      configuration: differing.id,
      key: differing.login,
      change: 'change',
      difference: [{ path: 'password', from: '•••', to: '•••' }],
    },
  ])

  const run = await sync('run')
  expect(run).toMatchObject({ code: 0, out: expect.stringContaining('fixture_shelf:') })
  expect(run.error).toContain('Comparing fixture_shelf')
  expect([missing, differing, right].map(({ login }) => held(login))).toEqual(['open sesame', 'open sesame', 'open sesame'])
  expect(await sync('plan')).toMatchObject({ code: 0, out: 'Nothing would change.\n' })
  const status = await sync('status', '--json')
  expect(status.code).toBe(0)
  expect(JSON.parse(status.out).backends).toMatchObject([
    { backend: 'fixture_shelf', counts: { in_sync: 3, failed: 0 }, sweep: { status: 'done' } },
  ])
  // nothing of it waits for a worker
  expect((await coin.pool.query(`SELECT FROM graphile_worker.jobs WHERE task_identifier = 'provisioning:sweep'`)).rowCount).toBe(0)
})

test('a plan removes nothing of a configuration whose app is not installed: neither would a run', async () => {
  const { login, id } = await box()
  await sync('run')
  await coin.pool.query(
    `SET session_replication_role = replica; UPDATE configuration SET type = 'of_another_app' WHERE id = ${id}; RESET session_replication_role`,
  )
  const plan = await sync('plan')
  expect(plan.out).toContain(`cannot tell ${login}`)
  expect(plan.out).not.toContain('remove')
})

test('a run that may not heal leaves what it finds, and says so', async () => {
  const { login } = await box()
  await sync('run')
  put(login, 'by hand')
  const run = await sync('run', '--heal', 'none', '--json')
  expect(run).toMatchObject({ code: 5, error: '' })
  expect(JSON.parse(run.out)).toMatchObject({ interrupted: false, sweeps: [{ sweep: { differing: 1, healed: 0 }, left: 1 }] })
  expect(held(login)).toBe('by hand')
  expect((await sync('status')).code).toBe(5)
})

test('orphans are listed and removed; a run that would remove much asks first', async () => {
  const { login } = await box()
  await sync('run')
  for (const name of ['left1', 'left2', 'left3']) put(name, 'hidden')
  const run = await sync('run', '--heal', 'all')
  expect(run).toMatchObject({ code: 6, out: expect.stringContaining('add --confirm') })
  expect(held('left1')).toBe('hidden')
  const list = await sync('orphans')
  expect(list).toMatchObject({ code: 5, out: expect.stringContaining('left2') })
  expect(list.out).not.toContain('hidden')
  const rows = JSON.parse((await sync('orphans', '--json')).out).orphans as { id: number; key: string }[]
  expect((await sync('orphans', '--remove', '999999')).code).toBe(3)
  expect((await sync('orphans', '--backend', 'fixture_shelf', '--remove-all')).code).toBe(2)
  const id = rows.find(({ key }) => key === 'left1')?.id
  expect(await sync('orphans', '--remove', String(id))).toMatchObject({ code: 0, out: '1 are removed, as soon as a worker runs.\n' })
  expect((await sync('run', '--heal', 'all', '--confirm')).code).toBe(0)
  expect(readdirSync(shelf)).toEqual([`${login}.json`])
})

test('a target that does not answer is a failure with its reason, and is told by the status', async () => {
  await box()
  renameSync(shelf, `${shelf}.away`)
  try {
    expect(await sync('run')).toMatchObject({ code: 1, out: expect.stringContaining('The folder is not there.') })
    expect(await sync('plan')).toMatchObject({ code: 5, out: expect.stringContaining('cannot tell') })
    const status = await sync('status')
    expect(status.code).toBe(5)
    expect(status.out).toMatch(/fixture_shelf has not answered since .*: The folder is not there\./)
  } finally {
    renameSync(`${shelf}.away`, shelf)
  }
})

describe('with a worker', () => {
  test('retry and heal have it look again', async () => {
    const { login, id } = await box()
    await sync('run')
    put(login, 'by hand')
    await sync('run', '--heal', 'none')
    const worker = await startWorker(coin, { log: { info() {}, warn() {} } })
    try {
      expect(await sync('heal', '--backend', 'fixture_shelf')).toMatchObject({
        code: 0,
        out: '1 are put right, as soon as a worker runs.\n',
      })
      await until(async () => held(login) === 'open sesame')
      rmSync(file(login))
      expect((await sync('retry', '--configuration', String(id))).code).toBe(0)
      await until(async () => held(login) === 'open sesame')
    } finally {
      await worker.stop()
    }
  })
})

test('Ctrl-C ends it soon, and asked again it goes on', async () => {
  for (let n = 0; n < 3; n++) await box()
  const wait = path.join(shelf, '.wait')
  writeFileSync(wait, '')
  const { child, ended } = start('sync', 'run')
  await until(async () => (await coin.pool.query(`SELECT FROM provisioning_sweep WHERE status = 'running'`)).rowCount === 1)
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ code: 130, out: expect.stringContaining('Interrupted.') })
  expect((await coin.pool.query(`SELECT FROM provisioning_sweep WHERE status IN ('waiting', 'running')`)).rowCount).toBe(0)
  rmSync(wait)
  expect((await sync('run')).code).toBe(0)
  expect(readdirSync(shelf)).toHaveLength(3)
})
