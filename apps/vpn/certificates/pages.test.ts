import { type TestClient, type TestWeb, testWeb } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import vpnApp from '../index.tsx'
import { addAccount, type Workplace, workplace } from './fixture.ts'

const ca = '-----BEGIN CERTIFICATE-----\nMIIBtest\n-----END CERTIFICATE-----'
let web: TestWeb
let place: Workplace
let staff: TestClient
let other: TestClient
beforeAll(async () => {
  web = await testWeb({ apps: [vpnApp({ certificates: {}, server: { remotes: [{ host: 'vpn.example.net' }], ca } })] })
  place = workplace()
  staff = await web.signIn('staff')
  other = await web.member((await addAccount(web.coin)).member)
})
afterAll(async () => {
  place.close()
  await web.close()
})

async function newOwner() {
  const account = await addAccount(web.coin)
  return { ...account, at: (rest = '') => `/vpn/${account.id}${rest}`, owner: await web.member(account.member) }
}
const json = { Accept: 'application/json' }
const readable = (page: string) =>
  page
    .replaceAll('&#39;', "'")
    .replace(/<script[\s\S]*?<\/script>|<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
const serialOf = async (account: number) =>
  (
    await web.coin.pool.query<{ serial: string }>(
      'SELECT serial FROM vpn_certificate WHERE configuration_id = $1 ORDER BY id DESC LIMIT 1',
      [account],
    )
  ).rows[0]?.serial ?? ''

test('a member without scripts gives a request, downloads the certificate, revokes it, and is told how it stands', async () => {
  const { id, login, at, owner } = await newOwner()
  expect(readable(await owner.page(at()))).toContain('No certificate yet')
  expect(await owner.page(at())).toContain(`href="${at('/certificate')}"`)
  const { csr } = await place.request()
  const answer = await owner.post(at('/certificate'), { csr })
  expect([answer.status, answer.headers.get('Location')]).toEqual([303, `${at()}#certificate`])
  const page = readable(await owner.page(at()))
  expect(page).toMatch(/Valid until \d+ \w+ \d{4}/)
  expect(page).toContain('Your certificate is ready.')
  expect(page).not.toContain('Get a certificate')
  const file = await owner.get(at(`/certificates/${await serialOf(id)}`))
  expect(file.headers.get('Content-Disposition')).toMatch(new RegExp(`attachment; filename="${login}-[0-9a-f]{8}\\.crt"`))
  const authority = await (await web.client().get('/vpn/ca.pem')).text()
  expect(await place.openssl('verify', '-CAfile', place.file('ca.pem', authority), place.file('own.pem', await file.text()))).toContain(
    'OK',
  )
  const revoke = at(`/certificates/${await serialOf(id)}/revoke`)
  expect(readable(await owner.page(revoke))).toContain('Revoke this certificate?')
  const undecided = await owner.post(revoke)
  expect([undecided.status, await undecided.text()]).toEqual([422, expect.stringContaining('Say why.')])
  expect((await owner.post(revoke, { reason: 'affiliation_changed' })).status).toBe(422)
  expect((await owner.post(revoke, { reason: 'key_compromise' })).status).toBe(303)
  const after = readable(await owner.page(at()))
  expect(after).toMatch(/Revoked on/)
  expect(after).toContain('The device is lost')
  expect(after).toContain('Get a certificate')
  expect((await owner.post(revoke, { reason: 'key_compromise' })).status).toBe(404)
  const crl = await (await web.client().get('/vpn/crl.pem')).text()
  expect(await place.openssl('crl', '-in', place.file('crl.pem', crl), '-noout', '-text')).toContain((await serialOf(id)).toUpperCase())
})

test('from thirty days before the end the page asks to renew, and shows both afterwards', async () => {
  const { id, at, owner } = await newOwner()
  await owner.post(at('/certificate'), { csr: (await place.request()).csr })
  const first = await serialOf(id)
  await web.coin.pool.query('ALTER TABLE vpn_certificate DISABLE TRIGGER vpn_certificate_guard')
  await web.coin.pool.query(`UPDATE vpn_certificate SET not_after = now() + interval '10 days' WHERE serial = $1`, [first])
  await web.coin.pool.query('ALTER TABLE vpn_certificate ENABLE TRIGGER vpn_certificate_guard')
  const before = readable(await owner.page(at()))
  expect(before).toMatch(/Ends soon, on \d+ \w+ \d{4}/)
  expect(before).toContain('Renew the certificate')
  expect((await staff.post(at('/certificate'), { csr: (await place.request()).csr })).status).toBe(303)
  const after = readable(await owner.page(at()))
  expect(after).toMatch(/Valid until/)
  expect(after).toMatch(new RegExp(`The one before, ${first}, works until \\d+ \\w+ \\d{4}\\.`))
  expect(await owner.page(at())).toContain(`href="${at(`/certificates/${first}/revoke`)}"`)
})

test('a request in a file is taken too, and a wrong one comes back with the reason and with what was typed', async () => {
  const { at, owner } = await newOwner()
  const wrong = await owner.post(at('/certificate'), { csr: 'my request <b>' })
  const page = await wrong.text()
  expect(wrong.status).toBe(422)
  expect(page).toContain('This is not a signing request')
  expect(page).toContain('my request &lt;b&gt;</textarea>')
  const form = new FormData()
  form.append('csr', '')
  form.append('file', new File([(await place.request()).csr], 'mine.csr'))
  const answer = await owner.request(at('/certificate'), { method: 'POST', body: form, headers: { Origin: 'http://coin.test' } })
  expect(answer.status).toBe(303)
  const again = await owner.post(at('/certificate'), { csr: (await place.request()).csr })
  expect([again.status, readable(await again.text())]).toEqual([
    422,
    expect.stringContaining('too early to renew it. If its key is lost, revoke it first'),
  ])
})

test('the file with a password is in the page that answers, once, with a profile that holds it', async () => {
  const { login, at, owner } = await newOwner()
  const short = await owner.post(at('/certificate/bundle'), { password: 'short' })
  expect([short.status, await short.text()]).toEqual([422, expect.stringContaining('Choose twelve characters or more, or leave it empty.')])
  const answer = await owner.post(at('/certificate/bundle'))
  const page = await answer.text()
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
  const [, password = ''] = /<code class="secret">([^<]+)</.exec(page) ?? []
  const [, bundle = ''] = /download="[^"]+\.p12" href="data:application\/x-pkcs12;base64,([^"]+)"/.exec(page) ?? []
  const [, profile = ''] = /download="[^"]+\.ovpn" href="data:application\/x-openvpn-profile;base64,([^"]+)"/.exec(page) ?? []
  const file = place.file('page.p12', Buffer.from(bundle, 'base64'))
  expect(await place.openssl('pkcs12', '-in', file, '-passin', `pass:${password}`, '-nodes')).toContain(`subject=CN = ${login}`)
  const text = Buffer.from(profile, 'base64').toString()
  expect(text).toMatch(/^client$/m)
  expect(text).not.toMatch(/auth-user-pass|CLIENT_CERT/)
  const [, inline = ''] = /<pkcs12>\n([\s\S]+)\n<\/pkcs12>/.exec(text) ?? []
  expect(inline.replaceAll('\n', '')).toBe(bundle)
  expect((await owner.get(at('/certificate/bundle'))).status).toBe(404)
})

test('the script gets all of the profile but the key, and a refusal in words', async () => {
  const { id, at, owner } = await newOwner()
  const answer = await owner.post(at('/certificate'), { csr: (await place.request()).csr }, json)
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
  const said = (await answer.json()) as Record<string, string>
  expect(said.profile).toMatch(/^client$/m)
  expect(said.profile).toMatch(/<cert>\n-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\n<\/cert>\n$/)
  expect(said.profile).toContain(`<ca>\n${ca}\n</ca>`)
  expect((await web.coin.pool.query('SELECT made_by FROM vpn_certificate WHERE configuration_id = $1', [id])).rows).toEqual([
    { made_by: 'browser' },
  ])
  const refused = await owner.post(at('/certificate'), { csr: (await place.request()).csr }, json)
  expect([refused.status, await refused.json()]).toMatchObject([409, { error: { message: expect.stringContaining('too early') } }])
})

describe('who may', () => {
  test('nobody, another member, the owner, staff', async () => {
    const { id, at, owner } = await newOwner()
    const visitors = { nobody: web.client(), other, staff, owner }
    const made = await owner.post(at('/certificate'), { csr: (await place.request()).csr })
    expect(made.status).toBe(303)
    const file = at(`/certificates/${await serialOf(id)}`)
    const outcome: Record<string, number[]> = {}
    for (const [who, visitor] of Object.entries(visitors)) {
      const answers = [
        await visitor.get(at('/certificate')),
        await visitor.post(at('/certificate'), { csr: 'x' }),
        await visitor.post(at('/certificate/bundle'), { password: 'x' }),
        await visitor.get(file),
        await visitor.get(`${file}/revoke`),
        await visitor.post(`${file}/revoke`),
        await visitor.get('/admin/vpn-certificates'),
        await visitor.get('/vpn/crl.pem'),
        await visitor.get('/vpn/ca.pem'),
      ]
      outcome[who] = answers.map(({ status }) => status)
    }
    expect(outcome).toEqual({
      nobody: [302, 401, 401, 302, 302, 401, 302, 200, 200],
      other: [404, 404, 404, 404, 404, 404, 403, 200, 200],
      owner: [200, 422, 422, 200, 200, 422, 403, 200, 200],
      staff: [200, 422, 422, 200, 200, 422, 200, 200, 200],
    })
    const foreign = await newOwner()
    expect((await foreign.owner.get(foreign.at(`/certificates/${await serialOf(id)}`))).status).toBe(404)
    expect((await foreign.owner.post(foreign.at(`/certificates/${await serialOf(id)}/revoke`), { reason: 'superseded' })).status).toBe(404)
    expect((await owner.post(`${file}/revoke`, { reason: 'superseded' }, { Origin: 'https://elsewhere.example' })).status).toBe(403)
  })
})

test('the list is fetched again only when there is a new one', async () => {
  const client = web.client()
  const first = await client.get('/vpn/crl.pem')
  expect(first.headers.get('Content-Type')).toBe('application/x-pem-file')
  expect(first.headers.get('Cache-Control')).toMatch(/^public, max-age=\d\d$/)
  const etag = first.headers.get('ETag') ?? ''
  const second = await client.get('/vpn/crl.pem', { 'If-None-Match': `"x", W/${etag}` })
  expect([second.status, await second.text()]).toEqual([304, ''])
  const { id, at, owner } = await newOwner()
  await owner.post(at('/certificate'), { csr: (await place.request()).csr })
  await staff.post(at(`/certificates/${await serialOf(id)}/revoke`), { reason: 'superseded' })
  const third = await client.get('/vpn/crl.pem', { 'If-None-Match': etag })
  expect(third.status).toBe(200)
})

test('staff find every certificate, also of accounts that are gone; without the setting there is nothing', async () => {
  const { id, login, at, owner } = await newOwner()
  await owner.post(at('/certificate'), { csr: (await place.request()).csr })
  const serial = await serialOf(id)
  await web.coin.pool.query('DELETE FROM configuration WHERE id = $1', [id])
  const list = await staff.page(`/admin/vpn-certificates?q=${login}`)
  const [, row = ''] = /href="(\/admin\/vpn-certificates\/\d+)"/.exec(list) ?? []
  expect(readable(list)).toContain('Revoked')
  const page = readable(await staff.page(row))
  expect(page).toContain(serial)
  expect(page).toContain('It is not needed any more')
  for (const view of ['valid', 'expiring', 'revoked', 'expired'])
    expect((await staff.get(`/admin/vpn-certificates?view=${view}`)).status).toBe(200)
  const plain = await testWeb({ apps: [vpnApp({})] })
  try {
    const account = await addAccount(plain.coin)
    const member = await plain.member(account.member)
    expect(readable(await member.page(`/vpn/${account.id}`))).not.toContain('ertificate')
    expect((await member.get(`/vpn/${account.id}/certificate`)).status).toBe(404)
    expect((await member.get('/vpn/crl.pem')).status).toBe(404)
  } finally {
    await plain.close()
  }
})
