import { until } from '../fixtures/until.ts'
import { type Slapd, startSlapd } from './slapd.ts'
import { openVpnNet, type VpnNet, type VpnServerOptions } from './vpn-net.ts'

/** A VPN server that reads a directory, with accounts written by hand. */
export interface VpnWorld {
  readonly net: VpnNet
  readonly slapd: Slapd
  add(account: VpnEntry): Promise<void>
  /** Replaces the values of attributes; none removes it. */
  change(login: string, attributes: Readonly<Record<string, readonly string[]>>): Promise<void>
  remove(login: string): Promise<void>
  /** Waits until the routes into the tunnel are these, and returns the milliseconds it took. */
  untilRoutes(...routes: string[]): Promise<number>
  close(): Promise<void>
}

export interface VpnEntry {
  readonly login: string
  readonly password: string
  readonly enabled?: boolean
  readonly ipv4?: string
  readonly ipv6?: string
  readonly routes4?: readonly string[]
  readonly routes6?: readonly string[]
}

/** Starts directory, networks and VPN server. */
export async function vpnWorld(options: Omit<VpnServerOptions, 'directory'> = {}): Promise<VpnWorld> {
  const net = await openVpnNet()
  const slapd = await startSlapd({ hosts: [net.host] }).catch(async error => {
    await net.close()
    throw error
  })
  const dn = (login: string) => `uid=${login},${slapd.vpnBase}`
  const world: VpnWorld = {
    net,
    slapd,
    async add({ login, password, enabled = true, ipv4, ipv6, routes4 = [], routes6 = [] }) {
      const lines = [`dn: ${dn(login)}`, 'objectClass: account', 'objectClass: vpnAccount', `uid: ${login}`, `userPassword: ${password}`]
      lines.push(`vpnEnabled: ${enabled ? 'TRUE' : 'FALSE'}`)
      if (ipv4) lines.push(`vpnIPv4Endpoint: ${ipv4}`)
      if (ipv6) lines.push(`vpnIPv6Endpoint: ${ipv6}`)
      lines.push(...routes4.map(each => `vpnIPv4Route: ${each}`), ...routes6.map(each => `vpnIPv6Route: ${each}`))
      await slapd.modify(`${lines.join('\n')}\n`)
    },
    async change(login, attributes) {
      const changes = Object.entries(attributes).map(([name, values]) =>
        [`replace: ${name}`, ...values.map(value => `${name}: ${value}`), '-'].join('\n'),
      )
      await slapd.modify(`dn: ${dn(login)}\nchangetype: modify\n${changes.join('\n')}\n`)
    },
    remove: login => slapd.modify(`dn: ${dn(login)}\nchangetype: delete\n`),
    async untilRoutes(...routes) {
      const began = performance.now()
      await until(async () => JSON.stringify(net.routes()) === JSON.stringify([...routes].sort()), 20).catch(error => {
        throw new Error(`${error.message}\n${net.routes().join(' ')} instead of ${routes.join(' ')}\n${net.hooksLog()}`)
      })
      return performance.now() - began
    },
    async close() {
      await net.close()
      await slapd.close()
    },
  }
  try {
    const directory = { url: `ldap://${net.host}:${slapd.port}`, base: slapd.vpnBase, bindDn: slapd.readerDn }
    await net.startServer({ ...options, directory: { ...directory, bindPassword: slapd.readerPassword } })
    return world
  } catch (error) {
    await world.close()
    throw error
  }
}

/** A member with a subnet of each family, whose endpoints lie inside of them. */
export const alice: VpnEntry = {
  login: 'alice-vpn1',
  password: 'correct horse "battery" é\\',
  ipv4: '198.51.100.8',
  ipv6: '2001:db8:1::1',
  routes4: ['198.51.100.8/29'],
  routes6: ['2001:db8:1::/64'],
}

/** The routes that her session needs. */
export const routesOfAlice = ['198.51.100.8', '198.51.100.8/29', '2001:db8:1::/64', '2001:db8:1::1']
