import { afterAll, beforeAll, expect, test } from 'vitest'
import vpnApp from '../../apps/vpn/index.tsx'
import { startWorker } from '../../core/src/jobs/worker.ts'
import { askSweep } from '../../core/src/provisioning/ask.ts'
import { type TestCoin, testCoin } from '../../core/src/testing/index.ts'
import { until } from '../fixtures/until.ts'
import { type Slapd, startSlapd } from './slapd.ts'

const accounts = 10_000
const backend = 'vpn_ldap'
let coin: TestCoin
let slapd: Slapd

beforeAll(async () => {
  slapd = await startSlapd({ maxsize: 2 ** 29 })
  coin = await testCoin({
    apps: [
      vpnApp({ ldap: { url: slapd.url, bindDn: slapd.writerDn, password: slapd.writerPassword }, directory: { base: slapd.vpnBase } }),
    ],
    provisioning: { sweep: false },
  })
})
afterAll(async () => {
  await coin.close()
  await slapd.close()
})

const count = async (statement: string): Promise<number> => Number((await coin.pool.query(statement)).rows[0].count)
const unsettled = () =>
  count(
    `SELECT (SELECT count(*) FROM coin.outbox) + (SELECT count(*) FROM provisioning_state WHERE due_at IS NOT NULL OR state <> 'in_sync') AS count`,
  )
const entries = async (filter: string) => ((await slapd.search(filter)).match(/^dn: uid=/gm) ?? []).length
const sweep = async () => {
  const id = await coin.write(tx => askSweep(tx, coin.registry, { backend, heal: 'configurations', by: 'test' }))
  await until(async () => (await count(`SELECT count(*) FROM provisioning_sweep WHERE id = ${id} AND ended_at IS NOT NULL`)) === 1, 120)
  return (
    await coin.pool.query('SELECT status, listed, in_sync, differing, missing, orphaned, healed FROM provisioning_sweep WHERE id = $1', [
      id,
    ])
  ).rows[0]
}

test('10,000 accounts made in psql arrive, all changed at once arrive again, and a sweep finds and heals what was edited by hand', async () => {
  const worker = await startWorker(coin, { log: { info() {}, warn() {} } })
  try {
    await coin.pool.query(`
      BEGIN;
      INSERT INTO member (last_name, email) VALUES ('Many', 'many@example.org');
      INSERT INTO offer (name, reference, configuration_type) VALUES ('VPN', 'many', 'vpn');
      INSERT INTO subscription (member_id, configuration_type, reference, started_on)
        SELECT m.id, 'vpn', 'MANY-' || n, '2026-01-01' FROM member m, generate_series(1, ${accounts}) AS n;
      INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during)
        SELECT s.id, o.id, 'vpn', '[2026-01-01,)' FROM subscription s, offer o;
      WITH base AS (INSERT INTO configuration (type, subscription_id) SELECT 'vpn', id FROM subscription ORDER BY id RETURNING id)
        INSERT INTO vpn (id, login) SELECT id, 'many' || id FROM base;
      COMMIT`)
    await until(async () => (await count(`SELECT count(*) FROM provisioning_state`)) === accounts && (await unsettled()) === 0, 240)
    expect(await entries('(vpnEnabled=TRUE)')).toBe(accounts)

    await coin.pool.query('UPDATE vpn SET activated = false')
    await until(async () => (await unsettled()) === 0, 240)
    expect(await entries('(vpnEnabled=FALSE)')).toBe(accounts)

    const login = (await coin.pool.query('SELECT login FROM vpn ORDER BY id LIMIT 1')).rows[0].login
    await slapd.modify(`dn: uid=${login},${slapd.vpnBase}\nchangetype: modify\nreplace: vpnEnabled\nvpnEnabled: TRUE\n`)
    expect(await sweep()).toMatchObject({ status: 'done', listed: accounts, in_sync: accounts - 1, differing: 1, missing: 0, orphaned: 0 })
    await until(async () => (await unsettled()) === 0)
    expect(await entries('(vpnEnabled=FALSE)')).toBe(accounts)
  } finally {
    await worker.stop()
  }
}, 600_000)
