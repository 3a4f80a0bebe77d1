import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../fixtures/until.ts'
import { type ClientAuthority, clientAuthority } from './authority.ts'
import { alice, routesOfAlice, type VpnWorld, vpnWorld } from './vpn-world.ts'

let world: VpnWorld
let authority: ClientAuthority
const folder = mkdtempSync(path.join(tmpdir(), 'coin-vpn-ca-'))

beforeAll(async () => {
  authority = clientAuthority(folder)
  world = await vpnWorld({ auth: 'certificate', clients: { ca: authority.ca, crl: authority.crl() } })
  await world.add(alice)
})
afterAll(async () => {
  await world?.close()
  rmSync(folder, { recursive: true, force: true })
})

const login = (certificate: { certificate: string; key: string }, seconds = 30) =>
  world.net.computer.login('', '', { certificate, seconds })

test('a certificate with the login as its name lets a member in, until the account is off', async () => {
  const certificate = authority.issue(alice.login)
  const client = await login(certificate)
  expect(world.net.routes()).toEqual(routesOfAlice)
  expect(world.net.computer.addresses()).toEqual(['198.51.100.8', '2001:db8:1::1'])
  expect(world.net.ping('198.51.100.8')).toBe(true)
  await world.change(alice.login, { vpnEnabled: ['FALSE'] })
  await world.untilRoutes()
  await until(async () => client.ended())
  await expect(login(certificate)).rejects.toThrow('AUTH_FAILED')
  await world.change(alice.login, { vpnEnabled: ['TRUE'] })
  const again = await login(certificate)
  await again.stop()
  await world.untilRoutes()
})

test('a certificate for a login that the directory does not have opens nothing', async () => {
  await expect(login(authority.issue('nobody'))).rejects.toThrow('AUTH_FAILED')
  expect(world.net.hooksLog()).toContain('connect nobody refused: no such account\n')
})

test('a session ends when a list names its certificate, whatever the directory says, and no other session does', async () => {
  const log = () => world.net.hooksLog()
  authority.issue('somebody-else')
  const client = await login(authority.issue(alice.login))
  world.net.revoke('no list')
  await until(async () => log().includes('the revocation list does not answer'))
  world.net.revoke(authority.crl('somebody-else'))
  await until(async () => log().includes('the revocation list answers again'))
  expect(world.net.routes()).toEqual(routesOfAlice)
  expect(log()).not.toContain('the certificate is revoked')
  await world.slapd.stop()
  world.net.revoke(authority.crl(alice.login))
  await world.untilRoutes()
  expect(log()).toMatch(/watch: ends alice-vpn1@\d+: the certificate is revoked\n/)
  expect(client.connections()).toBe(1)
  await client.stop()
  await world.slapd.start()
})

test('a revoked certificate opens nothing, without a restart of the server', async () => {
  const certificate = authority.issue(alice.login)
  world.net.revoke(authority.crl(alice.login))
  const refused = login(certificate, 5)
  await expect(refused).rejects.toThrow()
  expect(world.net.serverLog()).toContain('certificate revoked')
  expect(world.net.routes()).toEqual([])
})
