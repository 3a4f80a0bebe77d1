import { type TestWeb, testWeb } from 'coin/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import vpnApp from '../index.tsx'
import { resealAuthority, signingAuthority } from './authority.ts'
import { addAccount, inJob, settings, type Workplace, workplace } from './fixture.ts'

let web: TestWeb
let place: Workplace
const written: string[] = []
beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    // what a test writes is kept and goes on as it was
    vi.spyOn(stream, 'write').mockImplementation((...given: Parameters<typeof write>) => {
      written.push(String(given[0]))
      return write(...given)
    })
  }
  web = await testWeb({ apps: [vpnApp({ certificates: {} })] })
  place = workplace()
})
afterAll(async () => {
  vi.restoreAllMocks()
  place.close()
  await web.close()
})

/** Every row of every table, as text: jobs, history, mails, outbox, sessions. */
async function everything(): Promise<string> {
  const { rows: tables } = await web.coin.pool.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  )
  const texts: string[] = []
  for (const { name } of tables) {
    const { rows } = await web.coin.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`)
    texts.push(...rows.map(({ row }) => `${name}: ${row}`))
  }
  return texts.join('\n')
}

/** In the encodings that it could be kept in. */
const shapes = (secret: Buffer) => [
  secret.toString('base64'),
  secret.toString('base64url'),
  secret.toString('hex'),
  secret.toString('latin1'),
]

test('neither a private key nor a password is in the database, its history, its jobs, or the log', async () => {
  const account = await addAccount(web.coin)
  const owner = await web.member(account.member)
  const mine = 'a password that I chose 7Q'
  const page = await (await owner.post(`/vpn/${account.id}/certificate/bundle`, { password: mine })).text()
  const [, bundle = ''] = /data:application\/x-pkcs12;base64,([^"]+)"/.exec(page) ?? []
  const second = await addAccount(web.coin)
  const other = await web.member(second.member)
  const [, made = ''] = /<code class="secret">([^<]+)</.exec(await (await other.post(`/vpn/${second.id}/certificate/bundle`)).text()) ?? []
  // a refusal writes its reason somewhere, too
  await owner.post(`/vpn/${account.id}/certificate/bundle`, { password: mine })
  const key = await place.openssl(
    'pkcs12',
    '-in',
    place.file('b.p12', Buffer.from(bundle, 'base64')),
    '-passin',
    `pass:${mine}`,
    '-nodes',
    '-nocerts',
  )
  const scalar =
    /priv:\s+([0-9a-f:\s]+)pub:/.exec(await place.openssl('pkey', '-in', place.file('b.key', key), '-text', '-noout'))?.[1] ?? ''
  const secrets = [Buffer.from(scalar.replace(/[\s:]/g, ''), 'hex'), Buffer.from(bundle, 'base64').subarray(0, 300)]
  expect(secrets.map(({ length }) => length > 30)).toEqual([true, true])
  expect(made.length).toBeGreaterThan(20)
  const kept = await everything()
  expect(kept).toContain(account.login)
  expect(kept).toContain('vpn_ca: ')
  for (const text of [kept, written.join('\n')]) {
    for (const secret of [mine, made, 'PRIVATE KEY', ...secrets.flatMap(shapes)]) expect(text.includes(secret)).toBe(false)
  }
  const { rows } = await web.coin.pool.query(
    `SELECT DISTINCT changes -> 'sealed_key' AS kept FROM coin.history WHERE table_name = 'vpn_ca'`,
  )
  expect(rows).toEqual([{ kept: [null, null] }])
  const { rows: sealed } = await web.coin.pool.query<{ sealed_key: string }>('SELECT sealed_key FROM vpn_ca')
  expect(sealed[0]?.sealed_key).toMatch(/^coin1\.[0-9a-f]{16}\./)
})

test('the key of the authority cannot be read with another secret, or once changed, and cannot be taken out', async () => {
  const authority = await inJob(web.coin, tx => signingAuthority(tx, settings))
  await expect(crypto.subtle.exportKey('pkcs8', authority.key)).rejects.toThrow()
  expect(await inJob(web.coin, resealAuthority)).toBe(false)
  const { rows } = await web.coin.pool.query<{ sealed_key: string }>('SELECT sealed_key FROM vpn_ca')
  const [sealed = ''] = rows.map(row => row.sealed_key)
  const change = (value: string) => web.coin.pool.query('UPDATE vpn_ca SET sealed_key = $1', [value])
  await change(sealed.replace(/.$/, last => (last === 'A' ? 'Q' : 'A')))
  await expect(inJob(web.coin, tx => signingAuthority(tx, settings))).rejects.toThrow('cannot be read')
  await change(sealed.replace(/^coin1\.\w+/, 'coin1.0123456789abcdef'))
  await expect(inJob(web.coin, tx => signingAuthority(tx, settings))).rejects.toThrow('cannot be read')
  await change(sealed)
  await expect(inJob(web.coin, tx => signingAuthority(tx, settings))).resolves.toMatchObject({ id: authority.id })
})
