import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../fixtures/until.ts'
import { LoginRefused, type VpnClient } from './vpn-computer.ts'
import { alice, routesOfAlice, type VpnWorld, vpnWorld } from './vpn-world.ts'

describe.each(['script', 'plugin'] as const)('logins checked by %s', auth => {
  let world: VpnWorld
  beforeAll(async () => {
    world = await vpnWorld({ auth })
    await world.add(alice)
    await world.add({
      ...alice,
      login: 'bob-vpn1',
      password: 'bobs',
      ipv4: '198.51.100.16',
      ipv6: '',
      enabled: false,
      routes4: [],
      routes6: [],
    })
  })
  afterAll(() => world?.close())

  test('a member gets both endpoints and reaches the Internet from both subnets, and is reached', async () => {
    const { net } = world
    const home = net.computer
    home.addLan('198.51.100.9/29')
    home.addLan('2001:db8:1::20/64')
    const client = await home.login(alice.login, alice.password)
    expect(home.addresses()).toEqual(['198.51.100.8', '2001:db8:1::1'])
    expect(net.routes()).toEqual(routesOfAlice)
    for (const address of ['198.51.100.8', '198.51.100.9', '2001:db8:1::1', '2001:db8:1::20'])
      expect([address, net.ping(address)]).toEqual([address, true])
    for (const from of ['198.51.100.8', '198.51.100.9']) expect([from, home.ping(net.internet.ipv4, from)]).toEqual([from, true])
    for (const from of ['2001:db8:1::1', '2001:db8:1::20']) expect([from, home.ping(net.internet.ipv6, from)]).toEqual([from, true])
    expect(net.hooksLog()).toMatch(
      new RegExp(
        `connect ${alice.login}@\\d+ push "topology p2p"; ifconfig-push 198.51.100.8 10.250.0.1; ifconfig-ipv6-push 2001:db8:1::1/124 fd98::1; ` +
          'iroute 198.51.100.8 255.255.255.248; iroute-ipv6 2001:db8:1::/64\n',
      ),
    )
    await client.stop()
    await world.untilRoutes()
    await until(async () => /disconnect alice-vpn1@\d+ received=\d+ sent=\d+\n/.test(net.hooksLog()))
  })

  test.each([
    ['a wrong password', alice.login, 'wrong'],
    ['somebody who is not enabled', 'bob-vpn1', 'bobs'],
    ['somebody unknown', 'nobody', 'anything'],
    ['a pattern', 'al*', alice.password],
    ['a filter', 'alice-vpn1)(uid=*', alice.password],
    ['a distinguished name', 'alice-vpn1,ou=vpn', alice.password],
    ['another case', 'Alice-VPN1', alice.password],
  ])('%s is refused', async (_, login, password) => {
    await expect(world.net.computer.login(login, password)).rejects.toThrow(LoginRefused)
    expect(world.net.routes()).toEqual([])
  })
})

describe('what the hooks are asked without a client in between', () => {
  let world: VpnWorld
  beforeAll(async () => {
    world = await vpnWorld({ settings: { topology: 'subnet' } })
    await world.add(alice)
  })
  afterAll(() => world?.close())

  test('an empty password is refused before the directory could take it for nobody', () => {
    const file = path.join(world.net.folder, 'credentials')
    const auth = (text: string) => {
      writeFileSync(file, text)
      return world.net.coinVpn('auth', file).status
    }
    expect(auth(`${alice.login}\n${alice.password}\n`)).toBe(0)
    for (const text of [`${alice.login}\n\n`, `${alice.login}\n`, alice.login, '\n\n', `${alice.login}\n${alice.password} \n`])
      expect([text, auth(text)]).toEqual([text, 1])
    expect(world.net.hooksLog()).toContain(`auth '${alice.login}' refused: empty password\n`)
    expect(world.net.hooksLog()).not.toContain(alice.password)
  })

  test('`check` tells the operator what an account would get', async () => {
    const found = world.net.coinVpn('check', alice.login)
    expect([found.status, found.output]).toEqual([0, expect.stringContaining('iroute 198.51.100.8 255.255.255.248')])
    const none = world.net.coinVpn('check', 'nobody')
    expect([none.status, none.output]).toEqual([1, expect.stringContaining('no such account')])
  })

  test('a directory with other names, as an old deployment has them, is read as well', async () => {
    const { net, slapd } = world
    const of = (lines: string[]) =>
      slapd.modify(`dn: cn=old,${slapd.vpnBase}\nobjectClass: inetOrgPerson\ncn: old\nsn: old\n${lines.join('\n')}\n`)
    await of([
      'employeeType: yes',
      'carLicense: 198.51.100.32',
      'postalAddress: 2001:db8:4::1',
      'street: 198.51.100.32/29 198.51.100.33 1',
      'registeredAddress: 2001:db8:4::/48',
    ])
    net.configure({
      object_class: 'inetOrgPerson',
      login_attribute: 'cn',
      enabled_attribute: 'employeeType',
      enabled_value: 'yes',
      ipv4_endpoint_attribute: 'carLicense',
      ipv6_endpoint_attribute: 'postalAddress',
      ipv4_route_attribute: 'street',
      ipv6_route_attribute: 'registeredAddress',
    })
    const { status, output } = net.coinVpn('check', 'old')
    expect([status, output.replaceAll(/\s*\n\s*/g, '; ')]).toEqual([
      0,
      expect.stringContaining(
        'ifconfig-ipv6-push 2001:db8:4::1/124 <server>; iroute 198.51.100.32 255.255.255.248; iroute-ipv6 2001:db8:4::/48',
      ),
    ])
    await slapd.modify(`dn: cn=old,${slapd.vpnBase}\nchangetype: modify\nreplace: employeeType\nemployeeType: no\n`)
    expect(net.coinVpn('check', 'old').output).toContain('not enabled')
    net.configure(shippedNames)
  })

  test('addresses that are none, or that nobody allowed, are left out and told', async () => {
    const routes = ['0.0.0.0/0', '192.0.2.0/24', 'rubbish', '198.51.100.24/29']
    await world.add({ ...alice, login: 'carol', ipv4: '198.51.100.24', routes4: routes, routes6: ['2001:db8:3::/48', '::/0'] })
    const client = await world.net.computer.login('carol', alice.password)
    expect(world.net.routes()).toEqual(['198.51.100.24', '198.51.100.24/29', '2001:db8:1::1', '2001:db8:3::/48'])
    for (const text of ['0.0.0.0/0', '192.0.2.0/24', 'rubbish', '::/0'])
      expect(world.net.hooksLog()).toContain(`carol: '${text}' in the directory is not an address that may be used; left out`)
    await client.stop()
    await world.untilRoutes()
  })

  test('clients that know the topology `subnet` only reach everything as well', async () => {
    const { net } = world
    const home = net.newComputer()
    home.addLan('198.51.100.9/29')
    home.addLan('2001:db8:1::20/64')
    const client: VpnClient = await home.login(alice.login, alice.password)
    expect(client.log()).toContain('topology subnet')
    expect(net.hooksLog()).toContain('ifconfig-push 198.51.100.8 255.255.255.0; push "route-gateway 198.51.100.1"')
    for (const address of ['198.51.100.8', '198.51.100.9', '2001:db8:1::20']) expect([address, net.ping(address)]).toEqual([address, true])
    for (const from of ['198.51.100.8', '198.51.100.9']) expect([from, home.ping(net.internet.ipv4, from)]).toEqual([from, true])

    // learn-address, where something else removes routes
    net.removeRoute('198.51.100.8/29')
    expect(net.coinVpn('learn', 'update', '203.0.113.0/24', alice.login).status).toBe(0)
    expect(net.routes()).not.toContain('198.51.100.8/29')
    expect(net.coinVpn('learn', 'update', '198.51.100.8/29', alice.login).status).toBe(0)
    expect(net.routes()).toEqual(routesOfAlice)
    await client.stop()
    await world.untilRoutes()
  })
})

const shippedNames = {
  object_class: 'vpnAccount',
  login_attribute: 'uid',
  enabled_attribute: 'vpnEnabled',
  enabled_value: 'TRUE',
  ipv4_endpoint_attribute: 'vpnIPv4Endpoint',
  ipv6_endpoint_attribute: 'vpnIPv6Endpoint',
  ipv4_route_attribute: 'vpnIPv4Route',
  ipv6_route_attribute: 'vpnIPv6Route',
}
