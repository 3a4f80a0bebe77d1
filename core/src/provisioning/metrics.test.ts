import { addConfiguration, type TestWeb, testWeb } from 'coin/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import withSubnetEvent, { tunnels } from '../../../test/fixtures/apps/with-subnet-event/index.ts'
import { statementsOf } from '../testing/web.ts'
import { parseMetrics } from './metrics-parser.fixture.ts'

let web: TestWeb
const token = 'a token that only the monitoring knows'
beforeAll(async () => {
  web = await testWeb({ apps: [withSubnetEvent()] })
})
afterAll(() => web.close())
afterEach(() => {
  delete process.env.COIN_METRICS_TOKEN
})

const sql = async (statement: string, values: unknown[] = []) => (await web.coin.pool.query(statement, values)).rows
const withToken = (given: string) => web.client().get('/metrics', { Authorization: `Bearer ${given}` })

describe('who may read them', () => {
  test('without a token only staff', async () => {
    expect((await web.request('/metrics')).status).toBe(401)
    expect((await withToken('')).status).toBe(401)
    expect((await withToken('undefined')).status).toBe(401)
    expect((await (await web.signIn('member')).get('/metrics')).status).toBe(403)
    expect((await (await web.signIn('staff')).get('/metrics')).status).toBe(200)
  })

  test('with one, whoever has all of it', async () => {
    process.env.COIN_METRICS_TOKEN = token.replaceAll(' ', '-')
    const right = process.env.COIN_METRICS_TOKEN
    expect((await withToken(right)).status).toBe(200)
    for (const wrong of [right.slice(1), `${right}x`, right.toUpperCase(), '']) expect((await withToken(wrong)).status).toBe(401)
    const answer = await web.client().get('/metrics', { Authorization: `Basic ${right}` })
    expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer realm="metrics"'])
  })
})

test('say what there is, in the format that Prometheus reads, in as many statements however much it is', async () => {
  const staff = await web.signIn('staff')
  const few = statementsOf(await staff.get('/metrics'))
  const id = await addConfiguration(web.coin, tunnels, { login: 'one' })
  await sql(
    `INSERT INTO provisioning_state (configuration_id, backend, state, since) VALUES ($1, 'fixture_directory', 'pending', now() - interval '90 seconds'), ($1, 'fixture_steady', 'failed', now())`,
    [id],
  )
  await sql(
    `INSERT INTO provisioning_state (configuration_id, backend, key, state) SELECT 1000000 + n, 'fixture_directory', 'k' || n, 'in_sync' FROM generate_series(1, 7) AS n`,
  )
  await sql(`INSERT INTO provisioning_state (configuration_id, backend, state) VALUES (900001, 'long "gone"\n', 'pending')`)
  await sql(`INSERT INTO provisioning_target (backend, down_since) VALUES ('fixture_directory', now())`)
  await sql(
    `INSERT INTO provisioning_sweep (backend, heal, asked_by, status, ended_at, differing, orphaned) VALUES ('fixture_steady', 'none', 'x', 'asks', '2026-01-01T00:00:00Z', 2, 3)`,
  )
  const answer = await staff.get('/metrics')
  expect(answer.headers.get('Content-Type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(statementsOf(answer)).toBe(few)
  const found = parseMetrics(await answer.text())
  const of = (name: string, labels: Record<string, string> = {}) => found.value(name, labels)
  const directory = { backend: 'fixture_directory' }
  const steady = { backend: 'fixture_steady' }
  expect(of('coin_provisioning_states', { ...directory, state: 'in_sync' })).toBe(7)
  expect(of('coin_provisioning_states', { ...directory, state: 'pending' })).toBe(1)
  expect(of('coin_provisioning_states', { ...steady, state: 'failed' })).toBe(1)
  expect(of('coin_provisioning_states', { ...steady, state: 'drifted' })).toBe(0)
  expect(of('coin_provisioning_oldest_pending_seconds', directory)).toBeGreaterThanOrEqual(90)
  expect(of('coin_provisioning_oldest_pending_seconds', steady)).toBe(0)
  expect(of('coin_provisioning_target_up', directory)).toBe(0)
  expect(of('coin_provisioning_target_up', steady)).toBe(1)
  expect(of('coin_provisioning_last_sweep_timestamp_seconds', steady)).toBe(Date.parse('2026-01-01T00:00:00Z') / 1000)
  expect(of('coin_provisioning_last_sweep_found', { ...steady, kind: 'orphaned' })).toBe(3)
  expect(of('coin_provisioning_last_sweep_asks', steady)).toBe(1)
  expect(of('coin_outbox_rows')).toBeGreaterThan(0)
  expect(of('coin_delivery_rows')).toBe(0)
  expect(of('coin_jobs')).toBeDefined()
  expect(of('coin_build_info', { version: '0.1.0', node: process.versions.node })).toBe(1)
  // what is not installed is nobody's to watch
  expect(found.names.some(name => name.includes('gone'))).toBe(false)
})
