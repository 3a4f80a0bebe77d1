import { describe, expect, test } from 'vitest'
import { choicesOf, isInside, readAddress } from './addresses.ts'
import vpnApp from './index.tsx'
import { hashPassword, newPassword } from './password.ts'
import { profileText } from './profile.ts'
import { pathOf } from './qr.tsx'
import { report } from './sessions.ts'

describe('addresses', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['192.0.2', undefined],
    ['192.0.2.01', undefined],
    ['fe80::1%eth0', undefined],
    ['192.0.2.1/32', undefined],
    ['0xc0000201', undefined],
    ['', undefined],
  ])('%s is read as %s', (typed, read) => expect(readAddress(typed)).toBe(read))

  test('inside is inside a subnet of the same family', () => {
    const subnets = [{ prefix: '192.0.2.8/29' }, { prefix: '2001:db8::/56' }]
    for (const address of ['192.0.2.8', '192.0.2.15', '2001:db8:0:ff:ffff:ffff:ffff:ffff'])
      expect(isInside(address, subnets), address).toBe(true)
    for (const address of ['192.0.2.7', '192.0.2.16', '2001:db8:0:100::', '::192.0.2.8', '::ffff:192.0.2.8'])
      expect(isInside(address, subnets), address).toBe(false)
    expect(isInside('192.0.2.8', [])).toBe(false)
  })

  test('are all to choose from while they are few', () => {
    expect(choicesOf([{ prefix: '192.0.2.248/29' }])).toEqual([248, 249, 250, 251, 252, 253, 254, 255].map(n => `192.0.2.${n}`))
    expect(choicesOf([{ prefix: '192.0.2.1/32' }, { prefix: '198.51.100.4/31' }])).toEqual(['192.0.2.1', '198.51.100.4', '198.51.100.5'])
    expect(choicesOf([{ prefix: '192.0.2.0/28' }])).toHaveLength(16)
    expect(choicesOf([{ prefix: '192.0.2.0/28' }, { prefix: '192.0.2.32/32' }])).toBeUndefined()
    expect(choicesOf([{ prefix: '0.0.0.0/0' }])).toBeUndefined()
  })
})

describe('passwords', () => {
  test('are long, easy to copy, and never the same', () => {
    const made = Array.from({ length: 1000 }, newPassword)
    expect(new Set(made).size).toBe(1000)
    for (const password of made) expect(password).toMatch(/^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){4}$/)
    // every letter comes up
    expect(new Set(made.join('').replaceAll('-', '')).size).toBe(31)
  })

  test('have another salt each time', async () => {
    for (const kind of ['argon2', 'sha512crypt'] as const)
      expect(await hashPassword('same', kind)).not.toBe(await hashPassword('same', kind))
    const { verify } = await import('unixcrypt')
    const hash = await hashPassword('same', 'sha512crypt')
    expect(hash).toMatch(/^\{CRYPT\}\$6\$/)
    expect(verify('same', hash.replace('{CRYPT}', ''))).toBe(true)
    expect(verify('other', hash.replace('{CRYPT}', ''))).toBe(false)
  })
})

describe('a profile', () => {
  const server = {
    remotes: [
      { host: 'a.example', port: 1194, proto: 'udp' as const },
      { host: '2001:db8::1', port: 443, proto: 'tcp' as const },
    ],
    commonName: undefined,
    extra: ['mute 20'],
  }

  test('tries its servers in their order, and says what it must', () => {
    expect(
      profileText({ server, ca: 'CA\r\nCA\n', tlsCrypt: 'KEY', name: 'ISP' }, { login: 'ada-vpn1' }),
    ).toBe(`# OVPN_ACCESS_SERVER_USERNAME=ada-vpn1
client
dev tun
remote a.example 1194 udp
remote 2001:db8::1 443 tcp
resolv-retry infinite
nobind
persist-key
persist-tun
remote-cert-tls server
auth-user-pass
auth-nocache
setenv CLIENT_CERT 0
setenv FRIENDLY_NAME "ISP ada-vpn1"
mute 20
<ca>
CA
CA
</ca>
<tls-crypt>
KEY
</tls-crypt>
`)
  })

  test('for a certificate asks for no password', () => {
    const text = profileText({ server, ca: 'CA', name: 'ISP' }, { login: 'ada-vpn1', password: false, certificate: true })
    expect(text).not.toMatch(/auth-user-pass|CLIENT_CERT/)
  })

  test('holds no line that the name of the provider could add', () => {
    const text = profileText({ server, ca: 'CA', name: 'A"\nscript-security 2\r\nup /bin/sh \\' }, { login: 'ada-vpn1' })
    expect(text).toContain('setenv FRIENDLY_NAME "A  script-security 2  up /bin/sh   ada-vpn1"')
    expect(text.split('\n').filter(line => /^(script|up)/.test(line))).toEqual([])
  })
})

test('what a server tells is read with care', () => {
  const told = (form: Record<string, string>) => report.safeParse({ event: 'connect', login: 'a', session: 's', ...form })
  for (const [remote, read] of [
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:40000', '192.0.2.1'],
    ['[2001:db8::1]:40000', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:40000', '192.0.2.1'],
    ['somewhere', undefined],
    ['[x]:1', undefined],
  ] as const)
    expect(told({ remote }).data?.remote, remote).toBe(read)
  expect(told({ at: '2026-11-22T20:00:00Z' }).data?.at?.getTime()).toBe(1795377600000)
  expect(told({ at: '1795377600' }).data?.at?.getTime()).toBe(1795377600000)
})

test('a picture of a code has each dark module once', () => {
  expect(
    pathOf([
      [true, true, false],
      [false, true, false],
    ]),
  ).toBe('M0 0h2v1h-2zM1 1h1v1h-1z')
})

test('settings that cannot work are told with what to do', () => {
  const problems = (given: Record<string, unknown>) => vpnApp(given as never).problems.join('\n')
  expect(problems({})).toBe('')
  expect(problems({ ldap: { url: 'ldaps://ldap.example.net' } })).toContain('ldap and directory are given together')
  expect(problems({ directory: { base: 'ou=vpn' } })).toContain('ldap and directory are given together')
  expect(problems({ server: { remotes: [{ host: 'vpn.example.net' }] } })).toContain('give ca or caFile')
  expect(problems({ server: { remotes: [{ host: 'a b\nscript-security 2' }], caFile: '/ca.pem' } })).toContain(
    'is not the name or the address of a host',
  )
  expect(problems({ server: { remotes: [{ host: 'a' }], caFile: '/ca.pem', extra: ['x\ny'] } })).toContain('is more than one line')
  expect(problems({ sessionToken: 'short' })).toContain('fewer than 32')
  expect(problems({ passwords: false })).toContain('without passwords, give certificates')
})
