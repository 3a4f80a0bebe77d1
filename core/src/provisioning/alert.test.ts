import { addConfiguration, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import withAlert, { heard } from '../../../test/fixtures/apps/with-alert.ts'
import withSubnetEvent, { network, tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { until } from '../../../test/fixtures/until.ts'
import { createUser } from '../accounts/rules.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { type RunningWorker, startWorker } from '../jobs/worker.ts'
import { type TestSmtp, testSmtp } from '../testing/smtp.ts'

let coin: TestCoin
let worker: RunningWorker
let smtp: TestSmtp
let count = 0
beforeAll(async () => {
  smtp = await testSmtp()
  process.env.SMTP_URL = smtp.url
  process.env.COIN_URL = 'https://coin.example.net'
  coin = await testCoin({
    provider: { name: 'Collines', language: 'fr' },
    provisioning: { alertAfter: 15, sweep: '0 4 * * *', backends: { fixture_steady: { sweep: false } } },
    apps: [withAlert(), withSubnetEvent()],
  })
  for (const email of ['first@example.org', 'second@example.org'])
    await coin.write(tx => createUser({ email, name: 'Staff', password: 'correct horse battery', role: 'staff' }, tx))
  worker = await startWorker(coin, { log: { info() {}, warn() {} } })
})
afterAll(async () => {
  await worker.stop()
  await coin.close()
  await smtp.close()
  delete process.env.SMTP_URL
  delete process.env.COIN_URL
})
afterEach(async () => {
  network.broken = ''
  await coin.pool.query(
    `UPDATE provisioning_state SET due_at = now() WHERE due_at IS NOT NULL; UPDATE provisioning_target SET down_since = NULL`,
  )
  await until(async () => (await rows(`SELECT FROM provisioning_state WHERE state <> 'in_sync'`)).length === 0)
  await look()
  smtp.mails.length = 0
  heard.length = 0
  await coin.pool.query('DELETE FROM coin.mail')
})

const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const bodies = async () =>
  (await rows<{ subject: string; body: string }>('SELECT subject, body FROM coin.mail ORDER BY id')).map(
    ({ subject, body }) => `${subject}\n${body}`,
  )
const state = async (id: number) =>
  (
    await rows<{ state: string }>(`SELECT state FROM provisioning_state WHERE configuration_id = $1 AND backend = 'fixture_directory'`, [
      id,
    ])
  )[0]?.state

/** The alert looks, as it does each minute, and its mails have left. */
async function look(name = 'alert') {
  await coin.asSystem('test', () => coin.write(tx => enqueue(tx, `provisioning:${name}`, {})))
  await until(
    async () =>
      (
        await rows(
          `SELECT FROM graphile_worker.jobs WHERE task_identifier IN ('provisioning:alert', 'provisioning:sweep_due') UNION ALL SELECT FROM coin.mail WHERE sent_at IS NULL`,
        )
      ).length === 0,
  )
}

const failing = async (minutes: number) => {
  const login = `tunnel${++count}`
  const id = await addConfiguration(coin, tunnels, { login })
  await until(async () => (await state(id)) === 'failed')
  await coin.pool.query(
    `UPDATE provisioning_state SET since = now() - $2 * interval '1 minute' WHERE configuration_id = $1 AND backend = 'fixture_directory'`,
    [id, minutes],
  )
  return { id, login }
}

test('what fails for too long is told once: one mail to each administrator, in the language of the provider, and to the apps', async () => {
  network.broken = 'no such attribute'
  const [first, second] = [await failing(16), await failing(20)]
  const recent = await failing(3)
  await look()
  expect(smtp.mails.map(({ to }) => to).sort()).toEqual(['first@example.org', 'second@example.org'])
  const [mail] = await bodies()
  expect(mail).toContain('Collines\u00a0: quelque chose échoue sur le réseau')
  expect(mail).toContain('2 configurations ne sont pas comme elles devraient')
  expect(mail).toContain('- no such attribute (2)')
  expect(mail).toContain('https://coin.example.net/admin/provisioning/fixture_directory?state=failed')
  const error = 'no such attribute'
  await until(async () => heard.length >= 2)
  expect([...heard].sort((a, b) => a.id - b.id)).toEqual(
    [first, second].map(({ id }) => ({ op: 'added', id, backend: 'fixture_directory', error })),
  )

  await look()
  expect(smtp.mails).toHaveLength(2)
  await coin.pool.query(`UPDATE provisioning_state SET since = now() - interval '1 hour' WHERE configuration_id = $1`, [recent.id])
  await look()
  expect(smtp.mails).toHaveLength(4)
  expect((await bodies()).at(-1)).toContain('1 configuration n’est pas comme elle devrait')
  expect(network.applied).toBe(0)
})

test('when all of it is well again, one mail says so; a configuration that is gone is no trouble any more', async () => {
  network.broken = 'away'
  const [mended, removed] = [await failing(16), await failing(16)]
  await look()
  network.broken = ''
  await coin.pool.query('DELETE FROM fixture_tunnel WHERE id = $1', [removed.id])
  await coin.pool.query(`UPDATE provisioning_state SET due_at = now() WHERE state <> 'in_sync'`)
  await until(async () => (await state(mended.id)) === 'in_sync' && (await state(removed.id)) === undefined)
  await until(async () => heard.length === 4)
  for (const { id } of [mended, removed]) expect(heard.filter(one => one.id === id).map(({ op }) => op)).toEqual(['added', 'removed'])
  await look()
  expect(smtp.mails).toHaveLength(4)
  expect((await bodies()).at(-1)).toContain('Collines\u00a0: tout va bien de nouveau sur le réseau')
  await look()
  expect(smtp.mails).toHaveLength(4)
})

test('a target that does not answer for too long is told even before anything fails, and not again while it lasts', async () => {
  await coin.pool.query(`
    INSERT INTO provisioning_target (backend, down_since, error, probe_at) VALUES ('fixture_directory', now() - interval '14 minutes', 'connect ECONNREFUSED', now() + interval '1 hour')
    ON CONFLICT (backend) DO UPDATE SET down_since = excluded.down_since, error = excluded.error, probe_at = excluded.probe_at`)
  await look()
  expect(smtp.mails).toEqual([])
  await coin.pool.query(`UPDATE provisioning_target SET down_since = now() - interval '16 minutes' WHERE backend = 'fixture_directory'`)
  await look()
  await look()
  expect(smtp.mails).toHaveLength(2)
  expect((await bodies())[0]).toMatch(/fixture_directory\nNe répond plus depuis le .*connect ECONNREFUSED/)
  await coin.pool.query(`UPDATE provisioning_target SET down_since = NULL`)
  await look()
  expect((await bodies()).at(-1)).toContain('tout va bien de nouveau')
})

test('a target is compared when its time has come, once, and not when somebody had it compared meanwhile', async () => {
  const asked = () => rows<{ backend: string; asked_by: string }>('SELECT backend, asked_by FROM provisioning_sweep ORDER BY id')
  await coin.pool.query('DELETE FROM provisioning_schedule')
  await look('sweep_due')
  expect(await asked()).toEqual([])
  await coin.pool.query(`UPDATE provisioning_schedule SET looked_until = now() - interval '2 days'`)
  await look('sweep_due')
  await look('sweep_due')
  expect(await asked()).toEqual([{ backend: 'fixture_directory', asked_by: 'schedule' }])
  await until(async () => (await rows(`SELECT FROM provisioning_sweep WHERE ended_at IS NULL`)).length === 0)
  await coin.pool.query(`UPDATE provisioning_schedule SET looked_until = now() - interval '2 days'`)
  await look('sweep_due')
  expect(await asked()).toHaveLength(1)
})

test('a comparison that a killed command left is given to a worker, and not while the command lives', async () => {
  const { rows: added } = await coin.pool.query(
    `INSERT INTO provisioning_sweep (backend, heal, asked_by, status, started_at) VALUES ('fixture_directory', 'none', 'command', 'running', now()) RETURNING id`,
  )
  const status = async () =>
    (await rows<{ status: string }>('SELECT status FROM provisioning_sweep WHERE id = $1', [added[0].id]))[0]?.status
  const command = await coin.pool.connect()
  await command.query(`SELECT pg_advisory_lock(hashtextextended('coin.sweep:' || $1::bigint, 0))`, [added[0].id])
  await look('sweep_due')
  expect(await rows(`SELECT FROM graphile_worker.jobs WHERE task_identifier = 'provisioning:sweep'`)).toEqual([])
  expect(await status()).toBe('running')
  command.release(true)
  await until(async () => {
    await look('sweep_due')
    return (await status()) === 'done'
  })
})
