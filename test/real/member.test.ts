import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { addMember, addOffer, addPool, addSubnet, type TestClient, type TestWeb, testWeb } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import vpnApp from '../../apps/vpn/index.tsx'
import { type RunningWorker, startWorker } from '../../core/src/jobs/worker.ts'
import { suspend } from '../../core/src/subscriptions/rules.ts'
import { until } from '../fixtures/until.ts'
import { type Slapd, startSlapd } from './slapd.ts'
import { LoginRefused, type VpnClient } from './vpn-computer.ts'
import { openVpnNet, sessionToken, type VpnNet } from './vpn-net.ts'

// one member's story, from the subscription to the wire: each test goes on where the one before ended
let net: VpnNet
let slapd: Slapd
let web: TestWeb
let worker: RunningWorker
let site: Server
let staff: TestClient
let member: TestClient
let client: VpnClient
let more: number
const account = { id: 0, subscription: 0, login: '', password: '' }

beforeAll(async () => {
  net = await openVpnNet()
  slapd = await startSlapd({ hosts: [net.host] })
  const ldap = { url: slapd.url, bindDn: slapd.writerDn, password: slapd.writerPassword }
  const server = { remotes: [{ host: net.server }], ca: net.ca, commonName: 'vpn-server', extra: ['disable-dco'] }
  web = await testWeb({ apps: [vpnApp({ ldap, directory: { base: slapd.vpnBase }, server, sessionToken })] })
  worker = await startWorker(web.coin, { log: { info() {}, warn() {} } })
  // only what the VPN server tells of sessions comes this way
  site = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const body = Buffer.concat(await Array.fromAsync(request))
    const { authorization = '', 'content-type': type = '' } = headers
    const answer = await web.request(url, { method, body, headers: { Authorization: authorization, 'Content-Type': type } })
    response.writeHead(answer.status).end()
  }).listen(0, net.host)
  await once(site, 'listening')
  const { port } = site.address() as AddressInfo
  const directory = { url: `ldap://${net.host}:${slapd.port}`, base: slapd.vpnBase, bindDn: slapd.readerDn }
  const settings = { session_url: `http://${net.host}:${port}/vpn/session`, session_token_file: `${net.folder}/token`, alive_interval: '1' }
  await net.startServer({ directory: { ...directory, bindPassword: slapd.readerPassword }, settings })
  staff = await web.signIn('staff')
})
afterAll(async () => {
  await client?.stop()
  await net?.close()
  site?.close()
  await worker?.stop()
  await web?.coin.close()
  await slapd?.close()
})

const text = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
const page = async () => text(await member.page(`/vpn/${account.id}`))
const entry = () => slapd.search(`(uid=${account.login})`)
const has = (...lines: string[]) => until(async () => entry().then(found => lines.every(line => found.includes(`\n${line}\n`))))
const routes = (...expected: string[]) =>
  until(async () => JSON.stringify(net.routes()) === JSON.stringify([...expected].sort()), 20).catch(() =>
    expect(net.routes()).toEqual([...expected].sort()),
  )
const first = ['198.51.100.0', '198.51.100.0/29', '2001:db8::/64', '2001:db8::1']

test('a member subscribes, and the directory has it', async () => {
  const pools = [await addPool(web.coin, '198.51.100.0/24', { length: 29 }), await addPool(web.coin, '2001:db8::/48', { length: 64 })]
  more = pools[0] ?? 0
  const offer = await addOffer(web.coin, 'vpn', pools)
  const id = await addMember(web.coin, { firstName: 'Alice', lastName: 'Berthier' })
  member = await web.member(id)
  const began = performance.now()
  await web.coin.write(async tx => {
    const subscription = await addRow(
      tx,
      sql`INSERT INTO subscription (member_id, configuration_type, reference, started_on) VALUES (${id}, 'vpn', 'VPN-1', '2026-01-01') RETURNING id`,
    )
    await tx.execute(
      sql`INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) VALUES (${subscription}, ${offer}, 'vpn', '[2026-01-01,)')`,
    )
    account.subscription = subscription
    account.id = await addRow(tx, sql`INSERT INTO configuration (type, subscription_id) VALUES ('vpn', ${subscription}) RETURNING id`)
    await tx.execute(sql`INSERT INTO vpn (id) VALUES (${account.id})`)
  })
  const { rows } = await web.coin.pool.query<{ login: string }>('SELECT login FROM vpn WHERE id = $1', [account.id])
  account.login = rows[0]?.login ?? ''
  await has(
    'vpnEnabled: TRUE',
    'vpnIPv4Endpoint: 198.51.100.0',
    'vpnIPv4Route: 198.51.100.0/29',
    'vpnIPv6Endpoint: 2001:db8::1',
    'vpnIPv6Route: 2001:db8::/64',
  )
  console.log(`the directory had it after ${Math.round(performance.now() - began)} ms`)
})

test('the member makes a password, connects with the profile, and both subnets reach and are reached', async () => {
  await expect(net.computer.login(account.login, 'before there is one')).rejects.toThrow(LoginRefused)
  const made = await (await member.post(`/vpn/${account.id}/password`)).text()
  account.password = /<code class="secret">([^<]+)<\/code>/.exec(made)?.[1] ?? ''
  await until(() =>
    slapd.whoami(`uid=${account.login},${slapd.vpnBase}`, account.password).then(
      () => true,
      () => false,
    ),
  )
  await until(async () => (await page()).includes('Your VPN is ready'))
  await expect(net.computer.login(account.login, `${account.password}x`)).rejects.toThrow(LoginRefused)

  const profile = await (await member.get(`/vpn/${account.id}/profile.ovpn`)).text()
  net.computer.addLan('198.51.100.1/29')
  net.computer.addLan('2001:db8::20/64')
  client = await net.computer.start(profile, { user: account.login, password: account.password })
  expect(net.computer.addresses()).toEqual(['198.51.100.0', '2001:db8::1'])
  expect(net.routes()).toEqual(first)
  for (const address of ['198.51.100.0', '198.51.100.1', '2001:db8::1', '2001:db8::20'])
    expect([address, net.ping(address)]).toEqual([address, true])
  for (const from of ['198.51.100.0', '198.51.100.1']) expect([from, net.computer.ping(net.internet.ipv4, from)]).toEqual([from, true])
  for (const from of ['2001:db8::1', '2001:db8::20']) expect([from, net.computer.ping(net.internet.ipv6, from)]).toEqual([from, true])
  await until(async () => (await page()).includes('10.249.1.2'))
})

test('staff add a subnet, and it is routed', async () => {
  await addSubnet(web.coin, account.id, { pool: more })
  net.computer.addLan('198.51.100.9/29')
  await until(async () => net.ping('198.51.100.9'))
  expect(net.computer.ping(net.internet.ipv4, '198.51.100.9')).toBe(true)
  await routes(...first, '198.51.100.8/29')
})

test('staff suspend the subscription: the session ends, its routes go, and nobody gets in until it is resumed', async () => {
  const id = await web.coin.write(tx => suspend(tx, account.subscription, { first: today() }))
  await routes()
  expect(net.ping('198.51.100.1')).toBe(false)
  expect(await page()).toContain('Your VPN is suspended')
  await until(async () => client.ended())
  await expect(net.computer.login(account.login, account.password)).rejects.toThrow(LoginRefused)
  await web.coin.write(tx => tx.execute(sql`DELETE FROM subscription_suspension WHERE id = ${id}`))
  await has('vpnEnabled: TRUE')
  client = await net.computer.login(account.login, account.password)
  expect(net.ping('198.51.100.1')).toBe(true)
})

test('while the directory is down the page says so, sessions go on, and everything arrives afterwards with no hand', async () => {
  await slapd.stop()
  await addSubnet(web.coin, account.id, { pool: more })
  await until(async () => (await page()).includes('Your last change does not reach the VPN yet'))
  expect(text(await staff.page(`/admin/subscriptions/${account.subscription}`))).toContain('has not answered since')
  expect(net.ping('198.51.100.1')).toBe(true)
  await slapd.start()
  await has('vpnIPv4Route: 198.51.100.16/29')
  net.computer.addLan('198.51.100.17/29')
  await until(async () => net.ping('198.51.100.17'))
  await until(async () => (await page()).includes('Your VPN is ready'))
})

test('what somebody changed in the directory by hand is shown as a difference, and the sweep heals it', async () => {
  await slapd.modify(
    `dn: uid=${account.login},${slapd.vpnBase}\nchangetype: modify\nreplace: vpnIPv4Route\nvpnIPv4Route: 198.51.100.0/29\nvpnIPv4Route: 198.51.100.240/29\n-\n`,
  )
  await until(async () => net.routes().includes('198.51.100.240/29'))
  const compared = await staff.page(`/admin/provisioning/vpn_ldap/compare/${account.id}`)
  expect(text(compared)).toContain('198.51.100.240/29')
  expect(compared).not.toContain('argon2id')
  expect((await staff.post('/admin/provisioning/vpn_ldap/sweep')).status).toBe(303)
  await has('vpnIPv4Route: 198.51.100.16/29')
  await until(async () => text(await staff.page('/admin/provisioning/vpn_ldap/sweeps')).includes('1 differs, 1 put right'))
  expect(await entry()).not.toContain('198.51.100.240')
  await routes(...first, '198.51.100.8/29', '198.51.100.16/29')
})

test('the VPN server tells what the session has moved while it runs', async () => {
  const told = `SELECT FROM vpn_session WHERE configuration_id = $1 AND until IS NULL AND seen_at > since AND received > 0 AND sent > 0`
  await until(async () => (await web.coin.pool.query(told, [account.id])).rowCount === 1)
})

test('an ended subscription leaves nothing in the directory and no session', async () => {
  await web.coin.write(tx => tx.execute(sql`UPDATE subscription SET resigned_on = current_date - 1 WHERE id = ${account.subscription}`))
  await until(async () => (await entry()).trim() === '')
  await routes()
})

const today = () => new Date().toISOString().slice(0, 10)

async function addRow(tx: Parameters<Parameters<TestWeb['coin']['write']>[0]>[0], statement: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await tx.execute<{ id: number }>(statement)
  return Number(rows[0]?.id)
}
