import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccount } from '../../apps/vpn/fixture.ts'
import vpnApp from '../../apps/vpn/index.tsx'
import { loadConfigurations } from '../../core/src/configurations/queries.ts'
import { startWorker } from '../../core/src/jobs/worker.ts'
import { backendNamed, wantOf } from '../../core/src/provisioning/backends.ts'
import { siteOf, type TestCoin, testCoin, type Visitor } from '../../core/src/testing/index.ts'
import { until } from '../fixtures/until.ts'
import { io } from './ldap-fixture.ts'
import { type Slapd, startSlapd } from './slapd.ts'

let slapd: Slapd
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coin-radius-schema-'))
  // what the first Coin used of the RADIUS schema for OpenLDAP
  await writeFile(
    path.join(folder, 'radius.schema'),
    `attributetype ( 1.3.6.1.4.1.4203.666.8.9901 NAME 'dialupAccess' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.4203.666.8.9902 NAME 'radiusFramedIPAddress' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.4203.666.8.9903 NAME 'radiusFramedRoute' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
objectclass ( 1.3.6.1.4.1.4203.666.8.9904 NAME 'radiusprofile' SUP top AUXILIARY MAY ( dialupAccess $ radiusFramedIPAddress $ radiusFramedRoute ) )
`,
  )
  slapd = await startSlapd({ schemas: [path.join(folder, 'radius.schema')] })
})
afterAll(async () => {
  await slapd.close()
  await rm(folder, { recursive: true, force: true })
})

const settings = (more: Record<string, unknown> = {}) => ({
  ldap: { url: slapd.url, bindDn: slapd.writerDn, password: slapd.writerPassword },
  directory: { base: slapd.vpnBase },
  ...more,
})

/** Makes the directory agree with one account, and returns the key. */
async function push(coin: TestCoin, id: number): Promise<string> {
  const backend = backendNamed(coin.registry, 'vpn_ldap')
  const [configuration] = await loadConfigurations(coin.registry, coin.database.db, [id])
  if (!backend || !configuration) throw new Error('There is nothing to push')
  const { key, desired } = wantOf(backend, configuration)
  const target = await backend.spec.open(io())
  try {
    const observed = (await target.read([key], io())).get(key)
    if (observed instanceof Error) throw observed
    const failures = desired === undefined ? await target.destroy([key], io()) : await target.apply([{ key, desired, observed }], io())
    for (const failure of failures?.values() ?? []) throw failure
    const after = (await target.read([key], io())).get(key)
    if (after instanceof Error) throw after
    expect(desired === undefined || after === undefined ? after : backend.spec.plan?.(desired, after)).toEqual(
      desired === undefined ? undefined : [],
    )
  } finally {
    await target.close?.()
  }
  return key
}

/** Has the member make a password, as the page shows it. */
async function makePassword(coin: TestCoin, account: { readonly id: number; readonly member: number }, visitor?: Visitor): Promise<string> {
  const member = visitor ?? (await siteOf(coin).member(account.member))
  const page = await (await member.post(`/vpn/${account.id}/password`)).text()
  const [, password] = /<code class="secret">([^<]+)<\/code>/.exec(page) ?? []
  if (!password) throw new Error('The page shows no password')
  return password
}

describe.each(['argon2', 'sha512crypt'] as const)('a password kept as %s', hash => {
  let coin: TestCoin
  beforeAll(async () => {
    coin = await testCoin({ apps: [vpnApp(settings({ hash }))] })
  })
  afterAll(() => coin.close())

  test('opens the directory, and no other does, nor none', async () => {
    const account = await addAccount(coin, { username: `member-${hash}` })
    const dn = await push(coin, account.id)
    expect(dn).toBe(`uid=${account.login},${slapd.vpnBase}`)
    await expect(slapd.whoami(dn, 'anything')).rejects.toThrow()
    const password = await makePassword(coin, account)
    await push(coin, account.id)
    expect(await slapd.whoami(dn, password)).toContain(account.login)
    await expect(slapd.whoami(dn, `${password}x`)).rejects.toThrow('Invalid credentials')
    const next = await makePassword(coin, account)
    await push(coin, account.id)
    await expect(slapd.whoami(dn, password)).rejects.toThrow('Invalid credentials')
    expect(await slapd.whoami(dn, next)).toContain(account.login)
  })
})

describe('an entry', () => {
  let coin: TestCoin
  beforeAll(async () => {
    coin = await testCoin({ apps: [vpnApp(settings())] })
  })
  afterAll(() => coin.close())
  const entry = (login: string) => slapd.search(`(uid=${login})`)

  test('has what the VPN server needs, and keeps it with its flag off while switched off or suspended', async () => {
    const { id, login, ipv4, ipv6 } = await addAccount(coin, { username: 'entry' })
    await push(coin, id)
    const there = await entry(login)
    expect(there).toContain(`vpnIPv4Endpoint: ${ipv4}\n`)
    expect(there).toContain(`vpnIPv6Endpoint: ${ipv6}\n`)
    expect(there).toMatch(/^vpnIPv4Route: .*\/29$/m)
    expect(there).toMatch(/^vpnIPv6Route: .*\/56$/m)
    expect(there).toContain(`coinConfigurationId: ${id}\n`)
    expect(there).toContain('vpnEnabled: TRUE')
    expect(there).not.toContain('userPassword')
    await coin.pool.query('UPDATE vpn SET activated = false WHERE id = $1', [id])
    await push(coin, id)
    expect(await entry(login)).toContain('vpnEnabled: FALSE')
    await coin.pool.query('UPDATE vpn SET activated = true WHERE id = $1', [id])
    await coin.pool.query(
      `INSERT INTO subscription_suspension (subscription_id, during) SELECT subscription_id, '[2026-01-02,)' FROM configuration WHERE id = $1`,
      [id],
    )
    await push(coin, id)
    expect(await entry(login)).toContain('vpnEnabled: FALSE')
    expect(await entry(login)).toContain(`vpnIPv4Endpoint: ${ipv4}\n`)
    await coin.pool.query('DELETE FROM ip_subnet WHERE configuration_id = $1', [id])
    await push(coin, id)
    expect(await entry(login)).not.toMatch(/Endpoint|Route/)
  })

  test('is gone when the subscription has ended', async () => {
    const { id, login } = await addAccount(coin, { username: 'ended' })
    await push(coin, id)
    expect(await entry(login)).toContain('dn: ')
    await coin.pool.query(
      `UPDATE subscription SET resigned_on = '2026-02-01' WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)`,
      [id],
    )
    await push(coin, id)
    expect(await entry(login)).toBe('')
  })
})

test('the names of the first Coin, with one that a deployment calls otherwise', async () => {
  const directory = { base: slapd.vpnBase, layout: 'first_coin', attributes: { ipv6Route: 'street' } } as const
  const coin = await testCoin({ apps: [vpnApp(settings({ directory }))] })
  try {
    const account = await addAccount(coin, { username: 'first' })
    const password = await makePassword(coin, account)
    const dn = await push(coin, account.id)
    expect(dn).toBe(`cn=${account.login},${slapd.vpnBase}`)
    const there = await slapd.search(`(cn=${account.login})`)
    for (const line of [
      'dialupAccess: yes',
      `radiusFramedIPAddress: ${account.ipv4}`,
      `postalAddress: ${account.ipv6}`,
      `radiusFramedRoute: ${account.ipv4}/29`,
      `street: ${account.ipv6?.replace(/1$/, '')}/56`,
    ])
      expect(there).toContain(`${line}\n`)
    expect(await slapd.whoami(dn, password)).toContain(account.login)
    await coin.pool.query('UPDATE vpn SET activated = false')
    await push(coin, account.id)
    expect(await slapd.search(`(cn=${account.login})`)).toContain('dialupAccess: no')
  } finally {
    await coin.close()
  }
})

test('the member’s page follows the directory, also while it does not answer', async () => {
  const coin = await testCoin({ apps: [vpnApp(settings())] })
  const worker = await startWorker(coin, { log: { info: () => {}, warn: () => {} } })
  try {
    const account = await addAccount(coin, { username: 'follower' })
    const member = await siteOf(coin).member(account.member)
    const page = () => member.page(`/vpn/${account.id}`)
    const says = (words: string) => until(async () => (await page()).includes(words))
    await says('Make a password')
    const password = await makePassword(coin, account, member)
    await says('Your VPN is ready, since')
    const dn = `uid=${account.login},${slapd.vpnBase}`
    expect(await slapd.whoami(dn, password)).toContain(account.login)
    await slapd.stop()
    await coin.pool.query('UPDATE vpn SET ipv4_endpoint = ipv4_endpoint + 1')
    await says('one of our servers has not answered since')
    // and asks for itself again as long as it does
    expect(await page()).toContain('hx-trigger="every 5s"')
    await slapd.start()
    await says('Your VPN is ready, since')
    expect(await page()).not.toContain('hx-trigger="every 5s"')
    expect(await slapd.search(`(uid=${account.login})`)).toMatch(/vpnIPv4Endpoint: .*\.1\n/)
  } finally {
    await worker.stop()
    await coin.close()
  }
})
