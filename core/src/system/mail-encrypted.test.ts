import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readKey, revokeKey } from 'openpgp'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { type TestSmtp, testSmtp } from '../testing/smtp.ts'
import { deliverMails } from './deliver-mail.ts'
import { storeFile } from './file.ts'
import { armouredIn, decrypted, keyPair, partsOf, type TestKeys } from './mail.fixture.ts'
import { type Mail, sendMail } from './mail.ts'
import { retryMails } from './mail-list.ts'
import { keyFacts, keyProblem } from './openpgp.ts'

let coin: TestCoin
let server: TestSmtp
let keys: TestKeys & { readonly revocationCertificate: string }
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  server = await testSmtp()
  keys = await keyPair()
})
beforeEach(async () => {
  vi.stubEnv('SMTP_URL', server.url)
  server.mails.length = 0
  await coin.pool.query('DELETE FROM coin.mail')
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await server?.close()
  await coin?.close()
})

const deliver = () => coin.asSystem('test', () => coin.write(deliverMails))
const pdf = randomBytes(40_000)
const letter = 'Bonjour Amina,\n\nVous devez 42,00 €.\n'
const sendEncrypted = (openpgpKey: string, mail: Partial<Mail> = {}) =>
  coin.write(async tx => {
    const file = await storeFile(tx, { content: pdf, mediaType: 'application/pdf' })
    const attachments = [{ name: '2026-10-000012.pdf', file }]
    await sendMail(tx, { to: 'amina@example.org', subject: 'Facture d’octobre', text: letter, attachments, openpgpKey, ...mail })
  })
const row = async () =>
  (await coin.pool.query('SELECT sent_at, attempts, error, body, isfinite(next_attempt_at) AS again FROM coin.mail')).rows[0]
/** Keys to which nothing can be encrypted, each by its problem. */
const unusable = async () => {
  const longAgo = new Date('2020-01-01')
  const { publicKey: revoked } = await revokeKey({
    key: await readKey({ armoredKey: keys.publicKey }),
    revocationCertificate: keys.revocationCertificate,
    format: 'armored',
  })
  return {
    'This key has expired': (await keyPair({ date: longAgo, keyExpirationTime: 86_400 })).publicKey,
    'This key is revoked': revoked,
    'Nothing can be encrypted to this key': (await keyPair({ subkeys: [{ sign: true }] })).publicKey,
    'Give a whole OpenPGP public key': keys.publicKey.replace(/\n[A-Za-z0-9+/]{60,}\n/, '\nAAAA\n'),
  }
}

function expectInside(inside: string) {
  expect(inside.slice(0, 2000).replace(/\r\n[ \t]+/g, ' ')).toContain('protected-headers=v1')
  expect(inside.slice(0, 2000)).toContain('Subject: =?UTF-8?Q?Facture_d=E2=80=99octobre?=')
  const [text, attachment, ...rest] = partsOf(inside)
  expect(rest).toEqual([])
  expect(text?.content.toString().replace(/=\r\n/g, '')).toContain('Vous devez 42,00 =E2=82=AC.')
  expect(attachment?.headers).toContain('filename=2026-10-000012.pdf')
  expect(attachment?.content.equals(pdf)).toBe(true)
}

test('a mail with a key goes as PGP/MIME: its text and attachments are for who has the private one alone', async () => {
  await sendEncrypted(keys.publicKey)
  expect(await deliver()).toEqual({ sent: 1, failed: 0 })
  const { to, source = '' } = server.mails[0] ?? {}
  expect(to).toBe('amina@example.org')
  expect(source.replace(/\r\n[ \t]+/g, ' ')).toMatch(
    /^Content-Type: multipart\/encrypted; protocol="application\/pgp-encrypted"; boundary="[^"]+"\r$/m,
  )
  for (const header of [
    'To: amina@example.org',
    'Subject: =?UTF-8?Q?Facture_d=E2=80=99octobre?=',
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
  ])
    expect(source).toContain(`${header}\r\n`)
  const parts = partsOf(source)
  expect(parts.map(({ headers }) => /^content-type: ([\w/-]+)/im.exec(headers)?.[1])).toEqual([
    'application/pgp-encrypted',
    'application/octet-stream',
  ])
  expect(parts[0]?.content.toString()).toBe('Version: 1\r\n')
  expectInside(await decrypted(source, keys))
  const [, , body = ''] = /^([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(source) ?? []
  for (const clear of ['Bonjour', '42,00', '2026-10-000012', 'application/pdf', pdf.toString('base64').slice(0, 40)])
    expect(body).not.toContain(clear)
  await expect(decrypted(source, await keyPair())).rejects.toThrow()
})

test('GnuPG reads it', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'coin-gpg-'))
  const gpg = (args: string[], input: string) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--trust-model', 'always', ...args], {
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  try {
    gpg(['--import'], keys.privateKey)
    await sendEncrypted(keys.publicKey)
    await deliver()
    expectInside(gpg(['--decrypt'], armouredIn(server.mails[0]?.source ?? '')).toString())
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'])
    rmSync(home, { recursive: true, force: true })
  }
})

test('the text of a secret mail is forgotten once it is sent, encrypted or not', async () => {
  await sendEncrypted(keys.publicKey, { secret: true })
  expect(await deliver()).toEqual({ sent: 1, failed: 0 })
  expect(await row()).toMatchObject({ body: '', error: null })
  expect(await decrypted(server.mails[0]?.source ?? '', keys)).toContain('Vous devez')
})

test('what cannot be encrypted is not sent at all, says why, and is not tried again by itself', async () => {
  for (const [problem, key] of Object.entries(await unusable())) {
    await sendEncrypted(key)
    await coin.write(tx => sendMail(tx, { to: 'other@example.org', subject: 'x', text: 'x' }))
    expect([problem, await deliver()]).toEqual([problem, { sent: 1, failed: 1 }])
    expect(server.mails.map(({ to }) => to)).toEqual(['other@example.org'])
    await coin.pool.query('DELETE FROM coin.mail WHERE sent_at IS NOT NULL')
    expect(await row()).toMatchObject({
      sent_at: null,
      error: expect.stringContaining(`Cannot be encrypted: ${problem}`),
      body: letter,
      again: false,
    })
    vi.stubEnv('SMTP_URL', '')
    expect(await deliver()).toEqual({ sent: 0, failed: 0 })
    vi.stubEnv('SMTP_URL', server.url)
    server.mails.length = 0
    await coin.pool.query('DELETE FROM coin.mail')
  }
})

test('once the member has given another key, to try again encrypts to that one', async () => {
  const { publicKey } = await keyPair({ date: new Date('2020-01-01'), keyExpirationTime: 86_400 })
  await sendEncrypted(publicKey, { to: 'Amina@example.org' })
  await coin.write(tx => sendMail(tx, { to: 'refused@example.org', subject: 'in clear', text: 'x' }))
  await deliver()
  expect(await coin.write(tx => retryMails(tx))).toBe(2)
  expect(await deliver()).toEqual({ sent: 0, failed: 2 })
  await coin.pool.query(
    `INSERT INTO member (last_name, email, username, openpgp_key) VALUES ('Berthier', 'amina@example.org', '', $1), ('No key', 'refused@example.org', '', '')`,
    [keys.publicKey],
  )
  await coin.write(tx => retryMails(tx))
  expect(await deliver()).toEqual({ sent: 1, failed: 1 })
  expectInside(await decrypted(server.mails[0]?.source ?? '', keys))
  await expect(coin.write(tx => retryMails(tx, 1))).rejects.toMatchObject({ code: 'conflict' })
})

test('a mail never holds a private key', async () => {
  await expect(sendEncrypted(keys.privateKey)).rejects.toMatchObject({ constraint: 'mail_openpgp_key_public' })
})

test('a key is checked for what mails need, and shown by what people compare', async () => {
  expect(await keyProblem(keys.publicKey)).toBeUndefined()
  expect(await keyProblem(`\n${keys.publicKey.replaceAll('\n', '\r\n')}\n`)).toBeUndefined()
  for (const [problem, key] of Object.entries(await unusable())) expect(await keyProblem(key)).toContain(problem)
  const other = await keyPair()
  const joined = [keys.publicKey, other.publicKey].join('\n')
  // the armour says public, the content is private
  const disguised = keys.privateKey.replaceAll('PRIVATE', 'PUBLIC')
  const wrong = { [joined]: 'several keys', [keys.privateKey]: 'private key', [disguised]: 'private key', 'mQINBF…': 'Give a whole' }
  for (const [key, problem] of Object.entries(wrong)) expect(await keyProblem(key)).toContain(problem)
  const key = await readKey({ armoredKey: keys.publicKey })
  const { publicKey } = await keyPair({ keyExpirationTime: 1000 * 86_400, userIDs: [{ name: '<b>Amina</b>' }] })
  expect(await keyFacts(keys.publicKey)).toMatchObject({
    userIds: ['Amina Berthier <amina@example.org>'],
    expiresAt: null,
    problem: undefined,
  })
  expect((await keyFacts(keys.publicKey))?.fingerprint.replaceAll(' ', '')).toBe(key.getFingerprint().toUpperCase())
  expect(new Date((await keyFacts(publicKey))?.expiresAt ?? 0).getTime()).toBeGreaterThan(Date.now())
  expect(await keyFacts('nothing')).toBeUndefined()
})
