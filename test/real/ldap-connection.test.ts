import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { inspect } from 'node:util'
import { ldapConnection } from 'coin-ldap'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { until } from '../fixtures/until.ts'
import { accounts, connectionTo, open, refusalOf, wordsOf } from './ldap-fixture.ts'
import { freePort, type Slapd, startSlapd } from './slapd.ts'

let slapd: Slapd
beforeAll(async () => {
  slapd = await startSlapd({ tls: true })
})
afterAll(() => slapd?.close())
afterEach(() => vi.unstubAllEnvs())

const greeting = { login: 'alice', hash: 'secret-hash' }
const worksWith = async (changed: Parameters<typeof accounts>[1]) => {
  const vpn = await open(accounts(slapd, changed))
  expect(await vpn.apply(greeting)).toEqual({})
  await vpn.close()
}
const refused = (changed: Parameters<typeof accounts>[1]) => refusalOf(open(accounts(slapd, changed)))
/** What the server saw of logins since. */
const bindsSince = async (length: number) => (await slapd.log()).slice(length).match(/ BIND dn=/g) ?? []

describe('encryption', () => {
  test('ldaps:// with the authority of the directory, as a file and as text', async () => {
    await worksWith({ url: slapd.tlsUrl, caFile: slapd.caFile })
    await worksWith({ url: slapd.tlsUrl, ca: readFileSync(slapd.caFile, 'utf8') })
    await worksWith({ url: slapd.tlsUrl.replace('localhost', '127.0.0.1'), caFile: slapd.caFile })
  })

  test('StartTLS with the authority of the directory', async () => {
    const before = (await slapd.log()).length
    await worksWith({ startTls: true, caFile: slapd.caFile })
    const log = (await slapd.log()).slice(before)
    expect(log.indexOf('TLS established')).toBeGreaterThan(0)
    expect(log.indexOf('TLS established')).toBeLessThan(log.indexOf('BIND dn='))
  })

  test.each([
    [
      'an authority that did not sign it',
      () => ({ caFile: slapd.otherCaFile }),
      /unable to verify|self-signed|certificate signature failure/,
    ],
    ['the authorities of the system', () => ({}), /unable to verify|self-signed/],
    ['another name in the certificate', () => ({ caFile: slapd.caFile, serverName: 'ldap.example.net' }), /does not match certificate/],
    ['an authority that cannot be read', () => ({ caFile: '/nowhere/ca.crt' }), /\/nowhere\/ca.crt.*ENOENT/],
  ])('%s: refused, and no password was sent, whatever the environment says', async (_, changed, reason) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const before = (await slapd.log()).length
    for (const way of [{ url: slapd.tlsUrl }, { startTls: true }]) expect(await refused({ ...way, ...changed() })).toMatch(reason)
    expect(await bindsSince(before)).toEqual([])
  })

  test('a server without StartTLS is refused, and no password was sent', async () => {
    const plain = await startSlapd()
    try {
      const before = (await plain.log()).length
      const said = await refusalOf(open(accounts(plain, { startTls: true, caFile: slapd.caFile })))
      expect(said).toMatch(/it refuses StartTLS: LDAP (2|52|53|1),/)
      expect((await plain.log()).slice(before)).not.toContain('BIND dn="cn=coin')
    } finally {
      await plain.close()
    }
  })

  test('what somebody slips in behind the answer to StartTLS is not taken for an answer of the server', async () => {
    const answer = Buffer.from('300c02010178070a010004000400', 'hex')
    const said = await withFake(
      socket => socket.once('data', () => socket.write(Buffer.concat([answer, answer]))),
      url => refused({ url, startTls: true }),
    )
    expect(said).toContain('it said more than its answer to StartTLS')
  })

  test('an answer to StartTLS that comes in pieces is read whole', async () => {
    const answer = Buffer.from('300c02010178070a013404000400', 'hex')
    const inPieces = async (socket: Socket) => {
      for (const byte of answer) await new Promise(resolve => socket.write(Buffer.of(byte), resolve))
    }
    const said = await withFake(
      socket => socket.setNoDelay(true).once('data', () => inPieces(socket)),
      url => refused({ url, startTls: true }),
    )
    expect(said).toContain('it refuses StartTLS: LDAP 52')
  })

  test('passwords cross a network unencrypted only when the settings say so', () => {
    const account = { bindDn: slapd.writerDn, password: 'x' }
    const problems = (given: object) => ldapConnection.safeParse({ ...account, ...given }).error?.issues.map(({ message }) => message)
    expect(problems({ url: 'ldap://ldap.example.net' })?.[0]).toContain('is not encrypted')
    expect(problems({ urls: ['ldaps://a.example.net', 'ldap://192.0.2.1:389'] })?.[0]).toContain('ldap://192.0.2.1:389 is not encrypted')
    for (const fine of [
      { url: 'ldap://ldap.example.net', plainText: true },
      { url: 'ldap://ldap.example.net', startTls: true },
      { url: 'ldaps://ldap.example.net' },
      { urls: ['ldap://localhost', 'ldap://127.0.0.2:1389', 'ldap://[::1]'] },
    ])
      expect(problems(fine)).toBeUndefined()
  })
})

describe('the password', () => {
  test('comes from a file, without the end of its line, or from the environment, when a connection is opened', async () => {
    const file = path.join(slapd.folder, 'password')
    writeFileSync(file, 'not yet\n')
    const fromFile = accounts(slapd, { password: undefined, passwordFile: file })
    const fromEnv = accounts(slapd, { password: undefined, passwordEnv: 'COIN_TEST_LDAP' })
    writeFileSync(file, `${slapd.writerPassword}\n`)
    vi.stubEnv('COIN_TEST_LDAP', slapd.writerPassword)
    for (const backend of [fromFile, fromEnv]) {
      const vpn = await open(backend)
      expect(await vpn.apply(greeting)).toEqual({})
      await vpn.close()
    }
  })

  test('that is wrong, empty or nowhere is said without being shown', async () => {
    expect(await refused({ password: 'wrong-password' })).toMatch(
      /does not let cn=coin,dc=isp,dc=test in: LDAP 49, .*The bind DN or its password is wrong/,
    )
    const file = path.join(slapd.folder, 'empty')
    writeFileSync(file, '\n')
    expect(await refused({ password: undefined, passwordFile: file })).toMatch(/The password of the LDAP account is empty \(.*empty\)/)
    vi.stubEnv('COIN_TEST_LDAP', '')
    expect(await refused({ password: undefined, passwordEnv: 'COIN_TEST_LDAP' })).toContain('empty (COIN_TEST_LDAP)')
    expect(await refused({ password: undefined, passwordEnv: 'COIN_TEST_NOT_SET' })).toContain('COIN_TEST_NOT_SET, which holds')
    expect(await refused({ password: undefined, passwordFile: '/nowhere' })).toContain('/nowhere')
    expect(() => connectionTo(slapd, { password: '' })).toThrow()
    expect(() => connectionTo(slapd, { password: undefined })).toThrow('give one of password, passwordFile and passwordEnv')
    expect(() => connectionTo(slapd, { passwordEnv: 'X' })).toThrow('give one of')
  })

  test('is in no JSON, no log and no error', async () => {
    const settings = connectionTo(slapd, { password: 'do-not-show' })
    expect([JSON.stringify(settings), inspect(settings, { depth: 9 }), String(settings.password)].join()).not.toContain('do-not-show')
    const error = await open(accounts(slapd, { password: 'do-not-show' })).catch(thrown => thrown)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('do-not-show')
  })
})

describe('several servers', () => {
  test('the first that answers is used', async () => {
    const nobody = `ldap://127.0.0.1:${await freePort()}`
    await worksWith({ url: undefined, urls: [nobody, slapd.url] })
    const wrongCertificate = { urls: [slapd.tlsUrl, slapd.url], caFile: slapd.otherCaFile }
    await worksWith({ url: undefined, ...wrongCertificate })
  })

  test('when none answers, each is named with its reason', async () => {
    const nobody = `ldap://127.0.0.1:${await freePort()}`
    const error = await open(accounts(slapd, { url: undefined, urls: [nobody, slapd.tlsUrl] })).catch(thrown => thrown)
    expect(error.code).toBe('unavailable')
    expect(wordsOf(error)).toMatch(new RegExp(`No directory answers: ${nobody}: connect ECONNREFUSED .*; ${slapd.tlsUrl}: .*certificate`))
  })

  test('a wrong password is not tried on the next', async () => {
    const before = (await slapd.log()).length
    await refused({ url: undefined, urls: [slapd.url, slapd.url], password: 'wrong' })
    // the server writes its log when it has answered
    await until(async () => (await bindsSince(before)).length > 0)
    expect(await bindsSince(before)).toHaveLength(1)
  })

  test.each([
    ['says nothing', (_socket: Socket) => {}],
    ['speaks something else', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['hangs up', (socket: Socket) => socket.destroy()],
  ])('one that %s does not hold up', async (_, behave) => {
    for (const way of [{}, { startTls: true }]) {
      const said = await withFake(behave, url => refused({ url, ...way, connectTimeout: 0.3 }))
      expect(said).toMatch(/^The directory at ldap:.* does not answer: /)
      await withFake(behave, url =>
        worksWith({ url: undefined, urls: [url, slapd.url], caFile: slapd.caFile, ...way, connectTimeout: 0.5 }),
      )
    }
  })
})

/** A server that is no directory, for as long as `work` takes. */
async function withFake<T>(behave: (socket: Socket) => unknown, work: (url: string) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    behave(socket)
  })
  const port = await freePort()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  try {
    return await work(`ldap://127.0.0.1:${port}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}
