import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Workplace, workplace } from '../../apps/vpn/certificates/fixture.ts'
import { type TestDatabase, testDatabase } from '../../core/src/testing/index.ts'
import { type Project, project, repository } from './project.ts'

const config = `
import { defineConfig } from 'coin'
import vpn from 'coin-vpn'
export default defineConfig({ provider: { name: 'Collines' }, apps: [vpn({ certificates: {} })] })
`
let database: TestDatabase
let place: Workplace
let here: Project
beforeAll(async () => {
  database = await testDatabase({ empty: true })
  place = workplace()
  const packages = { coin: path.join(repository, 'core'), 'coin-vpn': path.join(repository, 'apps/vpn') }
  here = project(database.url, packages, { 'coin.config.ts': config, 'package.json': '{ "type": "module" }' })
  await here.coin('migrate')
})
afterAll(async () => {
  place.close()
  await database.close()
})

test('the authority and its list come from the command line, and outlive a new secret as long as the old one is named', async () => {
  await expect(here.coin('vpn', 'ca')).rejects.toThrow('There is no certificate authority yet.')
  expect(await here.coin('vpn', 'ca-init', '--name', 'Collines members')).toContain('Collines members')
  const ca = place.file('ca.pem', await here.coin('vpn', 'ca'))
  expect(await place.openssl('x509', '-in', ca, '-noout', '-subject')).toContain('CN = Collines members')
  const list = path.join(place.folder, 'crl.pem')
  const verified = async () => {
    await here.coin('vpn', 'crl', '--file', list)
    return place.openssl('crl', '-in', list, '-CAfile', ca, '-noout', '-crlnumber')
  }
  expect(await verified()).toMatch(/verify OK/)

  const due = () => database.pool.query(`UPDATE vpn_crl SET number = number + 1, made_at = now() - interval '2 days'`)
  const secretFile = path.join(here.folder, 'var/secret')
  const old = readFileSync(secretFile, 'utf8').trim()
  const fresh = 'another secret'.replaceAll(' ', '-').padEnd(40, '0')
  writeFileSync(secretFile, fresh)
  await due()
  await expect(here.coin('vpn', 'crl')).rejects.toThrow(/cannot be read[\s\S]*COIN_SECRET/)
  writeFileSync(secretFile, `${fresh} ${old}\n`)
  expect(await verified()).toMatch(/crlNumber=(0x)?0?3\nverify OK/i)
})
