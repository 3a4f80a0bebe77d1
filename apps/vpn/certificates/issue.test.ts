import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import vpnApp from '../index.tsx'
import { findAuthority, makeAuthority } from './authority.ts'
import { makeBundle } from './bundle.ts'
import { addAccount, inJob, settings, type Workplace, workplace } from './fixture.ts'
import { issueCertificate } from './issue.ts'
import { readRequest } from './request.ts'

let coin: TestCoin
let place: Workplace
beforeAll(async () => {
  coin = await testCoin({ apps: [vpnApp({})] })
  place = workplace()
})
afterAll(async () => {
  place.close()
  await coin.close()
})

const issue = async (account: number, csr: string, madeBy: 'csr' | 'browser' = 'csr') =>
  inJob(coin, async tx => issueCertificate(tx, settings, account, await readRequest(csr), madeBy))

test('openssl accepts the certificate, and it says what it should and nothing that the request asked for', async () => {
  const account = await addAccount(coin)
  const wishes = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'extendedKeyUsage=serverAuth',
    '-addext',
    'subjectAltName=DNS:evil.example',
  ]
  const { csr, key } = await place.request(undefined, wishes)
  const { certificate, authority } = await issue(account.id, csr)
  const [own, ca] = [place.file('own.pem', certificate.certificate), place.file('ca.pem', authority)]
  expect(await place.openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', ca, own)).toContain('own.pem: OK')
  await expect(place.openssl('verify', '-purpose', 'sslserver', '-CAfile', ca, own)).rejects.toThrow(/unsuitable certificate purpose/)
  const said = await place.openssl('x509', '-in', own, '-noout', '-text', '-nameopt', 'RFC2253')
  expect(said).toContain(`Subject: CN=${account.login}\n`)
  expect(said).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/)
  expect(said).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/)
  expect(said).toMatch(/X509v3 Extended Key Usage:\s+TLS Web Client Authentication\n/)
  expect(said).not.toMatch(/evil|whoever|Server Auth/)
  const [, subjectKey] = /Subject Key Identifier:\s+([0-9A-F:]+)/.exec(await place.openssl('x509', '-in', ca, '-noout', '-text')) ?? []
  expect(/Authority Key Identifier:\s+(?:keyid:)?([0-9A-F:]+)/.exec(said)?.[1]).toBe(subjectKey)
  expect(await place.openssl('x509', '-in', own, '-noout', '-pubkey')).toBe(await place.openssl('pkey', '-in', key, '-pubout'))
  expect(await place.openssl('x509', '-in', own, '-noout', '-checkend', String(364 * 86_400))).toContain('will not expire')
  await expect(place.openssl('x509', '-in', own, '-noout', '-checkend', String(366 * 86_400))).rejects.toThrow()
})

test('the authority may sign certificates and lists and no other authority, for ten years; there is one', async () => {
  const authority = await inJob(coin, findAuthority)
  const said = await place.openssl('x509', '-in', place.file('ca2.pem', authority?.certificate ?? ''), '-noout', '-text')
  expect(said).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/)
  expect(said).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/)
  expect(said).toMatch(/Public-Key: \(256 bit\)/)
  expect(said).toContain('CN = Coin VPN')
  expect((authority?.notAfter.getTime() ?? 0) - Date.now()).toBeGreaterThan(3651 * 86_400_000)
  await expect(inJob(coin, tx => makeAuthority(tx, 'Another'))).rejects.toThrow('There is a certificate authority already.')
  await expect(
    coin.pool.query(
      'INSERT INTO vpn_ca (name, certificate, sealed_key, not_before, not_after) SELECT name, certificate, sealed_key, not_before, not_after FROM vpn_ca',
    ),
  ).rejects.toMatchObject({ constraint: 'vpn_ca_single' })
  await expect(coin.pool.query(`UPDATE vpn_ca SET sealed_key = '-----BEGIN PRIVATE KEY-----'`)).rejects.toMatchObject({
    constraint: 'vpn_ca_key_sealed',
  })
})

test.each([
  ['RSA 2048', ['-newkey', 'rsa:2048']],
  ['EC P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['Ed25519', ['-newkey', 'ed25519']],
])('a key of the kind %s is certified', async (kind, options) => {
  const account = await addAccount(coin)
  const { csr } = await place.request(options)
  const { certificate, authority } = await issue(account.id, `\r\n${csr.replaceAll('\n', '\r\n')}`)
  expect(certificate.keyKind).toBe(kind)
  expect(
    await place.openssl('verify', '-CAfile', place.file('ca.pem', authority), place.file('own.pem', certificate.certificate)),
  ).toContain('OK')
})

test.each([
  ['RSA of 1024 bits', ['-newkey', 'rsa:1024']],
  ['RSA with the exponent 3', ['-newkey', 'rsa:2048', '-pkeyopt', 'rsa_keygen_pubexp:3']],
  ['secp256k1', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1']],
  ['P-192', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-192']],
])('%s is refused', async (_kind, options) => {
  const { csr } = await place.request(options)
  await expect(readRequest(csr)).rejects.toThrow(/cannot be used|damaged/)
})

test('a request with a wrong signature, of another format, too long, several or cut is refused', async () => {
  const [{ csr }, other] = [await place.request(), await place.request()]
  const bytes = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const armoured = (content: Buffer) =>
    `-----BEGIN CERTIFICATE REQUEST-----\n${content.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  const flipped = (at: number) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)))
  expect(await readRequest(armoured(bytes))).toMatchObject({ kind: 'EC P-256' })
  // somebody else's key under one's own signature: the public key is swapped
  const point = (der: Buffer) => der.indexOf(Buffer.from([0x03, 0x42, 0x00, 0x04])) + 4
  const theirs = Buffer.from(other.csr.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const swapped = Buffer.concat([
    bytes.subarray(0, point(bytes)),
    theirs.subarray(point(theirs), point(theirs) + 64),
    bytes.subarray(point(bytes) + 64),
  ])
  const offCurve = flipped(point(bytes) + 40)
  const { certificate } = await issue((await addAccount(coin)).id, csr)
  const wrong: Readonly<Record<string, string>> = {
    empty: '',
    words: 'Give me a certificate',
    certificate: certificate.certificate,
    'private key': readFileSync(other.key, 'utf8'),
    'two requests': csr + other.csr,
    'something before it': `x\n${csr}`,
    cut: armoured(bytes.subarray(0, bytes.length - 20)),
    'more bytes behind it': armoured(Buffer.concat([bytes, Buffer.from([0, 0])])),
    'no request at all': armoured(Buffer.from([0x30, 0])),
    'changed name': armoured(flipped(bytes.indexOf('whoever'))),
    'changed signature': armoured(flipped(bytes.length - 5)),
    'another key': armoured(swapped),
    'a point that is not on the curve': armoured(offCurve),
    'deep nesting': armoured(Buffer.from('30820100'.repeat(2500), 'hex')),
    huge: `-----BEGIN CERTIFICATE REQUEST-----\n${'A'.repeat(900_000)}\n-----END CERTIFICATE REQUEST-----`,
  }
  for (const [what, text] of Object.entries(wrong))
    await expect(readRequest(text), what).rejects.toMatchObject({ code: 'invalid', fields: [{ field: 'csr' }] })
})

test('one certificate at a time; from thirty days before its end another one, which leaves the old one alone', async () => {
  const account = await addAccount(coin)
  const first = await issue(account.id, (await place.request()).csr)
  await expect(issue(account.id, (await place.request()).csr)).rejects.toThrow('too early to renew')
  await ageTo(first.certificate.id, 30.5)
  await expect(issue(account.id, (await place.request()).csr)).rejects.toThrow('too early to renew')
  await ageTo(first.certificate.id, 29.5)
  const second = await issue(account.id, (await place.request()).csr)
  const { rows } = await coin.pool.query('SELECT serial, revoked_at FROM vpn_certificate WHERE configuration_id = $1 ORDER BY id', [
    account.id,
  ])
  expect(rows).toEqual([
    { serial: first.certificate.serial, revoked_at: null },
    { serial: second.certificate.serial, revoked_at: null },
  ])
})

test('a key that another account has, or that was revoked, is not certified; the same one for a renewal is', async () => {
  const [account, other] = [await addAccount(coin), await addAccount(coin)]
  const { csr } = await place.request()
  const first = await issue(account.id, csr)
  await expect(issue(other.id, csr)).rejects.toThrow('This key was used before')
  await ageTo(first.certificate.id, 10)
  await issue(account.id, csr)
  await coin.pool.query('UPDATE vpn_certificate SET revoked_at = now() WHERE configuration_id = $1', [account.id])
  await expect(issue(account.id, csr)).rejects.toThrow('This key was used before')
})

test('accounts that ask at once get different serial numbers from one authority, and one account one certificate', async () => {
  const fresh = await testCoin({ apps: [vpnApp({})] })
  try {
    const accounts = await Promise.all(Array.from({ length: 12 }, () => addAccount(fresh)))
    const requests = await Promise.all(accounts.map(() => place.request()))
    const ask = (account: number, csr: string) =>
      inJob(fresh, async tx => issueCertificate(tx, settings, account, await readRequest(csr), 'csr'))
    const issued = await Promise.all(accounts.map(({ id }, index) => ask(id, requests[index]?.csr ?? '')))
    expect(new Set(issued.map(({ certificate }) => certificate.serial)).size).toBe(12)
    expect(new Set(issued.map(({ authority }) => authority)).size).toBe(1)
    for (const { certificate } of issued) expect(certificate.serial).toMatch(/^[4-7][0-9a-f]{31}$/)
    const one = await addAccount(fresh)
    const more = await Promise.all([1, 2, 3, 4].map(() => place.request()))
    const outcomes = await Promise.allSettled(more.map(({ csr }) => ask(one.id, csr)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  } finally {
    await fresh.close()
  }
})

test('openssl opens the bundle with its password only, and finds the key of the certificate', async () => {
  const [made, chosen] = [await addAccount(coin), await addAccount(coin)]
  for (const [account, given] of [
    [made, ''],
    [chosen, 'étoile filante 42'],
  ] as const) {
    const bundle = await inJob(coin, tx => makeBundle(tx, settings, account.id, given))
    if (given) expect(bundle.password).toBe(given)
    else expect(bundle.password).toMatch(/^([a-z2-9]{5}-){4}[a-z2-9]{5}$/)
    const file = place.file('bundle.p12', bundle.file)
    const read = (password: string, ...options: string[]) => place.openssl('pkcs12', '-in', file, '-passin', `pass:${password}`, ...options)
    expect(await read(bundle.password, '-info', '-noout')).toMatch(
      /MAC: sha256[\s\S]*PBES2, PBKDF2, AES-256-CBC[\s\S]*hmacWithSHA256[\s\S]*AES-256-CBC/,
    )
    const key = place.file('bundle.key', await read(bundle.password, '-nodes', '-nocerts'))
    const own = place.file('bundle.crt', await read(bundle.password, '-nokeys', '-clcerts'))
    expect(await place.openssl('pkey', '-in', key, '-pubout')).toBe(await place.openssl('x509', '-in', own, '-noout', '-pubkey'))
    expect(await place.openssl('x509', '-in', own, '-noout', '-subject')).toContain(`CN = ${account.login}`)
    await expect(read(`${bundle.password}x`, '-noout')).rejects.toThrow(/Mac verify error/)
  }
  await expect(inJob(coin, async tx => makeBundle(tx, settings, (await addAccount(coin)).id, 'too short'))).rejects.toThrow('Choose twelve')
})

test('the database keeps what was signed as it is, whoever writes', async () => {
  const account = await addAccount(coin)
  const { certificate } = await issue(account.id, (await place.request()).csr)
  const change = (set: string) => coin.pool.query(`UPDATE vpn_certificate SET ${set} WHERE id = $1`, [certificate.id])
  await expect(change(`serial = '4444444444444444'`)).rejects.toMatchObject({ constraint: 'vpn_certificate_fixed' })
  await expect(change(`configuration_id = configuration_id + 1`)).rejects.toMatchObject({ constraint: 'vpn_certificate_fixed' })
  await expect(coin.pool.query('DELETE FROM vpn_certificate WHERE id = $1', [certificate.id])).rejects.toMatchObject({
    constraint: 'vpn_certificate_kept',
  })
  await change('revoked_at = now()')
  await expect(change('revoked_at = NULL, reason = NULL')).rejects.toMatchObject({ constraint: 'vpn_certificate_stays_revoked' })
  await expect(coin.pool.query('TRUNCATE vpn_certificate')).rejects.toMatchObject({ constraint: 'no_truncate' })
})

/** Until a statement of this database waits for another transaction. */
async function someoneWaits() {
  for (;;) {
    const { rows } = await coin.pool.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
    if (rows.length > 0) return
    await sleep(20)
  }
}

/** As if it had been issued earlier: that much is left of it. */
async function ageTo(id: number, days: number) {
  await coin.pool.query('ALTER TABLE vpn_certificate DISABLE TRIGGER vpn_certificate_guard')
  await coin.pool.query(
    'UPDATE vpn_certificate SET not_after = now() + make_interval(secs => $2::double precision * 86400) WHERE id = $1',
    [id, days],
  )
  await coin.pool.query('ALTER TABLE vpn_certificate ENABLE TRIGGER vpn_certificate_guard')
}

test('who takes the subscription over at the same moment gets an account without the other one’s certificate', async () => {
  const [account, next] = [await addAccount(coin), await addAccount(coin)]
  const { csr } = await place.request()
  const key = await readRequest(csr)
  const takeOver = () =>
    coin.pool.query('UPDATE subscription SET member_id = $2 WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)', [
      account.id,
      next.member,
    ])
  let taken: Promise<unknown> = Promise.resolve()
  await inJob(coin, async tx => {
    await issueCertificate(tx, settings, account.id, key, 'csr', account.member)
    taken = takeOver()
    await Promise.race([taken, someoneWaits()])
  })
  await taken
  const { rows } = await coin.pool.query('SELECT reason, configuration_id AS account FROM vpn_certificate WHERE key_hash = $1', [key.hash])
  expect(rows).toEqual([{ reason: 'affiliation_changed', account: null }])
  const again = inJob(coin, async tx =>
    issueCertificate(tx, settings, account.id, await readRequest((await place.request()).csr), 'csr', account.member),
  )
  await expect(again).rejects.toThrow('There is no such VPN account.')
})

test('two accounts that give one key at once do not both get a certificate', async () => {
  const accounts = [await addAccount(coin), await addAccount(coin)]
  const { csr } = await place.request()
  const made = await Promise.allSettled(accounts.map(({ id }) => issue(id, csr)))
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})
