import { type Conformance, conformance } from 'coin/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import app, { account } from '../../backends/ldap/fixtures/account/index.ts'
import { type Slapd, startSlapd } from './slapd.ts'

let slapd: Slapd
const password = 'a-password-of-coin'
beforeAll(async () => {
  slapd = await startSlapd()
  const above = ['told', 'removed'].map(name => `dn: ou=${name},${slapd.vpnBase}\nobjectClass: organizationalUnit\nou: ${name}\n`)
  await slapd.modify([...above, `dn: ${slapd.writerDn}\nchangetype: modify\nreplace: userPassword\nuserPassword: ${password}\n`].join('\n'))
})
afterAll(() => slapd?.close())

const options: Omit<Conformance<typeof account>, 'apps'> = {
  table: account,
  pools: ['198.51.100.0/24', '2001:db8::/40'],
  values: n => ({ login: `ada${n}`, passwordHash: `{SSHA}hash-of-ada-${n}` }),
  change: { enabled: false },
  rename: n => ({ login: `grace${n}` }),
  secrets: [password, 'hash-of-ada'],
  edit: key =>
    slapd.modify(
      `dn: ${key}\nchangetype: modify\nreplace: vpnIPv4Route\nvpnIPv4Route: 203.0.113.0/24\n-\nreplace: userPassword\nuserPassword: by-hand\n`,
    ),
  server: { stop: () => slapd.stop(), start: () => slapd.start() },
  fill,
  hide,
}

for (const whenSuspended of ['told', 'removed'] as const)
  describe(`a suspended subscription: ${whenSuspended}`, () => {
    const ldap = () => ({ url: slapd.url, bindDn: slapd.writerDn, password })
    const apps = () => [app({ ldap: ldap(), base: `ou=${whenSuspended},${slapd.vpnBase}`, whenSuspended })]
    conformance('accounts', { ...options, apps })
  })

/** Lets the database have no more than it has, and uses that up. */
async function fill(): Promise<() => Promise<void>> {
  const ballast = `ou=ballast,${slapd.base}`
  await slapd.modify(`dn: ${ballast}\nobjectClass: organizationalUnit\nou: ballast\n`)
  await slapd.stop()
  await slapd.start({ maxsize: 65_536 })
  let written = 0
  for (const size of [200_000, 20_000, 1000, 10]) {
    for (;;) {
      const entry = `dn: ou=${written},${ballast}\nobjectClass: organizationalUnit\nou: ${written}\ndescription: ${'x'.repeat(size)}\n`
      const full = await slapd.modify(entry).then(
        () => false,
        error => String(error).includes('(80)'),
      )
      if (full) break
      written++
    }
  }
  return async () => {
    await slapd.stop()
    await slapd.start({ maxsize: 268_435_456 })
    const names = Array.from({ length: written }, (_, each) => `ou=${each},${ballast}`)
    await slapd.modify([...names, ballast].map(dn => `dn: ${dn}\nchangetype: delete\n`).join('\n'))
  }
}

/** Takes from Coin's account the right to read the password of one entry. */
async function hide(key: string): Promise<() => Promise<void>> {
  const database = 'dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n'
  const rule = `to dn.base="${key}" attrs=userPassword by dn.exact="${slapd.writerDn}" =w by * none`
  await slapd.modify(`${database}add: olcAccess\nolcAccess: {0}${rule}\n`, 'cn=config')
  return () => slapd.modify(`${database}delete: olcAccess\nolcAccess: {0}\n`, 'cn=config')
}
