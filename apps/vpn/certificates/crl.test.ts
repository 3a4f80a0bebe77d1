import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import vpnApp from '../index.tsx'
import { certificateCommands } from './commands.ts'
import { findCrl, refreshCrl } from './crl.ts'
import { writeWhole } from './file.ts'
import { addAccount, inJob, settings, type Workplace, workplace } from './fixture.ts'
import { type Issued, issueCertificate } from './issue.ts'
import { certificateJobs } from './jobs.ts'
import { readRequest } from './request.ts'
import { revokeCertificate } from './revoke.ts'
import { certificateSettings } from './settings.ts'

let coin: TestCoin
let place: Workplace
beforeAll(async () => {
  coin = await testCoin({ apps: [vpnApp({ certificates: {} })] })
  place = workplace()
})
afterAll(async () => {
  place.close()
  await coin.close()
})

async function issue(account: number): Promise<Issued> {
  const { csr } = await place.request()
  return inJob(coin, async tx => issueCertificate(tx, settings, account, await readRequest(csr), 'csr'))
}
const refresh = () => inJob(coin, tx => refreshCrl(tx, settings))
const list = () => inJob(coin, findCrl)
const numberOf = async () => (await list())?.number ?? 0

test('openssl reads the list, believes it, and refuses what it names and nothing else', async () => {
  const [kept, taken] = [await addAccount(coin), await addAccount(coin)]
  const [first, second] = [await issue(kept.id), await issue(taken.id)]
  expect(await refresh()).toBe(true)
  expect(await refresh()).toBe(false)
  await inJob(coin, tx => revokeCertificate(tx, taken.id, second.certificate.serial, 'key_compromise'))
  expect(await refresh()).toBe(true)
  expect(await refresh()).toBe(false)
  const ca = place.file('ca.pem', first.authority)
  const crl = place.file('crl.pem', (await list())?.crl ?? '')
  const said = await place.openssl('crl', '-in', crl, '-CAfile', ca, '-text', '-noout')
  expect(said).toContain('verify OK')
  expect(said).toContain(`Serial Number: ${second.certificate.serial.toUpperCase()}`)
  expect(said).toMatch(/CRL entry extensions:\s+X509v3 CRL Reason Code:\s+Key Compromise\n/)
  expect(said).not.toContain(first.certificate.serial.toUpperCase())
  expect(said).toMatch(new RegExp(`X509v3 CRL Number:\\s+${await numberOf()}\n`))
  const next = /nextUpdate=(.+)/.exec(await place.openssl('crl', '-in', crl, '-noout', '-nextupdate'))?.[1] ?? ''
  expect(Math.abs(Date.parse(next) - Date.now() - 7 * 86_400_000)).toBeLessThan(60_000)
  const verify = (name: string, text: string) =>
    place.openssl('verify', '-x509_strict', '-CAfile', ca, '-CRLfile', crl, '-crl_check', place.file(name, text))
  expect(await verify('kept.pem', first.certificate.certificate)).toContain('kept.pem: OK')
  await expect(verify('taken.pem', second.certificate.certificate)).rejects.toThrow('certificate revoked')
  await expect(inJob(coin, tx => revokeCertificate(tx, taken.id, second.certificate.serial, 'superseded'))).rejects.toThrow(
    'revoked already',
  )
})

test('whoever revokes at once, the numbers rise one by one and the last list names all', async () => {
  const accounts = await Promise.all([1, 2, 3, 4, 5, 6].map(() => addAccount(coin)))
  const issued = await Promise.all(accounts.map(({ id }) => issue(id)))
  const before = await numberOf()
  const numbers = await Promise.all(
    issued.map(({ certificate }, index) =>
      inJob(coin, async tx => {
        await revokeCertificate(tx, accounts[index]?.id ?? 0, certificate.serial, 'superseded')
        await refreshCrl(tx, settings)
        return (await findCrl(tx))?.number
      }),
    ),
  )
  const sorted = numbers.map(Number).toSorted((a, b) => a - b)
  expect(new Set(sorted).size).toBe(6)
  expect(sorted).toEqual([1, 2, 3, 4, 5, 6].map(step => before + step))
  const said = await place.openssl('crl', '-in', place.file('all.pem', (await list())?.crl ?? ''), '-text', '-noout')
  for (const { certificate } of issued) expect(said).toContain(certificate.serial.toUpperCase())
  await expect(coin.pool.query('UPDATE vpn_crl SET number = number')).rejects.toMatchObject({ constraint: 'vpn_crl_rises' })
})

test('a list that is a day old is signed again with the next number, and one that lives longer than was set since', async () => {
  const before = await numberOf()
  await coin.pool.query(`UPDATE vpn_crl SET number = number + 1, made_at = now() - interval '1 day'`)
  expect(await refresh()).toBe(true)
  expect(await numberOf()).toBe(before + 2)
  expect(await inJob(coin, tx => refreshCrl(tx, certificateSettings.parse({ crlDays: 2 })))).toBe(true)
  expect(((await list())?.nextUpdate.getTime() ?? 0) - Date.now()).toBeLessThan(2 * 86_400_000 + 1000)
})

test('what has expired leaves the list after one more life of it, and not before', async () => {
  const account = await addAccount(coin)
  const { certificate } = await issue(account.id)
  await inJob(coin, tx => revokeCertificate(tx, account.id, certificate.serial, 'superseded'))
  const listed = async () =>
    (await list())?.crl ? place.openssl('crl', '-in', place.file('old.pem', (await list())?.crl ?? ''), '-text', '-noout') : ''
  const age = async (days: number) => {
    await coin.pool.query('ALTER TABLE vpn_certificate DISABLE TRIGGER vpn_certificate_guard')
    await coin.pool.query(
      `UPDATE vpn_certificate SET not_before = '2020-01-01', not_after = now() - make_interval(days => $2) WHERE id = $1`,
      [certificate.id, days],
    )
    await coin.pool.query('ALTER TABLE vpn_certificate ENABLE TRIGGER vpn_certificate_guard')
    await coin.pool.query(`UPDATE vpn_crl SET number = number + 1, made_at = now() - interval '1 day'`)
    await refresh()
  }
  await age(1)
  expect(await listed()).toContain(certificate.serial.toUpperCase())
  await age(8)
  expect(await listed()).not.toContain(certificate.serial.toUpperCase())
})

test('an account that is removed, or gets another login, loses its certificate, whoever does it; the certificate stays known', async () => {
  const [removed, renamed] = [await addAccount(coin), await addAccount(coin)]
  const [first, second] = [await issue(removed.id), await issue(renamed.id)]
  await coin.pool.query('DELETE FROM configuration WHERE id = $1', [removed.id])
  await coin.pool.query(`UPDATE vpn SET login = 'somebody-else' WHERE id = $1`, [renamed.id])
  const { rows } = await coin.pool.query(
    'SELECT login, reason, configuration_id, revoked_at IS NOT NULL AS revoked FROM vpn_certificate WHERE serial = ANY ($1) ORDER BY id',
    [[first.certificate.serial, second.certificate.serial]],
  )
  expect(rows).toEqual([
    { login: removed.login, reason: 'cessation_of_operation', configuration_id: null, revoked: true },
    { login: renamed.login, reason: 'affiliation_changed', configuration_id: renamed.id, revoked: true },
  ])
  expect(await refresh()).toBe(true)
  const { rows: told } = await coin.pool.query(
    `SELECT DISTINCT changed FROM coin.outbox WHERE entity = 'configuration' AND entity_id = $1 AND changed = '{certificate}'`,
    [renamed.id],
  )
  expect(told).toHaveLength(1)
})

test('a subscription that has ended loses its certificate when the job runs', async () => {
  const account = await addAccount(coin)
  const { certificate } = await issue(account.id)
  const run = (name: string) =>
    inJob(coin, async tx =>
      certificateJobs(settings)[name]?.run({}, { tx, log: { info() {}, warn() {} }, signal: AbortSignal.timeout(60_000) }),
    )
  await run('refreshCrl')
  const state = async () =>
    (await coin.pool.query('SELECT reason, listed_in IS NOT NULL AS listed FROM vpn_certificate WHERE id = $1', [certificate.id])).rows
  expect(await state()).toEqual([{ reason: null, listed: false }])
  await coin.pool.query(
    'UPDATE subscription SET resigned_on = current_date - 1 WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)',
    [account.id],
  )
  await run('refreshCrl')
  expect(await state()).toEqual([{ reason: 'cessation_of_operation', listed: true }])
  await expect(issue(account.id)).rejects.toThrow('This subscription has ended.')
})

test('the command writes the list to a file, whole, readable, and beside nothing that is left over', async () => {
  const folder = path.join(place.folder, 'out')
  mkdirSync(folder)
  const file = path.join(folder, 'crl.pem')
  writeFileSync(file, 'an old one')
  const commands = certificateCommands(settings)
  const run = (name: string, options = {}, given = {}) => inJob(coin, async tx => commands[name]?.run({ arguments: given, options }, tx))
  expect(await run('crl', { file })).toMatchObject({ file, number: await numberOf() })
  expect(readFileSync(file, 'utf8')).toBe((await list())?.crl)
  expect(statSync(file).mode & 0o777).toBe(0o644)
  expect(readdirSync(folder)).toEqual(['crl.pem'])
  await expect(run('crl', { file: path.join(folder, 'nowhere', 'crl.pem') })).rejects.toThrow('cannot be written')
  await expect(writeWhole(folder, 'x')).rejects.toThrow()
  expect(readdirSync(folder)).toEqual(['crl.pem'])
  expect(await run('crl')).toMatch(/^-----BEGIN X509 CRL-----\n[\s\S]+-----END X509 CRL-----$/)
  expect(await run('ca')).toMatch(/^-----BEGIN CERTIFICATE-----/)
  await expect(run('caInit')).rejects.toThrow('already')
  const account = await addAccount(coin)
  await issue(account.id)
  expect(await run('revoke', {}, { login: account.login })).toEqual({ revoked: 1 })
  await expect(run('revoke', {}, { login: account.login })).rejects.toThrow('No certificate of')
})
