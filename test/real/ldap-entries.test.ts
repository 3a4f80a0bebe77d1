import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Account, accounts, io, type Opened, open, refusalOf } from './ldap-fixture.ts'
import { type Slapd, startSlapd } from './slapd.ts'

let slapd: Slapd
let vpn: Opened

beforeAll(async () => {
  slapd = await startSlapd()
  vpn = await open(accounts(slapd))
})
afterAll(async () => {
  await vpn?.close()
  await slapd?.close()
})

const alice: Account = {
  login: 'alice',
  hash: '{SSHA}vb3UqdKiRTq34RCF4pDr/xTP77FcOGNP',
  endpoint4: '198.51.100.9',
  routes4: ['198.51.100.8/29', '192.0.2.0/28'],
  routes6: ['2001:db8:12::/48'],
  id: 1,
}

test('reads nothing where nothing is', async () => {
  expect(await vpn.read({ login: 'nobody' }, { login: 'no body' })).toEqual(new Map())
  await vpn.target.close?.()
  vpn = await open(accounts(slapd))
})

test('adds an entry that reads as it was wanted, whatever the order of values, and is not written twice', async () => {
  expect(await vpn.apply(alice)).toEqual({})
  const there = (await vpn.read(alice)).get('uid=alice,ou=vpn,dc=isp,dc=test')
  expect(there).toEqual(vpn.desired(alice))
  const stamps = () => slapd.search('(uid=alice)', ['entryCSN'])
  const before = await stamps()
  expect(await vpn.plan({ ...alice, routes4: ['192.0.2.0/28', '198.51.100.8/29'] })).toEqual({ alice: [] })
  expect(await vpn.apply(alice)).toEqual({})
  expect(await stamps()).toBe(before)
})

test('changes only what differs, in one request, and leaves the attributes and classes of others', async () => {
  await slapd.modify(
    'dn: uid=alice,ou=vpn,dc=isp,dc=test\nchangetype: modify\nadd: description\ndescription: kept by hand\n-\nadd: objectClass\nobjectClass: simpleSecurityObject\n',
  )
  const changed = { ...alice, enabled: false, routes4: ['198.51.100.8/29'], endpoint4: null }
  expect(await vpn.plan(changed)).toEqual({ alice: ['vpnEnabled', 'vpnIPv4Endpoint', 'vpnIPv4Route'] })
  const before = (await slapd.log()).length
  expect(await vpn.apply(changed)).toEqual({})
  const requests = (await slapd.log())
    .slice(before)
    .split('\n')
    .filter(line => / MOD /.test(line))
  expect(requests.map(line => line.replace(/.* MOD /, ''))).toEqual([
    'dn="uid=alice,ou=vpn,dc=isp,dc=test"',
    'attr=vpnEnabled vpnIPv4Endpoint vpnIPv4Route',
  ])
  const there = await slapd.search('(uid=alice)')
  expect(there).toContain('description: kept by hand')
  expect(there).toContain('objectClass: simpleSecurityObject')
  expect(there).toContain('vpnEnabled: FALSE')
  expect(there).toContain('userPassword:: ')
  expect(there).not.toContain('vpnIPv4Endpoint')
  expect(there).not.toContain('192.0.2.0/28')
})

test('adds object classes that are missing in an entry of somebody else', async () => {
  await slapd.modify('dn: uid=bruno,ou=vpn,dc=isp,dc=test\nobjectClass: account\nuid: bruno\n')
  expect(await vpn.plan({ login: 'bruno' })).toEqual({ bruno: ['objectClass', 'vpnEnabled'] })
  expect([...(await vpn.list()).keys()]).not.toContain('uid=bruno,ou=vpn,dc=isp,dc=test')
  expect(await vpn.apply({ login: 'bruno' })).toEqual({})
  expect((await vpn.read({ login: 'bruno' })).get(vpn.key({ login: 'bruno' }))).toEqual(vpn.desired({ login: 'bruno' }))
})

test('capitals matter where the declaration does not say otherwise', async () => {
  expect(await vpn.apply({ login: 'camille', routes6: ['2001:db8:a::/48'], hash: 'SECRET' })).toEqual({})
  expect(await vpn.plan({ login: 'camille', routes6: ['2001:DB8:A::/48'], hash: 'secret' })).toEqual({ camille: ['userPassword'] })
})

test('removes an entry; one that is gone already is removed too; one with others below says so', async () => {
  expect(await vpn.apply({ login: 'denis' })).toEqual({})
  expect(await vpn.destroy({ login: 'denis' }, { login: 'never' })).toEqual({})
  expect(await slapd.search('(uid=denis)')).toBe('')
  expect(await vpn.destroy({ login: 'denis' })).toEqual({})
  expect(await vpn.apply({ login: 'parent' })).toEqual({})
  await slapd.modify('dn: ou=phones,uid=parent,ou=vpn,dc=isp,dc=test\nobjectClass: organizationalUnit\nou: phones\n')
  const said = await vpn.destroy({ login: 'parent' })
  expect(said.parent).toMatch(/The directory refuses uid=parent,ou=vpn,dc=isp,dc=test: LDAP 66, .*There are entries below it/)
})

test('an entry made or removed behind its back is changed or made all the same', async () => {
  const elise = { login: 'elise', routes4: ['192.0.2.16/29'] }
  const wanted = (observed: ReturnType<typeof vpn.desired> | undefined) => [{ key: vpn.key(elise), desired: vpn.desired(elise), observed }]
  await slapd.modify('dn: uid=elise,ou=vpn,dc=isp,dc=test\nobjectClass: account\nobjectClass: vpnAccount\nuid: elise\nvpnEnabled: FALSE\n')
  expect(await vpn.target.apply(wanted(undefined), io())).toEqual(new Map())
  expect((await vpn.read(elise)).get(vpn.key(elise))).toEqual(vpn.desired(elise))
  await slapd.modify('dn: uid=elise,ou=vpn,dc=isp,dc=test\nchangetype: delete\n')
  expect(await vpn.target.apply(wanted({ ...vpn.desired(elise), vpnEnabled: ['FALSE'] }), io())).toEqual(new Map())
  expect((await vpn.read(elise)).get(vpn.key(elise))).toEqual(vpn.desired(elise))
})

test('of many, each failure is told by its key, in words without secrets, and the others are done', async () => {
  const said = await vpn.apply(
    { login: 'fatou' },
    { login: 'gael', routes4: ['à côté'] },
    { login: 'hugo', id: 'x' as unknown as number, hash: 'top-secret-hash' },
    { login: 'ines' },
  )
  expect(Object.keys(said)).toEqual(['gael', 'hugo'])
  expect(said.gael).toMatch(/^The directory refuses uid=gael,ou=vpn,dc=isp,dc=test: LDAP 21, vpnIPv4Route: value #0 invalid per syntax\./)
  expect(said.hugo).toContain('coinConfigurationId: value #0 invalid per syntax')
  expect(JSON.stringify(said)).not.toContain('top-secret')
  expect(await slapd.search('(|(uid=fatou)(uid=ines))', ['1.1'])).toMatch(/uid=fatou[\s\S]*uid=ines/)
})

const hostile = [
  'a*)(uid=*',
  'x,ou=admins',
  'x+cn=y',
  '#leading',
  ' leading',
  'trailing ',
  '"quoted" \\ <angle>; = # \\2a',
  'Zoé-Ünïcødé-日本-🦊',
  'nul\0inside',
  '\\',
  '*',
  '(',
  'a\nb',
]

test.each(hostile)('a login stays a name, whatever it has in it: %j', async login => {
  const account = { login, routes4: ['203.0.113.0/29'] }
  const said = await vpn.apply(account)
  // a directory may refuse such a name, but it may not take it for another
  if (Object.keys(said).length > 0) {
    expect(login).toMatch(/\0|\n/)
    expect(said[login]).toMatch(/LDAP (19|21|34|64)/)
    return
  }
  expect((await vpn.read(account)).get(vpn.key(account))).toEqual(vpn.desired(account))
  expect(await vpn.plan(account)).toEqual({ [login]: [] })
  const found = [...(await vpn.list())].filter(([, entry]) => entry.vpnIPv4Route?.includes('203.0.113.0/29'))
  expect(found).toEqual([[vpn.key(account), vpn.desired(account)]])
  expect(await vpn.destroy(account)).toEqual({})
  expect(await vpn.read(account)).toEqual(new Map())
})

test('names that a directory takes for the same have one key', () => {
  expect(vpn.key({ login: 'Alice' })).toBe(vpn.key({ login: ' alice ' }))
  expect(() => vpn.key({ login: ' ' })).toThrow('needs a name')
})

test('a second value of the naming attribute is nobody’s entry', async () => {
  await vpn.apply({ login: 'jules' })
  await slapd.modify('dn: uid=jules,ou=vpn,dc=isp,dc=test\nchangetype: modify\nadd: uid\nuid: kenza\n')
  expect(await vpn.read({ login: 'kenza' })).toEqual(new Map())
  expect([...(await vpn.read({ login: 'jules' }, { login: 'kenza' })).keys()]).toEqual([vpn.key({ login: 'jules' })])
})

test('a base that does not exist is an error in words, never an empty directory', async () => {
  const wrong = accounts(slapd, {}, { base: 'ou=elsewhere,dc=isp,dc=test' })
  expect(await refusalOf(open(wrong))).toMatch(/^The base ou=elsewhere,dc=isp,dc=test does not exist in the directory/)
  await slapd.modify('dn: ou=gone,dc=isp,dc=test\nobjectClass: organizationalUnit\nou: gone\n')
  const writer = { bindDn: slapd.rootDn, password: slapd.rootPassword }
  const gone = await open(accounts(slapd, writer, { base: 'ou=gone,dc=isp,dc=test' }))
  await slapd.modify('dn: ou=gone,dc=isp,dc=test\nchangetype: delete\n')
  for (const refused of [
    gone.read(alice),
    gone.list(),
    gone.target.apply([{ key: gone.key(alice), desired: gone.desired(alice), observed: undefined }], io()),
  ])
    expect(await refusalOf(refused)).toMatch(/^The base ou=gone,dc=isp,dc=test does not exist/)
  await gone.close()
})

test('keys below a base of before are read and removed where they are', async () => {
  await slapd.modify(
    'dn: ou=old,ou=vpn,dc=isp,dc=test\nobjectClass: organizationalUnit\nou: old\n\ndn: uid=lea,ou=old,ou=vpn,dc=isp,dc=test\nobjectClass: account\nobjectClass: vpnAccount\nuid: lea\nvpnEnabled: TRUE\n',
  )
  const old = 'uid=lea,ou=old,ou=vpn,dc=isp,dc=test'
  const several = 'cn=a+uid=b,ou=vpn,dc=isp,dc=test'
  const never = 'uid=lea,ou=never,ou=vpn,dc=isp,dc=test'
  await slapd.modify(
    `dn: ${several}\nobjectClass: account\nobjectClass: vpnAccount\nobjectClass: extensibleObject\nuid: b\ncn: a\nvpnEnabled: TRUE\n`,
  )
  const keys = [old, several, never]
  expect([...(await vpn.target.read(keys, io())).keys()].sort()).toEqual([several, old])
  expect([...(await vpn.list()).keys()].filter(key => key.includes('+')).map(key => key.split(',')[0])).toEqual(['cn=a+uid=b'])
  expect(await vpn.target.destroy(keys, io())).toEqual(new Map())
  expect(await vpn.target.read(keys, io())).toEqual(new Map())
})

test('2,000 entries are written, read, listed in pages, changed and removed', async () => {
  const many = Array.from({ length: 2000 }, (_, index) => ({ login: `many${index}`, id: index, hash: `hash-${index}` }))
  expect(await vpn.apply(...many)).toEqual({})
  const there = await vpn.read(...many)
  expect(there.size).toBe(2000)
  for (const account of many) expect(there.get(vpn.key(account))).toEqual(vpn.desired(account))
  const pages: number[] = []
  for await (const page of vpn.target.list?.(io()) ?? []) pages.push(page.size)
  expect(pages.slice(0, 2)).toEqual([1000, 1000])
  expect(await vpn.apply(...many.map(account => ({ ...account, enabled: false })))).toEqual({})
  expect((await slapd.search('(&(uid=many*)(vpnEnabled=FALSE))', ['1.1'])).match(/^dn:/gm)).toHaveLength(2000)
  expect(await vpn.destroy(...many)).toEqual({})
  expect(await slapd.search('(uid=many*)')).toBe('')
})
