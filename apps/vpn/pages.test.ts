import { type TestClient, type TestWeb, testWeb } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccount, rowOf } from './fixture.ts'
import vpnApp from './index.tsx'

const token = 'a-token-that-is-only-good-for-these-tests'
const ca = '-----BEGIN CERTIFICATE-----\nMIIBtest\n-----END CERTIFICATE-----'
let web: TestWeb
let account: Awaited<ReturnType<typeof addAccount>>
let visitors: Record<'nobody' | 'other' | 'owner' | 'staff', TestClient>

beforeAll(async () => {
  web = await testWeb({
    apps: [vpnApp({ server: { remotes: [{ host: 'vpn.example.net' }], ca, commonName: 'vpn.example.net' }, sessionToken: token })],
    provider: { name: 'Réseau "des" Collines' },
  })
  account = await addAccount(web.coin, { username: 'aberthier' })
  const stranger = await addAccount(web.coin)
  visitors = {
    nobody: web.client(),
    other: await web.member(stranger.member),
    owner: await web.member(account.member),
    staff: await web.signIn('staff'),
  }
})
afterAll(() => web.close())

const at = (rest = '') => `/vpn/${account.id}${rest}`
const hashes = async () => (await rowOf(web.coin, account.id)).hash
/** What a page shows once. */
const secretIn = (page: string) => /<code class="secret">([^<]+)<\/code>/.exec(page)?.[1] ?? ''

describe('who may', () => {
  test.each([
    ['nobody', 401, 302, 302],
    ['other', 404, 404, 404],
    ['owner', 200, 200, 200],
    ['staff', 200, 200, 200],
  ] as const)('%s', async (who, post, get, file) => {
    const visitor = visitors[who]
    expect((await visitor.get(at())).status).toBe(get)
    expect((await visitor.get(at('/profile.ovpn'))).status).toBe(file)
    expect((await visitor.post(at('/password'))).status).toBe(post)
    expect((await visitor.post(at('/phone'))).status).toBe(post)
    const chosen = await visitor.post(at('/endpoints'), { ipv4Endpoint: account.ipv4 ?? '' })
    expect(chosen.status).toBe(post === 200 ? 303 : post)
    for (const path of ['/password', '/phone', '/endpoints']) expect((await visitor.get(at(path))).status).toBe(get === 200 ? 302 : get)
  })

  test('a page with a password is sent from here', async () => {
    const answer = await visitors.owner.post(at('/password'), {}, { Origin: 'https://elsewhere.example' })
    expect(answer.status).toBe(403)
  })

  test('the lists and the help', async () => {
    const { nobody, other, owner, staff } = visitors
    expect((await owner.get('/vpn')).headers.get('Location')).toBe(at())
    expect((await staff.get('/vpn/accounts')).headers.get('Location')).toBe('/admin/configurations?view=vpn')
    expect((await owner.get('/vpn/accounts')).status).toBe(403)
    expect((await nobody.get('/vpn/help')).status).toBe(302)
    expect((await other.get('/vpn/help')).status).toBe(200)
    const list = await staff.page('/admin/configurations?view=vpn')
    expect(list).toContain('aberthier-vpn1')
    expect(list).toContain(account.ipv4)
  })
})

describe('a password', () => {
  test('is shown once, never kept, and checks', async () => {
    const before = await hashes()
    const answer = await visitors.owner.post(at('/password'))
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    const password = secretIn(await answer.text())
    expect(password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){4}$/)
    const hash = await hashes()
    expect(hash).not.toBe(before)
    expect(hash).toMatch(/^\{ARGON2\}\$argon2id\$v=19\$/)
    const { verify } = await import('@node-rs/argon2')
    expect(await verify(hash?.replace('{ARGON2}', '') ?? '', password)).toBe(true)
    expect(await verify(hash?.replace('{ARGON2}', '') ?? '', `${password}x`)).toBe(false)
    for (const page of [at(), '/vpn/help']) expect(await visitors.owner.page(page)).not.toContain(password)
    for (const page of [at(), `/admin/configurations/${account.id}`, '/admin/configurations?view=vpn']) {
      const seen = await visitors.staff.page(page)
      expect(seen).not.toContain(password)
      expect(seen).not.toContain('argon2id')
    }
    const kept = await web.coin.pool.query(`
      SELECT (SELECT string_agg(h::text, '') FROM coin.history h) || (SELECT string_agg(o::text, '') FROM coin.outbox o) || (SELECT string_agg(v::text, '') FROM vpn v) AS text`)
    expect(kept.rows[0].text).not.toContain(password)
    const history = await web.coin.pool.query(`SELECT h::text AS text FROM coin.history h`)
    expect(JSON.stringify(history.rows)).not.toContain('argon2id')
  })

  test('made by staff is told to be theirs in the history, and the old one is gone', async () => {
    const before = await hashes()
    const page = await (await visitors.staff.post(at('/password'))).text()
    expect(secretIn(page)).not.toBe('')
    expect(await hashes()).not.toBe(before)
    const { rows } = await web.coin.pool.query(
      `SELECT actor->>'label' AS by, changes FROM coin.history WHERE table_name = 'vpn' AND row_id = $1 ORDER BY id DESC LIMIT 1`,
      [account.id],
    )
    expect(rows[0]).toMatchObject({ by: 'Staff Person', changes: { password_hash: [null, null] } })
  })

  test('and its fingerprint are not in what forms and commands get', async () => {
    const { coin } = web
    const kind = coin.registry.resources
      .get('configuration')
      ?.resource.variants?.(coin.registry)
      .find(({ name }) => name === 'vpn')
    const row = await coin.asSystem('test', () => coin.write(async tx => kind?.resource.load?.(account.id, tx)))
    expect(row).toMatchObject({ login: 'aberthier-vpn1' })
    expect(row).not.toHaveProperty('passwordHash')
  })
})

describe('the address of the tunnel', () => {
  const page = () => visitors.owner.page(at())
  const version = async () => /name="version" value="(\d+)"/.exec(await page())?.[1] ?? ''

  test('is chosen among one’s own', async () => {
    const next = account.ipv4?.replace(/\d+$/, '5') ?? ''
    const six = account.ipv6?.replace(/1$/, 'A:0:0') ?? ''
    const answer = await visitors.owner.post(at('/endpoints'), { ipv4Endpoint: next, ipv6Endpoint: six, version: await version() })
    expect(answer.status).toBe(303)
    expect(await rowOf(web.coin, account.id)).toMatchObject({ ipv4: next })
    expect(await page()).toMatch(new RegExp(`value="${next}" checked`))
  })

  test('and what is none of them is refused in words, with what was typed', async () => {
    const before = await rowOf(web.coin, account.id)
    for (const wrong of ['203.0.113.7', '2001:db8:ffff::1', 'fe80::1%eth0', '<script>', '1.2.3', '0x7f.1', `${account.ipv6}/64`]) {
      const answer = await visitors.owner.post(at('/endpoints'), { ipv6Endpoint: wrong, version: await version() })
      expect(answer.status, wrong).toBe(422)
      const said = await answer.text()
      expect(said).toContain('aria-invalid="true"')
      expect(said).not.toContain('<script>')
    }
    expect(await rowOf(web.coin, account.id)).toEqual(before)
  })

  test('is not overwritten when somebody changed it meanwhile', async () => {
    const seen = await version()
    expect((await visitors.owner.post(at('/endpoints'), { ipv6Endpoint: account.ipv6 ?? '', version: seen })).status).toBe(303)
    expect((await visitors.owner.post(at('/endpoints'), { ipv6Endpoint: '', version: seen })).status).toBe(409)
    expect((await rowOf(web.coin, account.id)).ipv6).toBe(account.ipv6)
  })

  test('may be none, and staff hear why theirs is refused', async () => {
    expect((await visitors.owner.post(at('/endpoints'), { ipv6Endpoint: ' ', version: await version() })).status).toBe(303)
    expect((await rowOf(web.coin, account.id)).ipv6).toBeNull()
    const answer = await visitors.staff.post(`/admin/configurations/${account.id}/inline`, {
      activated: 'true',
      ipv4Endpoint: '203.0.113.9',
      version: await version(),
    })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('203.0.113.9 is outside the subnets of aberthier-vpn1.')
  })
})

describe('the profile', () => {
  test('is one file without a password', async () => {
    const answer = await visitors.owner.get(at('/profile.ovpn'))
    expect(answer.headers.get('Content-Type')).toBe('application/x-openvpn-profile')
    expect(answer.headers.get('Content-Disposition')).toBe('attachment; filename="aberthier-vpn1.ovpn"')
    const text = await answer.text()
    expect(text).toContain('\nremote vpn.example.net 1194 udp\n')
    expect(text).toContain(`<ca>\n${ca}\n</ca>`)
    expect(text).toContain('\nauth-user-pass\n')
    expect(text).toContain('setenv FRIENDLY_NAME "Réseau  des  Collines aberthier-vpn1"')
    expect(text).not.toContain('tls-crypt')
  })

  test('comes to a telephone by a link that forgets itself', async () => {
    const page = await (await visitors.owner.post(at('/phone'))).text()
    const link = /href="http[^"]*(\/vpn\/link\/[\w-]{43})"/.exec(page)?.[1] ?? ''
    expect(page).toContain('class="qr vpn-qr"')
    const phone = web.client()
    expect(await phone.page(link)).toContain('aberthier-vpn1')
    expect(await (await phone.get(`${link}/profile.ovpn`)).text()).toContain('remote vpn.example.net')
    // nothing else opens with it
    expect((await phone.get(at())).status).toBe(302)
    const { rows } = await web.coin.pool.query(
      `SELECT encode(token_hash, 'escape') AS kept FROM vpn_profile_link WHERE configuration_id = $1`,
      [account.id],
    )
    expect(link).not.toContain(rows[0].kept)
    await visitors.owner.post(at('/phone'))
    expect((await phone.get(link)).status).toBe(404)
    const next = /href="http[^"]*(\/vpn\/link\/[\w-]{43})"/.exec(await (await visitors.owner.post(at('/phone'))).text())?.[1] ?? ''
    await web.coin.pool.query(`UPDATE vpn_profile_link SET expires_at = now() - interval '1 second'`)
    for (const path of [next, `${next}/profile.ovpn`, '/vpn/link/x', `/vpn/link/${'%00'}`])
      expect((await phone.get(path)).status, path).toBeGreaterThanOrEqual(400)
  })
})

describe('connections', () => {
  const tell = (form: Record<string, string>, given = `Bearer ${token}`) =>
    web.request('/vpn/session', { method: 'POST', body: new URLSearchParams(form), headers: { Authorization: given } })
  const connect = { event: 'connect', login: 'aberthier-vpn1', session: 's1', remote: '[2001:db8:9::5]:40312' }

  test('are told by the server alone', async () => {
    for (const wrong of ['Bearer x', 'Bearer', `Basic ${token}`, `Bearer ${token}x`, token])
      expect((await tell(connect, wrong)).status, wrong).toBe(401)
    expect((await web.request('/vpn/session', { method: 'POST', body: new URLSearchParams(connect) })).status).toBe(401)
    expect((await visitors.staff.post('/vpn/session', connect)).status).toBe(401)
    expect((await web.coin.pool.query('SELECT FROM vpn_session')).rowCount).toBe(0)
  })

  test('show on the page, told twice or late', async () => {
    expect(await visitors.owner.page(at())).toContain('We know of none yet.')
    expect(
      (await tell({ event: 'alive', login: 'aberthier-vpn1', session: 's1', received: '5000000', sent: '9000000', at: '1790000600' }))
        .status,
    ).toBe(204)
    expect((await tell({ ...connect, at: '1790000000' })).status).toBe(204)
    expect((await tell({ ...connect, at: '1790000000' })).status).toBe(204)
    const page = await visitors.owner.page(at())
    expect(page).toContain('2001:db8:9::5')
    // the last word is an old one
    expect(page).not.toContain('Connected')
    expect(page).toContain('Last heard of')
    expect(page).toContain('9 MB')
    const { rows } = await web.coin.pool.query(
      `SELECT extract(epoch FROM since)::int AS since, until, received::int, sent::int FROM vpn_session`,
    )
    expect(rows).toEqual([{ since: 1790000000, until: null, received: 5000000, sent: 9000000 }])
    await tell({ event: 'disconnect', login: 'aberthier-vpn1', session: 's1', received: '4', sent: '10000000', at: '1790001000' })
    await tell({ event: 'alive', login: 'aberthier-vpn1', session: 's1', at: '1790000900' })
    const ended = await web.coin.pool.query(`SELECT extract(epoch FROM until)::int AS until, received::int, sent::int FROM vpn_session`)
    expect(ended.rows).toEqual([{ until: 1790001000, received: 5000000, sent: 10000000 }])
  })

  test('end when the next one begins, if nobody said so', async () => {
    await tell({ ...connect, session: 's2', at: '1790002000' })
    await tell({ ...connect, session: 's3', at: '1790003000' })
    const { rows } = await web.coin.pool.query(`SELECT session FROM vpn_session WHERE until IS NULL`)
    expect(rows).toEqual([{ session: 's3' }])
    await tell({ event: 'alive', login: 'aberthier-vpn1', session: 's3' })
    expect(await visitors.owner.page(at())).toContain('Connected')
  })

  test('that cannot be are refused', async () => {
    expect((await tell({ ...connect, login: 'nobody-vpn1' })).status).toBe(404)
    for (const wrong of [
      { event: 'dance' },
      { session: '' },
      { received: '-1' },
      { received: '1e99' },
      { at: 'yesterday' },
      { at: '-200000-01-01T00:00:00Z' },
      { at: '+012345-01-01T00:00:00Z' },
      { at: '999999999999' },
      { at: '0' },
      { login: 'x'.repeat(65) },
    ])
      expect((await tell({ ...connect, ...wrong })).status, JSON.stringify(wrong)).toBe(422)
    expect((await tell({ ...connect, session: 's4', at: '4102444800' })).status).toBe(204)
    const { rows } = await web.coin.pool.query(`SELECT FROM vpn_session WHERE since > now()`)
    expect(rows).toEqual([])
  })
})

describe('without settings', () => {
  let bare: TestWeb
  let its: Awaited<ReturnType<typeof addAccount>>
  let owner: TestClient
  beforeAll(async () => {
    bare = await testWeb({ apps: [vpnApp()] })
    its = await addAccount(bare.coin)
    owner = await bare.member(its.member)
  })
  afterAll(() => bare.close())

  test('the page says that there is no server yet, and the file does', async () => {
    expect(await owner.page(`/vpn/${its.id}`)).toContain('we have not said here where our VPN server is')
    expect((await owner.get(`/vpn/${its.id}/profile.ovpn`)).status).toBe(409)
  })

  test('nobody tells of connections', async () => {
    for (const given of ['Bearer ', 'Bearer undefined', 'Bearer x'])
      expect((await bare.request('/vpn/session', { method: 'POST', headers: { Authorization: given } })).status).toBe(401)
  })

  test('the page says how it stands', async () => {
    const says = async (words: string) => expect(await owner.page(`/vpn/${its.id}`)).toContain(words)
    await says('Make a password')
    await owner.post(`/vpn/${its.id}/password`)
    await says('Switched on')
    await bare.coin.pool.query('UPDATE vpn SET activated = false')
    await says('Your VPN is switched off.')
    await bare.coin.pool.query(
      `INSERT INTO subscription_suspension (subscription_id, during) SELECT subscription_id, '[2026-01-02,)' FROM configuration WHERE id = $1`,
      [its.id],
    )
    await says('Your VPN is suspended')
    await bare.coin.pool.query(
      `UPDATE subscription SET resigned_on = '2026-02-01' WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)`,
      [its.id],
    )
    await says('Your VPN ended on')
  })
})
