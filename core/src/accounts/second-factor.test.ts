import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findMail, listMails } from '../system/mail.ts'
import { type TestClient, type TestWeb, testPassword, testWeb } from '../testing/web.ts'
import { resetSecondFactor } from './reset-factors.ts'
import { createUser } from './rules.ts'

let t: TestWeb
beforeAll(async () => {
  t = await testWeb({ settings: { accounts: { twoFactors: 'staff' } } })
})
afterAll(() => t?.close())

/** RFC 6238, as an app for codes does it; `later` counts in half minutes. */
function codeOf(secret: string, later = 0): string {
  const bits = [...secret].map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later))
  const digest = createHmac('sha1', key).update(counter).digest()
  const at = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const textOf = async (answer: Response) => (await answer.text()).replaceAll('&amp;', '&')
const secretIn = (page: string) => /[?&]secret=([A-Z2-7]+)/.exec(decodeURIComponent(page))?.[1] ?? 'no secret'
const uriIn = (page: string) => /name="uri" value="([^"]+)"/.exec(page)?.[1] ?? ''
const recoveryCodesIn = (page: string) => [...new Set(page.match(/\b[a-zA-Z0-9]{5}-[a-zA-Z0-9]{5}\b/g))]

async function setUp(client: TestClient) {
  const page = await textOf(await client.post('/account/second-factor', { password: testPassword }))
  const secret = secretIn(page)
  const confirmed = await client.post('/account/second-factor/confirm', { code: codeOf(secret), uri: uriIn(page) })
  return { secret, confirmed, codes: recoveryCodesIn(await textOf(confirmed)) }
}

const enter = (client: TestClient, email: string) => client.post('/sign-in', { email, password: testPassword, next: '/account' })

const lastMail = async (to: string) => {
  const mail = (await listMails(t.coin.database.db)).find(({ recipient }) => recipient === to)
  return mail && findMail(t.coin.database.db, mail.id)
}

test('codes: set up with the password, asked for at the next sign-in, each taken once', async () => {
  const email = 'amina@example.org'
  await t.coin.write(tx => createUser({ email, name: 'Amina', role: 'member', password: testPassword, language: 'fr' }, tx))
  const [here, elsewhere] = [t.client(), t.client()]
  for (const client of [here, elsewhere]) expect((await enter(client, email)).headers.get('Location')).toBe('/account')

  const wrong = await here.post('/account/second-factor', { password: 'not it at all' })
  expect([wrong.status, (await wrong.text()).includes('Ce n’est pas votre mot de passe.')]).toEqual([422, true])
  const begun = await here.post('/account/second-factor', { password: testPassword })
  expect([begun.status, begun.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
  const page = await textOf(begun)
  const secret = secretIn(page)
  expect(page).toContain('<svg')
  const mistyped = await here.post('/account/second-factor/confirm', { code: '000000', uri: uriIn(page) })
  expect([mistyped.status, secretIn(await textOf(mistyped))]).toEqual([422, secret])
  const first = codeOf(secret)
  const confirmed = await here.post('/account/second-factor/confirm', { code: first, uri: uriIn(page) })
  expect([confirmed.status, confirmed.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
  expect(recoveryCodesIn(await confirmed.text())).toHaveLength(10)
  expect((await elsewhere.get('/account')).status).toBe(302)
  expect(await here.page('/account/second-factor')).not.toContain(secret)
  expect((await lastMail(email))?.body).toContain('Les deux facteurs ont été activés')

  const client = t.client()
  const password = await enter(client, email)
  expect(password.headers.get('Location')).toBe('/sign-in/code?next=%2Faccount')
  expect((await client.get('/account')).status).toBe(302)
  const replayed = await client.post('/sign-in/code', { code: first })
  expect([replayed.status, (await replayed.text()).includes('This code was used already.')]).toEqual([422, true])
  const right = codeOf(secret, 1)
  const spaced = await client.post('/sign-in/code', { code: ` ${right.slice(0, 3)} ${right.slice(3)}`, next: '/account' })
  expect([spaced.status, spaced.headers.get('Location')]).toEqual([303, '/account'])
  expect(await client.page('/account')).toContain('Amina')

  const thief = t.client()
  await enter(thief, email)
  expect((await thief.post('/sign-in/code', { code: right })).status).toBe(422)
  const { rows } = await t.coin.pool.query<{ kept: string }>(
    `SELECT (SELECT string_agg(f::text, '') FROM auth.two_factor f) || (SELECT string_agg(changes::text, '') FROM coin.history) AS kept`,
  )
  expect(rows[0]?.kept).not.toContain(secret)
})

test('a recovery code lets in once, new ones end the old ones, and codes are switched off with the password', async () => {
  const email = 'bo@example.org'
  const here = await t.signIn('member', email)
  const { codes } = await setUp(here)
  const withRecovery = async (code = '') => {
    const client = t.client()
    await enter(client, email)
    return (await client.post('/sign-in/recovery', { code })).status
  }
  expect(await withRecovery(codes[0])).toBe(303)
  expect(await withRecovery(codes[0])).toBe(422)
  expect(await withRecovery('aaaaa-bbbbb')).toBe(422)
  expect((await lastMail(email))?.body).toContain('A recovery code was used')
  expect((await here.post('/account/second-factor/recovery', { password: 'not it at all' })).status).toBe(422)
  const renewed = recoveryCodesIn(await (await here.post('/account/second-factor/recovery', { password: testPassword })).text())
  expect(renewed).toHaveLength(10)
  expect([await withRecovery(codes[1]), await withRecovery(renewed[1])]).toEqual([422, 303])
  expect((await here.post('/account/second-factor/end', { password: 'not it at all' })).status).toBe(422)
  expect((await here.post('/account/second-factor/end', { password: testPassword })).status).toBe(303)
  expect((await enter(t.client(), email)).headers.get('Location')).toBe('/account')
})

test('after five wrong codes the sign-in begins again, and what happened is kept', async () => {
  const email = 'guessed@example.org'
  await setUp(await t.signIn('member', email))
  const guesser = t.client()
  await enter(guesser, email)
  const statuses = []
  for (let i = 0; i < 6; i++) statuses.push((await guesser.post('/sign-in/code', { code: `00000${i}` })).status)
  expect(statuses).toEqual([422, 422, 422, 422, 422, 303])
  expect(await guesser.page('/sign-in')).toContain('too many codes were wrong')
  const { rows } = await t.coin.pool.query(
    `SELECT changes -> 'kind' ->> 1 AS kind, count(*)::int AS times FROM coin.history h JOIN auth."user" u ON u.id = changes -> 'user_id' ->> 1
     WHERE table_name = 'account_event' AND email = $1 GROUP BY 1 ORDER BY 1`,
    [email],
  )
  expect(rows).toEqual([
    { kind: 'code_failed', times: 5 },
    { kind: 'factor_on', times: 1 },
    { kind: 'signed_in', times: 1 },
  ])
})

test('where staff need two factors, a password alone opens nothing but the page that sets them up', async () => {
  const email = 'root@example.org'
  const staff = await t.signIn('staff', email)
  for (const path of ['/', '/admin', '/admin/members', '/admin/members/new', '/account', '/sign-in']) {
    const answer = await staff.get(path)
    expect([path, answer.status, answer.headers.get('Location')]).toEqual([path, 302, '/account/second-factor'])
  }
  const part = await staff.get('/admin/members', { 'HX-Request': 'true' })
  expect([part.status, (await part.text()).includes('Your account needs a second factor.')]).toEqual([403, true])
  expect((await staff.get('/admin/members', { Accept: 'application/json' })).status).toBe(403)
  for (const path of ['/admin/members/new', '/account/password', '/account/sessions', '/account/second-factor/end'])
    expect([path, (await staff.post(path, { firstName: 'x', password: testPassword })).status]).toEqual([path, 403])
  expect(await staff.page('/account/second-factor')).toContain('before anything else opens')
  expect((await staff.post('/sign-out')).status).toBe(303)

  const again = t.client()
  await enter(again, email)
  const { secret, confirmed } = await setUp(again)
  expect(confirmed.status).toBe(200)
  expect((await again.get('/admin')).status).toBe(200)
  expect((await again.post('/account/password', { currentPassword: testPassword, newPassword: testPassword })).status).toBe(303)
  expect((await again.get('/admin')).status).toBe(200)
  const next = t.client()
  await enter(next, email)
  expect((await next.get('/admin')).status).toBe(302)
  expect((await next.post('/sign-in/code', { code: codeOf(secret, 1) })).status).toBe(303)
  expect((await next.get('/admin')).status).toBe(200)
  // staff off: it is required, so the way leads back to setting it up
  expect((await next.post('/account/second-factor/end', { password: testPassword })).status).toBe(303)
  expect((await next.get('/admin')).headers.get('Location')).toBe('/account/second-factor')
})

test('who has a passkey puts no other factor beside it by a password alone', async () => {
  const staff = await t.signIn('staff', 'keyed@example.org')
  await t.coin.pool.query(
    `INSERT INTO auth.passkey (id, user_id, public_key, credential_id, counter, device_type, backed_up)
     SELECT 'p1', id, 'x', 'x', 0, 'singleDevice', false FROM auth."user" WHERE email = 'keyed@example.org'`,
  )
  expect(await staff.page('/account/second-factor')).toContain('Sign in with your passkey')
  expect((await staff.post('/account/second-factor', { password: testPassword })).status).toBe(403)
  expect((await staff.post('/account/passkey-options', { password: testPassword })).status).toBe(403)
  expect((await staff.post('/account/passkeys/p1/remove')).status).toBe(403)
  const stranger = await t.signIn('member')
  expect((await stranger.post('/account/passkeys/p1/remove')).status).toBe(404)
  expect((await stranger.post('/account/passkeys/p1', { name: 'mine now' })).status).toBe(404)
  expect((await stranger.post('/account/passkey-options', { password: 'not it at all' })).status).toBe(422)
})

test('what somebody has lost is taken away by who may, their sessions end and a mail says so', async () => {
  const email = 'lost@example.org'
  const client = await t.signIn('member', email)
  await setUp(client)
  const { rows } = await t.coin.pool.query<{ id: string }>('SELECT id FROM auth."user" WHERE email = $1', [email])
  const path = `/admin/staff/account/${rows[0]?.id}/reset-factors`
  const staff = await t.signIn('staff')
  expect([(await t.client().post(path)).status, (await client.post(path)).status, (await staff.post(path)).status]).toEqual([401, 403, 403])
  await setUp(staff)
  expect((await staff.post(path)).status).toBe(303)
  expect((await client.get('/account')).status).toBe(302)
  expect((await enter(t.client(), email)).headers.get('Location')).toBe('/account')
  expect((await lastMail(email))?.body).toContain('were taken away by the provider')
  await expect(t.coin.asSystem('test', () => t.coin.write(tx => resetSecondFactor(tx, 'nobody')))).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('every page of an account is closed to nobody, and all others can be ended at once', async () => {
  const posts = [
    '/account/second-factor',
    '/account/second-factor/confirm',
    '/account/second-factor/recovery',
    '/account/second-factor/end',
  ]
  for (const path of [...posts, '/account/passkeys', '/account/passkey-options', '/account/passkeys/p1', '/account/sessions'])
    expect([path, (await t.client().post(path)).status]).toEqual([path, 401])
  for (const path of ['/sign-in/code', '/sign-in/recovery']) expect((await t.client().get(path)).status).toBe(303)
  const email = 'many@example.org'
  const [here, ...others] = [await t.signIn('member', email), t.client(), t.client()]
  for (const client of others) await enter(client, email)
  expect(await here.page('/account')).toContain('End all others')
  expect((await here.post('/account/sessions')).status).toBe(303)
  for (const client of others) expect((await client.get('/account')).status).toBe(302)
  expect(await here.page('/account')).toContain('All other sessions were ended')
})
