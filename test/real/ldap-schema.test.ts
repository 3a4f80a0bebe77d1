import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { hash } from '@node-rs/argon2'
import { afterEach, expect, test } from 'vitest'
import { accounts, open } from './ldap-fixture.ts'
import { type Slapd, type SlapdOptions, startSlapd } from './slapd.ts'

const ldif = readFileSync(new URL('../../backends/ldap/schema/coin.ldif', import.meta.url), 'utf8')
const schema = readFileSync(new URL('../../backends/ldap/schema/coin.schema', import.meta.url), 'utf8')
const guide = readFileSync(new URL('../../docs/backends/ldap.md', import.meta.url), 'utf8')

const closing: Slapd[] = []
afterEach(async () => {
  for (const slapd of closing.splice(0)) await slapd.close()
})
async function serve(options: SlapdOptions = {}): Promise<Slapd> {
  const slapd = await startSlapd(options)
  closing.push(slapd)
  return slapd
}

/** What a server says about Coin's attributes and classes, one line each. */
async function definitions({ url }: Slapd): Promise<string[]> {
  const args = ['-x', '-LLL', '-o', 'ldif_wrap=no', '-H', url, '-s', 'base', '-b', 'cn=subschema', 'attributeTypes', 'objectClasses']
  const { stdout } = await promisify(execFile)('ldapsearch', args)
  return stdout.split('\n').filter(line => / NAME '(vpn|coin)/.test(line))
}

test('both forms of the schema say the same', async () => {
  const fromConf = await serve()
  const fromLdif = await serve({ coinSchema: false })
  expect(await definitions(fromLdif)).toEqual([])
  await fromLdif.modify(ldif, 'cn=config')
  expect(await definitions(fromLdif)).toHaveLength(7)
  expect(await definitions(fromLdif)).toEqual(await definitions(fromConf))
})

test('its numbers are replaced in one line', () => {
  expect(schema.match(/1\.3\.6\.1\.4\.1\.4203/g)?.length).toBe(2)
  expect(ldif.match(/1\.3\.6\.1\.4\.1\.4203/g)?.length).toBe(1)
})

test('an account that Coin made logs in with its password, hashed as {ARGON2} or {CRYPT}', async () => {
  const slapd = await serve()
  const vpn = await open(accounts(slapd))
  const argon2 = `{ARGON2}${await hash('le mot de passe', { memoryCost: 7168, timeCost: 5, parallelism: 1 })}`
  const { stdout } = await promisify(execFile)('openssl', ['passwd', '-6', '-salt', 'coinsalt', 'le mot de passe'])
  expect(stdout).toMatch(/^\$6\$coinsalt\$/)
  expect(await vpn.apply({ login: 'alice', hash: argon2 }, { login: 'bob', hash: `{CRYPT}${stdout.trim()}` })).toEqual({})
  await vpn.close()
  for (const login of ['alice', 'bob']) {
    const dn = `uid=${login},${slapd.vpnBase}`
    expect(await slapd.whoami(dn, 'le mot de passe')).toBe(`dn:${dn}\n`)
    await expect(slapd.whoami(dn, 'autre chose')).rejects.toThrow('Invalid credentials (49)')
  }
})

test('the access rules of the guide: Coin writes, the VPN server reads all but passwords, an account only logs in', async () => {
  const rules = /^access to [\s\S]*?(?=\n```)/m.exec(guide)?.[0] ?? ''
  expect(rules).toContain('userPassword')
  const slapd = await serve({ access: rules.split('\n') })
  const vpn = await open(accounts(slapd))
  expect(await vpn.apply({ login: 'alice', hash: 'le mot de passe' })).toEqual({})
  expect((await vpn.list()).size).toBe(1)
  await vpn.close()
  const dn = `uid=alice,${slapd.vpnBase}`
  const seenBy = async (who: string, password: string) => {
    const args = ['-x', '-LLL', '-H', slapd.url, '-D', who, '-w', password, '-b', slapd.base, '(uid=alice)']
    return promisify(execFile)('ldapsearch', args).then(
      ({ stdout }) => stdout,
      error => String(error.stderr),
    )
  }
  expect(await seenBy(slapd.readerDn, slapd.readerPassword)).toMatch(/vpnEnabled: TRUE/)
  expect(await seenBy(slapd.readerDn, slapd.readerPassword)).not.toContain('userPassword')
  expect(await slapd.whoami(dn, 'le mot de passe')).toContain(dn)
  expect(await seenBy(dn, 'le mot de passe')).not.toContain('vpnEnabled')
})
