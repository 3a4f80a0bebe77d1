import { setTimeout as sleep } from 'node:timers/promises'
import type { Configuration } from 'coin'
import { addMember, type TestWeb, testWeb } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRequest } from './certificates/request.ts'
import { addAccount, rowOf } from './fixture.ts'
import vpnApp from './index.tsx'
import { makeLink, makePassword } from './rules.ts'
import type { vpn } from './tables.ts'

const token = 'a-token-that-is-only-good-for-these-tests'
const ca = '-----BEGIN CERTIFICATE-----\nMIIBtest\n-----END CERTIFICATE-----'
let web: TestWeb
beforeAll(async () => {
  web = await testWeb({ apps: [vpnApp({ server: { remotes: [{ host: 'vpn.example.net' }], ca }, sessionToken: token })] })
})
afterAll(() => web.close())

const subscriptionOf = '(SELECT subscription_id FROM configuration WHERE id = $1)'
const query = (statement: string, ...values: unknown[]) => web.coin.pool.query(statement, values)
const tell = (form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
  web.request('/vpn/session', {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { Authorization: `Bearer ${token}`, ...headers },
  })

describe('what a page read before another member took the account over', () => {
  test.each([
    ['a password', (account: Configuration<typeof vpn>) => web.coin.write(tx => makePassword(account, 'argon2', tx))],
    ['a link', (account: Configuration<typeof vpn>) => web.coin.write(tx => makeLink(account, tx))],
  ])('makes %s for nobody', async (_what, make) => {
    const { id, member } = await addAccount(web.coin)
    // what the handler was given: no more of it is read
    const account = { id, subscription: { member: { id: member } } } as Configuration<typeof vpn>
    const taker = await web.coin.pool.connect()
    try {
      await taker.query('BEGIN')
      await taker.query(`UPDATE subscription SET member_id = $2 WHERE id = ${subscriptionOf}`, [id, await addMember(web.coin)])
      const made = make(account)
      made.catch(() => undefined)
      await Promise.race([made.catch(() => undefined), someoneWaits()])
      await taker.query('COMMIT')
      await expect(made).rejects.toThrow('There is no such VPN account.')
    } finally {
      taker.release()
    }
    expect((await rowOf(web.coin, id)).hash).toBeNull()
    expect((await query('SELECT FROM vpn_profile_link WHERE configuration_id = $1', id)).rows).toEqual([])
  })
})

test('an endpoint is not chosen in a subnet that is gone, by a writer who does not see that yet', async () => {
  const { id, ipv4 } = await addAccount(web.coin)
  await query('UPDATE vpn SET ipv4_endpoint = NULL WHERE id = $1', id)
  const writer = await web.coin.pool.connect()
  try {
    await writer.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await writer.query('SELECT FROM vpn')
    await query('DELETE FROM ip_subnet WHERE configuration_id = $1 AND family(prefix) = 4', id)
    await writer.query('UPDATE vpn SET ipv4_endpoint = $2 WHERE id = $1', [id, ipv4])
    await expect(writer.query('COMMIT')).rejects.toMatchObject({ code: '40001' })
  } finally {
    writer.release()
  }
  expect((await rowOf(web.coin, id)).ipv4).toBeNull()
})

describe('what is told of connections', () => {
  test.each(['-200000-01-01T00:00:00Z', '+012345-01-01T00:00:00Z', '0001-01-01', '999999999999', '0', 'infinity', '1e3'])(
    'cannot have happened at %s',
    async at => {
      const { login } = await addAccount(web.coin)
      expect((await tell({ event: 'connect', login, session: 's', at })).status).toBe(422)
    },
  )

  test('is refused before it is read when it is too long, of another kind, or from somebody else', async () => {
    const { login } = await addAccount(web.coin)
    const event = { event: 'connect', login, session: 's' }
    expect((await tell({ ...event, session: 'x'.repeat(2_000_000) })).status).toBe(413)
    expect((await tell({ ...event, session: 'a\0b' })).status).toBe(422)
    expect((await tell({ event: 'connect', session: 's' })).status).toBe(422)
    for (const given of ['Bearer', 'Bearer wrong', `Basic ${token}`, `Bearer ${token} ${token}`, `Bearer ${token}x`])
      expect((await tell(event, { Authorization: given })).status, given).toBe(401)
    const asked = await web.request('/vpn/session', { headers: { Authorization: `Bearer ${token}` } })
    expect(asked.status).toBe(404)
    expect((await query('SELECT FROM vpn_session s JOIN vpn v ON v.id = s.configuration_id WHERE v.login = $1', login)).rows).toEqual([])
  })

  test('is text on the page, whatever it says', async () => {
    const { id, login, member } = await addAccount(web.coin)
    const evil = '<script>alert(1)</script>'
    await tell({ event: 'connect', login, session: evil, remote: evil })
    expect((await tell({ event: 'connect', login: evil, session: 's' })).status).toBe(404)
    expect(await (await web.member(member)).page(`/vpn/${id}`)).not.toContain(evil)
  })
})

test('what a member can read and do is no other member’s, nor a stranger’s', async () => {
  const { id } = await addAccount(web.coin)
  const visitors = { other: await web.member(await addMember(web.coin)), nobody: web.client() }
  const seen: Record<string, number[]> = {}
  for (const [who, visitor] of Object.entries(visitors)) {
    const answers = [
      await visitor.get(`/vpn/${id}`),
      await visitor.get(`/vpn/${id}/profile.ovpn`),
      await visitor.post(`/vpn/${id}/password`),
      await visitor.post(`/vpn/${id}/phone`),
      await visitor.post(`/vpn/${id}/endpoints`, { ipv4Endpoint: '' }),
    ]
    seen[who] = answers.map(({ status }) => status)
  }
  expect(seen).toEqual({ other: [404, 404, 404, 404, 404], nobody: [302, 302, 401, 401, 401] })
  expect((await rowOf(web.coin, id)).hash).toBeNull()
})

test('neither a password, nor its hash, nor the token of a link is anywhere but where it is checked', async () => {
  const { id, member } = await addAccount(web.coin)
  const owner = await web.member(member)
  const [, password = ''] = /<code class="secret">([^<]+)</.exec(await (await owner.post(`/vpn/${id}/password`)).text()) ?? []
  const [, link = ''] = /href="http[^"]*\/vpn\/link\/([\w-]{43})"/.exec(await (await owner.post(`/vpn/${id}/phone`)).text()) ?? []
  const { hash } = await rowOf(web.coin, id)
  expect([password.length > 20, link.length, hash?.startsWith('{ARGON2}$argon2id$')]).toEqual([true, 43, true])
  const { rows: tables } = await query(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  )
  const found: string[] = []
  for (const { name } of tables)
    for (const [what, secret] of Object.entries({ password, link, hash: hash ?? '' }))
      if ((await query(`SELECT FROM ${name} AS t WHERE strpos(t::text, $1) > 0`, secret)).rowCount) found.push(`${what}: ${name}`)
  expect(found).toEqual(['hash: public.vpn'])
})

test('a signing request that is made to keep somebody busy is refused at once', async () => {
  const wrap = (body: string) => `-----BEGIN CERTIFICATE REQUEST-----\n${body}\n-----END CERTIFICATE REQUEST-----`
  const nested = (depth: number) => {
    let der = Buffer.from([5, 0])
    for (let n = 0; n < depth; n++) {
      const length = der.length < 128 ? [der.length] : [0x82, der.length >> 8, der.length & 255]
      der = Buffer.concat([Buffer.from([0x30, ...length]), der])
    }
    return wrap(der.toString('base64'))
  }
  const endless = wrap(Buffer.from('3080'.repeat(5000), 'hex').toString('base64'))
  for (const text of [nested(2900), endless, wrap('A\n'.repeat(8000)), wrap(' '.repeat(15_000)), `${' '.repeat(16_000)}x`])
    await expect(readRequest(text)).rejects.toMatchObject({ code: 'invalid' })
})

async function someoneWaits() {
  for (;;) {
    const { rows } = await query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
    if (rows.length > 0) return
    await sleep(20)
  }
}
