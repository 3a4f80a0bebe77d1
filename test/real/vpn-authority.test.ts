import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findAuthority } from '../../apps/vpn/certificates/authority.ts'
import { findCrl, refreshCrl } from '../../apps/vpn/certificates/crl.ts'
import { inJob, settings, type Workplace, workplace } from '../../apps/vpn/certificates/fixture.ts'
import { issueCertificate } from '../../apps/vpn/certificates/issue.ts'
import { readRequest } from '../../apps/vpn/certificates/request.ts'
import { addAccount } from '../../apps/vpn/fixture.ts'
import vpnApp from '../../apps/vpn/index.tsx'
import { type RunningWorker, startWorker } from '../../core/src/jobs/worker.ts'
import { addMember, type TestCoin, testCoin } from '../../core/src/testing/index.ts'
import { until } from '../fixtures/until.ts'
import { alice, routesOfAlice, type VpnWorld, vpnWorld } from './vpn-world.ts'

// Coin's own authority, its worker and a real OpenVPN server: revoked in psql, refused by the VPN, with no hand.
let coin: TestCoin
let place: Workplace
let workers: readonly RunningWorker[]
let world: VpnWorld
let file: string

beforeAll(async () => {
  place = workplace()
  file = path.join(place.folder, 'crl.pem')
  coin = await testCoin({ apps: [vpnApp({ passwords: false, certificates: { crlFile: file } })] })
  const log = { info() {}, warn() {} }
  workers = [await startWorker(coin, { log }), await startWorker(coin, { log })]
})
afterAll(async () => {
  await Promise.all(workers.map(worker => worker.stop()))
  await world?.close()
  place.close()
  await coin.close()
})

async function certified() {
  const account = await addAccount(coin)
  const { csr, key } = await place.request()
  const { certificate } = await inJob(coin, async tx => issueCertificate(tx, settings, account.id, await readRequest(csr), 'csr'))
  return { ...account, serial: certificate.serial, certificate: certificate.certificate, key: readFileSync(key, 'utf8') }
}
/** Waits until the published list and the file name a certificate. */
const listed = (serial: string) =>
  until(async () => {
    const list = await inJob(coin, findCrl)
    const said = list ? await place.openssl('crl', '-in', place.file('now.pem', list.crl), '-noout', '-text') : ''
    return said.includes(serial.toUpperCase()) && existsSync(file) && readFileSync(file, 'utf8') === list?.crl
  })

test('what psql revokes, removes, renames, ends or gives to another member is on the list within seconds, and in the file', async () => {
  const ways: readonly ((account: { id: number; serial: string }) => readonly [string, unknown[]])[] = [
    ({ serial }) => ['UPDATE vpn_certificate SET revoked_at = now() WHERE serial = $1', [serial]],
    ({ id }) => ['DELETE FROM configuration WHERE id = $1', [id]],
    ({ id }) => [`UPDATE vpn SET login = 'renamed-by-hand' WHERE id = $1`, [id]],
    ({ id }) => [
      'UPDATE subscription SET resigned_on = current_date - 1 WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)',
      [id],
    ],
  ]
  for (const way of ways) {
    const account = await certified()
    await coin.pool.query(...(way(account) as [string, unknown[]]))
    await listed(account.serial)
  }
  const [account, member] = [await certified(), await addMember(coin)]
  await coin.pool.query('UPDATE subscription SET member_id = $2 WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)', [
    account.id,
    member,
  ])
  await listed(account.serial)
})

test('many revoked at once, with two workers: the number rises, and the last list names all', async () => {
  const accounts = await Promise.all(Array.from({ length: 15 }, certified))
  const numbers: number[] = []
  await Promise.all(
    accounts.map(({ serial }) => coin.pool.query('UPDATE vpn_certificate SET revoked_at = now() WHERE serial = $1', [serial])),
  )
  await until(async () => {
    numbers.push((await inJob(coin, findCrl))?.number ?? 0)
    const { rows } = await coin.pool.query('SELECT FROM vpn_certificate WHERE revoked_at IS NOT NULL AND listed_in IS NULL')
    return rows.length === 0
  })
  for (const { serial } of accounts) await listed(serial)
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
})

test('OpenVPN lets the certificate in, and once it is revoked in psql, refuses it; once the list has expired, everybody', async () => {
  const member = await certified()
  const other = await certified()
  await until(async () => existsSync(file))
  const { certificate: ca = '' } = (await inJob(coin, findAuthority)) ?? {}
  world = await vpnWorld({ auth: 'certificate', clients: { ca, crl: readFileSync(file, 'utf8') } })
  await world.add({ ...alice, login: member.login })
  const client = await world.net.computer.login('', '', { certificate: member })
  expect(world.net.routes()).toEqual(routesOfAlice)
  await client.stop()
  await world.untilRoutes()
  await coin.pool.query('UPDATE vpn_certificate SET revoked_at = now() WHERE serial = $1', [member.serial])
  await listed(member.serial)
  world.net.revoke(readFileSync(file, 'utf8'))
  // a client tries for a while before it gives up
  const refused = world.net.computer.login('', '', { certificate: member }).catch(() => 'refused')
  await until(async () => world.net.serverLog().includes('certificate revoked'))
  expect(world.net.routes()).toEqual([])
  // a list without a successor: the other one has done nothing wrong
  await coin.pool.query(`UPDATE vpn_crl SET number = number + 1, made_at = now() - interval '2 days'`)
  await inJob(coin, tx => refreshCrl(tx, { ...settings, crlDays: -1 }))
  world.net.revoke((await inJob(coin, findCrl))?.crl ?? '')
  const late = world.net.computer.login('', '', { certificate: other }).catch(() => 'refused')
  await until(async () => world.net.serverLog().includes('CRL has expired'))
  expect(await Promise.all([refused, late])).toEqual(['refused', 'refused'])
}, 150_000)
