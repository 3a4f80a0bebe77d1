import { afterEach, expect, test } from 'vitest'
import { until } from '../fixtures/until.ts'
import { type Account, accounts, io, type Opened, open, refusalOf, wordsOf } from './ldap-fixture.ts'
import { type Slapd, type SlapdOptions, startSlapd } from './slapd.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function serve(options: SlapdOptions = {}): Promise<Slapd> {
  const slapd = await startSlapd(options)
  closing.push(() => slapd.close())
  return slapd
}
async function connect(...given: Parameters<typeof accounts>): Promise<Opened> {
  const vpn = await open(accounts(...given))
  closing.push(() => vpn.close())
  return vpn
}
const alice: Account = { login: 'alice', hash: 'hash-of-alice' }
const numbered = (count: number): Account[] => Array.from({ length: count }, (_, id) => ({ login: `user${id}`, id, hash: `hash-${id}` }))

test('a server that dies in the middle of a batch: the whole call says so, and the next one goes on where it stopped', async () => {
  const slapd = await serve({ sync: true })
  const vpn = await connect(slapd)
  const many = numbered(3000)
  const applying = vpn.apply(...many).then(
    () => 'all written',
    error => error,
  )
  await until(async () => (await slapd.search('(uid=user50)', ['1.1'])) !== '')
  await slapd.kill()
  const error = await applying
  expect(error.code).toBe('unavailable')
  expect(wordsOf(error)).toMatch(/^The directory at ldap:.* does not answer: /)
  expect((await vpn.read(alice).catch(thrown => thrown)).code).toBe('unavailable')
  await slapd.start()
  const there = await vpn.read(...many)
  expect(there.size).toBeGreaterThan(0)
  expect(there.size).toBeLessThan(3000)
  expect(await vpn.apply(...many)).toEqual({})
  expect((await vpn.read(...many)).size).toBe(3000)
})

test('a server that was restarted is found again at the next call, encrypted as before', async () => {
  const slapd = await serve({ tls: true })
  for (const way of [{ url: slapd.tlsUrl }, { startTls: true }, {}]) {
    const vpn = await connect(slapd, { ...way, caFile: slapd.caFile })
    expect(await vpn.apply(alice)).toEqual({})
    await slapd.stop()
    expect((await vpn.read(alice).catch(thrown => thrown)).code).toBe('unavailable')
    await slapd.start()
    const before = (await slapd.log()).length
    expect((await vpn.read(alice)).size).toBe(1)
    const log = (await slapd.log()).slice(before)
    expect(log).toContain('BIND dn="cn=coin,dc=isp,dc=test"')
    expect(log.includes('TLS established')).toBe(Object.keys(way).length > 0)
  }
})

test('a server that is silent: aborting ends what waits at once, and the next call connects anew', async () => {
  const slapd = await serve()
  const vpn = await connect(slapd)
  expect(await vpn.apply(alice)).toEqual({})
  await slapd.pause()
  const limit = new AbortController()
  const waiting = [
    vpn.target.read([vpn.key(alice)], io(limit.signal)),
    vpn.target.apply(
      numbered(100).map(each => ({ key: vpn.key(each), desired: vpn.desired(each), observed: undefined })),
      io(limit.signal),
    ),
    vpn.target.list?.(io(limit.signal))[Symbol.asyncIterator]().next() ?? Promise.resolve(),
  ].map(refusalOf)
  limit.abort()
  for (const said of await Promise.all(waiting)) expect(said).toBe('The conversation with the directory was interrupted.')
  expect(await refusalOf(vpn.target.read([vpn.key(alice)], io(limit.signal)))).toContain('interrupted')
  slapd.resume()
  expect((await vpn.read(alice)).size).toBe(1)
})

test('a request that is not answered in time ends, as a server that does not answer', async () => {
  const slapd = await serve()
  const vpn = await connect(slapd, { timeout: 0.3 })
  await slapd.pause()
  const error = await vpn.read(alice).catch(thrown => thrown)
  expect(error.code).toBe('unavailable')
  expect(wordsOf(error)).toContain('timed out')
  slapd.resume()
  expect((await vpn.read(alice)).size).toBe(0)
})

test('a full database: each entry that does not fit is told in words, and those that were there are still read', async () => {
  const slapd = await serve({ maxsize: 400_000 })
  const vpn = await connect(slapd)
  const said = await vpn.apply(...numbered(1500))
  const failed = Object.keys(said).length
  expect(failed).toBeGreaterThan(0)
  expect(failed).toBeLessThan(1500)
  expect(Object.values(said)[0]).toMatch(/^The directory refuses uid=user\d+,ou=vpn,dc=isp,dc=test: LDAP 80, /)
  expect((await vpn.read(...numbered(1500))).size).toBe(1500 - failed)
})

test('a server that takes no writes for a while does not answer, as far as writes go', async () => {
  const slapd = await serve()
  const vpn = await connect(slapd)
  expect(await vpn.apply(alice)).toEqual({})
  await slapd.stop()
  await slapd.start({ readOnly: true })
  const error = await vpn.apply({ ...alice, enabled: false }).catch(thrown => thrown)
  expect(error.code).toBe('unavailable')
  expect(wordsOf(error)).toContain('LDAP 53, operation restricted')
  expect(await vpn.plan(alice)).toEqual({ alice: [] })
  await slapd.stop()
  await slapd.start({ readOnly: false })
  expect(await vpn.apply({ ...alice, enabled: false })).toEqual({})
})

test('a size limit makes searches smaller; a list that it would cut short is an error, not the end', async () => {
  const slapd = await serve({ sizelimit: 50 })
  const vpn = await connect(slapd)
  const many = numbered(180)
  expect(await vpn.apply(...many)).toEqual({})
  expect((await vpn.read(...many)).size).toBe(180)
  expect(await refusalOf(vpn.list())).toMatch(
    /ends the list of entries below ou=vpn,dc=isp,dc=test at its size limit.*size.prtotal=unlimited/,
  )
  await slapd.stop()
  await slapd.start({ databaseLines: [`limits dn.exact="${slapd.writerDn}" size.prtotal=unlimited size.pr=unlimited`] })
  expect((await vpn.list()).size).toBe(180)
})

test('an attribute that the account may not read makes the entry unreadable, never equal', async () => {
  const blind = (attrs: string, right: string) => ({
    access: [
      `access to attrs=${attrs} by dn.exact="cn=coin,dc=isp,dc=test" ${right} by anonymous auth by * none`,
      'access to * by dn.exact="cn=coin,dc=isp,dc=test" write by anonymous auth by * none',
    ],
  })
  const slapd = await serve()
  const everything: Account = { ...alice, routes4: ['192.0.2.0/28'] }
  const vpn = await connect(slapd)
  expect(await vpn.apply(everything, { login: 'without' })).toEqual({})
  const hidden: [string, string][] = [
    ['userPassword', '=w'],
    ['userPassword', '=wc'],
    ['vpnEnabled', '=w'],
    ['vpnIPv4Route,coinConfigurationId', '=w'],
    ['objectClass', '=ws'],
  ]
  for (const [attrs, right] of hidden) {
    await slapd.stop()
    await slapd.start(blind(attrs, right))
    const half = await connect(slapd)
    const there = await half.read(everything, { login: 'without' })
    const found = there.get(half.key(everything))
    expect(wordsOf(found), attrs).toMatch(new RegExp(`may not read ${attrs.split(',')[0]} in the directory`))
    if (attrs !== 'objectClass') expect(await refusalOf(half.list())).toMatch(/may not read/)
  }
})

test('an entry that the account may not see is not overwritten, and the refusal says why', async () => {
  const slapd = await serve({
    access: [
      'access to dn.base="uid=alice,ou=vpn,dc=isp,dc=test" by dn.exact="cn=coin,dc=isp,dc=test" none by * none',
      'access to * by dn.exact="cn=coin,dc=isp,dc=test" write by anonymous auth by * none',
    ],
  })
  await slapd.modify('dn: uid=alice,ou=vpn,dc=isp,dc=test\nobjectClass: account\nuid: alice\n')
  const vpn = await connect(slapd)
  const said = await vpn.apply(alice, { login: 'bob' })
  expect(Object.keys(said)).toEqual(['alice'])
  expect(said.alice).toMatch(/LDAP 68, .*the account of Coin may not see it/)
})

test('an account that may not write says so, entry by entry', async () => {
  const slapd = await serve()
  await slapd.modify('dn: uid=alice,ou=vpn,dc=isp,dc=test\nobjectClass: account\nobjectClass: vpnAccount\nuid: alice\nvpnEnabled: TRUE\n')
  const vpn = await connect(slapd, { bindDn: slapd.readerDn, password: slapd.readerPassword }, { attributes: { vpnEnabled: () => false } })
  expect((await vpn.apply({ login: 'alice' })).alice).toMatch(/LDAP 50, .*the right to write/)
  expect((await vpn.destroy({ login: 'alice' })).alice).toMatch(/LDAP 50/)
})

test('what is on another server is not followed, and said', async () => {
  const slapd = await serve()
  const there = 'ldap://there.example.net/ou=vpn,dc=isp,dc=test'
  const vpn = await connect(slapd)
  expect(await vpn.apply(alice)).toEqual({})
  await slapd.stop()
  const replica = [
    'syncrepl rid=1 provider=ldap://127.0.0.1:1 searchbase="dc=isp,dc=test" bindmethod=simple type=refreshOnly retry="3600 +"',
    'updateref ldap://master.example.net',
  ]
  await slapd.start({ databaseLines: replica })
  expect((await vpn.apply({ ...alice, enabled: false })).alice).toMatch(/LDAP 10, .*does not follow referrals: give the URL/)
  await slapd.stop()
  await slapd.start({ databaseLines: [] })
  await slapd.modify(`dn: ou=there,ou=vpn,dc=isp,dc=test\nobjectClass: referral\nobjectClass: extensibleObject\nou: there\nref: ${there}\n`)
  expect(await refusalOf(vpn.list())).toMatch(/is on another server, ldap:\/\/there\.example\.net.*does not follow referrals/)
  const below = 'uid=x,ou=there,ou=vpn,dc=isp,dc=test'
  const failures = await vpn.target.destroy([below], io())
  expect(wordsOf(failures?.get(below))).toMatch(/LDAP 10, .*does not follow referrals/)
})

test('two batches at once do not disturb each other', async () => {
  const slapd = await serve()
  const vpn = await connect(slapd, { window: 8, connections: 3 })
  const many = numbered(300)
  const said = await Promise.all([vpn.apply(...many.slice(0, 150)), vpn.apply(...many.slice(150)), vpn.read(...many), vpn.list()])
  expect(said.slice(0, 2)).toEqual([{}, {}])
  expect((await vpn.read(...many)).size).toBe(300)
  const connections = (await slapd.log()).match(/BIND dn="cn=coin,dc=isp,dc=test" method/g)
  expect(connections).toHaveLength(3)
})

test('an attribute that the directory does not know is named, with what to do', async () => {
  const slapd = await serve()
  const vpn = await connect(slapd, {}, { attributes: { vpnEnabled: () => true, isdnAddressOfTomorrow: () => 'x' } })
  expect((await vpn.apply(alice)).alice).toMatch(/LDAP 17, isdnAddressOfTomorrow.*Install the schema/)
})
