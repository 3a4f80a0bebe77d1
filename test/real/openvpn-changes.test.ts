import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { until } from '../fixtures/until.ts'
import type { Computer, VpnClient } from './vpn-computer.ts'
import { sessionToken } from './vpn-net.ts'
import { alice, routesOfAlice, type VpnWorld, vpnWorld } from './vpn-world.ts'

let world: VpnWorld
let home: Computer
const clients: VpnClient[] = []

beforeAll(async () => {
  world = await vpnWorld()
  home = world.net.computer
  home.addLan('198.51.100.9/29')
  home.addLan('10.77.1.1/24')
  home.addLan('fd77:1::1/48')
})
afterAll(() => world?.close())
beforeEach(() => world.add(alice))
afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop()
  if (!world.slapd.pid) await world.slapd.start()
  await world.remove(alice.login).catch(() => {})
  await world.untilRoutes()
})

async function login(options: Parameters<Computer['login']>[2] = {}, from = home): Promise<VpnClient> {
  const client = await from.login(alice.login, alice.password, options)
  clients.push(client)
  return client
}

const logs = (text: string) => until(async () => world.net.hooksLog().includes(text))

test('a subnet that is added while the member is connected is routed, and the client comes back by itself', async () => {
  const client = await login()
  const began = performance.now()
  await world.change(alice.login, { vpnIPv4Route: ['198.51.100.8/29', '10.77.1.0/24'], vpnIPv6Route: ['2001:db8:1::/64', 'fd77:1::/48'] })
  await until(async () => world.net.ping('10.77.1.1') && world.net.ping('fd77:1::1'))
  const took = performance.now() - began
  await world.untilRoutes(...routesOfAlice, '10.77.1.0/24', 'fd77:1::/48')
  expect(client.ended()).toBe(false)
  expect(world.net.hooksLog()).toMatch(/watch: ends alice-vpn1@\d+: the addresses changed\n/)
  expect(home.ping(world.net.internet.ipv4, '10.77.1.1')).toBe(true)
  expect(home.ping(world.net.internet.ipv6, 'fd77:1::1')).toBe(true)
  console.log(`added subnets were reached after ${Math.round(took)} ms, tunnel up ${client.connections()} times`)
})

test('an endpoint that changes is given at once, and the old one leads nowhere', async () => {
  await login()
  await world.change(alice.login, { vpnIPv4Endpoint: ['198.51.100.12'] })
  await until(async () => world.net.ping('198.51.100.12'))
  expect(home.addresses()).toContain('198.51.100.12')
  expect(world.net.routes()).toContain('198.51.100.12')
  expect(world.net.routes()).not.toContain('198.51.100.8')
})

test.each([
  ['is not enabled any more', () => world.change(alice.login, { vpnEnabled: ['FALSE'] }), 'the account is not enabled'],
  ['is gone', () => world.remove(alice.login), 'the account is gone'],
])('the session of an account that %s ends, its routes go, and the client is told', async (_, change, reason) => {
  const client = await login()
  expect(world.net.ping('198.51.100.9')).toBe(true)
  await change()
  const took = await world.untilRoutes()
  console.log(`routes withdrawn after ${Math.round(took)} ms`)
  expect(world.net.ping('198.51.100.9')).toBe(false)
  await logs(`: ${reason}\n`)
  await until(async () => client.ended())
  expect(client.log()).toContain('AUTH_FAILED')
})

test('a new password leaves the session as it is', async () => {
  const client = await login()
  await world.change(alice.login, { userPassword: ['another'] })
  // a change that ends the session comes after it, and is the first that does
  await world.change(alice.login, { vpnIPv4Route: ['198.51.100.8/29', '10.77.1.0/24'] })
  await until(async () => world.net.ping('10.77.1.1'))
  expect(client.connections()).toBe(2)
})

test('without the directory sessions go on, also when keys are renewed; who logs in is asked to wait and gets in later', async () => {
  const away = world.net.newComputer()
  const client = await login({ extra: ['reneg-sec 3'] })
  await world.slapd.stop()
  await logs('watch: the directory does not answer (')
  const renewed = () => client.log().split('TLS: soft reset').length
  const before = renewed()
  const waiting = away.login(alice.login, alice.password)
  await logs(`auth ${alice.login} refused: the directory does not answer`)
  await until(async () => renewed() > before + 1)
  expect(world.net.ping('198.51.100.9')).toBe(true)
  expect(client.connections()).toBe(1)
  await world.slapd.start()
  await logs('watch: the directory answers again')
  clients.push(await waiting)
})

test('a directory that shows nothing ends no session', async () => {
  await login()
  await world.slapd.stop()
  const passwords = 'access to attrs=userPassword by anonymous auth by * none'
  await world.slapd.start({ access: [passwords, 'access to * by * none'] })
  // bound, and every entry hidden from it
  await logs('watch: the directory does not answer (No such object (32)): sessions are left alone')
  expect(world.net.ping('198.51.100.9')).toBe(true)
  await world.slapd.stop()
  const before = world.net.hooksLog().length
  await world.slapd.start({ access: [passwords, `access to * by dn.exact="${world.slapd.readerDn}" read by * none`] })
  await until(async () => world.net.hooksLog().slice(before).includes('watch: the directory answers again'))
  expect(world.net.routes()).toEqual(routesOfAlice)
  expect(world.net.routes()).toEqual(routesOfAlice)
})

test('a server that died leaves nothing behind, and one that restarts is found again by clients and by watch', async () => {
  const client = await login()
  await world.net.stopServer('SIGKILL')
  await world.net.restartServer()
  expect(world.net.routes()).toEqual([])
  expect(world.net.hooksLog()).toMatch(/up tun0, forgot alice-vpn1@\d+\n/)
  await client.stop()

  const second = await login()
  await world.net.stopServer()
  expect(world.net.hooksLog()).toMatch(/disconnect alice-vpn1@\d+ received=\d+ sent=\d+\n/)
  await world.net.restartServer()
  await until(async () => second.connections() === 2)
  expect(world.net.ping('198.51.100.9')).toBe(true)
  await world.change(alice.login, { vpnEnabled: ['FALSE'] })
  await world.untilRoutes()
})

test('a second login ends the first, whose end takes no route from it', async () => {
  const office = world.net.newComputer()
  office.addLan('198.51.100.10/29')
  await login()
  expect([world.net.ping('198.51.100.9'), world.net.ping('198.51.100.10')]).toEqual([true, false])
  await login({}, office)
  expect([world.net.ping('198.51.100.9'), world.net.ping('198.51.100.10')]).toEqual([false, true])
  expect(world.net.routes()).toEqual(routesOfAlice)
})

test('Coin is told of sessions, and nobody waits for it', async () => {
  const told: URLSearchParams[] = []
  const site = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => (body += chunk))
    request.on('end', () => {
      told.push(new URLSearchParams(`${body}&authorization=${request.headers.authorization}`))
      response.end()
    })
  }).listen(0, world.net.host)
  await once(site, 'listening')
  const { port } = site.address() as AddressInfo
  try {
    world.net.configure({ session_url: `http://${world.net.host}:${port}/vpn/sessions`, session_token_file: `${world.net.folder}/token` })
    const client = await login()
    await until(async () => told.length === 1)
    home.ping(world.net.internet.ipv4)
    await client.stop()
    await until(async () => told.length === 2)
    const [connected, disconnected] = told.map(each => Object.fromEntries(each))
    expect(connected).toMatchObject({ event: 'connect', login: alice.login, remote: '10.249.1.2', authorization: `Bearer ${sessionToken}` })
    expect(disconnected).toMatchObject({ event: 'disconnect', session: connected?.session })
    expect([Number(disconnected?.received) > 0, Number(disconnected?.sent) > 0]).toEqual([true, true])
  } finally {
    site.close()
  }
  // nothing listens there any more
  await login()
  expect(world.net.ping('198.51.100.9')).toBe(true)
  await logs(': curl: ')
})
