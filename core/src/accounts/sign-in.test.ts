import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestWeb, testPassword, testWeb } from '../testing/web.ts'
import { createUser } from './rules.ts'

let t: TestWeb
beforeAll(async () => {
  t = await testWeb()
  await t.coin.write(tx => createUser({ email: 'Amina@Example.org', name: 'Amina Berthier', role: 'member', password: testPassword }, tx))
})
afterAll(() => t?.close())

const signIn = (client = t.client(), password = testPassword, next = '/account') =>
  client.post('/sign-in', { email: 'amina@example.org', password, next })

test('a person signs in, is led to where they wanted to go, and signs out', async () => {
  const client = t.client()
  const asked = await client.get('/account?tab=x')
  expect(asked.status).toBe(302)
  expect(asked.headers.get('Location')).toBe('/sign-in?next=%2Faccount%3Ftab%3Dx')
  expect(await client.page('/sign-in?next=%2Faccount%3Ftab%3Dx')).toContain('value="/account?tab=x"')

  const entered = await signIn(client, testPassword, '/account?tab=x')
  expect([entered.status, entered.headers.get('Location')]).toEqual([303, '/account?tab=x'])
  const cookie = entered.headers.getSetCookie().find(line => line.startsWith('coin.session_token=')) ?? ''
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
  expect(await client.page('/account')).toContain('Amina Berthier')

  const left = await client.post('/sign-out')
  expect(left.headers.get('Location')).toBe('/sign-in')
  expect(await client.page('/sign-in')).toContain('You are signed out.')
  expect(await client.page('/sign-in')).not.toContain('You are signed out.')
  expect((await client.get('/account')).status).toBe(302)
})

test('a cookie taken along after signing out is worth nothing', async () => {
  const client = t.client()
  await signIn(client)
  const taken = new Map(client.cookies)
  await client.post('/sign-out')
  const thief = t.client()
  for (const [name, value] of taken) thief.cookies.set(name, value)
  expect((await thief.get('/account')).status).toBe(302)
})

test('a wrong password and an unknown address are told alike, in words', async () => {
  const wrong = await signIn(t.client(), 'not the password')
  const unknown = await t.client().post('/sign-in', { email: 'nobody@example.org', password: 'not the password' })
  const garbled = await t.client().post('/sign-in', { email: 'x', password: '' })
  for (const answer of [wrong, unknown, garbled]) {
    expect(answer.status).toBe(401)
    const page = await answer.text()
    expect(page).toContain('The e-mail address or the password is not right.')
    expect(page).not.toContain('not the password')
  }
  const { rows } = await t.coin.pool.query(`SELECT kind, detail FROM account_event WHERE kind = 'sign_in_failed'`)
  expect(rows).toEqual([{ kind: 'sign_in_failed', detail: 'Unknown program' }])
})

test('after five failures from one address there is a pause, also for the right password; what the client says of its address changes nothing', async () => {
  const client = t.client()
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) {
    const headers = { 'X-Forwarded-For': `192.0.2.${i}`, 'X-Coin-Address': `192.0.2.${i}` }
    statuses.push((await client.post('/sign-in', { email: 'amina@example.org', password: `wrong ${i}` }, headers)).status)
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  const refused = await signIn(client)
  expect(refused.status).toBe(429)
  expect(await refused.text()).toMatch(/Too many attempts\. Try again in \d+ seconds\./)
  expect((await signIn()).status).toBe(303)
})

test('signing in rightly is no attempt', async () => {
  const client = t.client()
  for (let i = 0; i < 8; i++) expect((await signIn(client)).status).toBe(303)
})

test('failures count once each, however many come at once', async () => {
  const client = t.client()
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => signIn(client, `wrong ${i}`)))
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(7)
})

test('nobody signs up by themselves, and the machinery behind is not reachable', async () => {
  for (const path of ['/api/auth/sign-up/email', '/api/auth/sign-in/email', '/sign-up', '/api/auth/get-session']) {
    expect((await t.client().post(path, { email: 'a@example.org', password: testPassword, name: 'A' })).status).toBe(404)
  }
})

test.each([
  '//evil.example',
  'https://evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  '/..//evil.example',
  'evil.example',
])('signing in never leads to %s', async next => {
  const answer = await signIn(t.client(), testPassword, next)
  expect(answer.headers.get('Location')).toBe('/')
  const language = await t.client().get(`/language/fr?next=${encodeURIComponent(next)}`)
  expect(language.headers.get('Location')).toBe('/')
})

test('who is signed in already is not asked again', async () => {
  const staff = await t.signIn('staff')
  expect((await staff.get('/sign-in')).headers.get('Location')).toBe('/admin')
  expect((await staff.get('/sign-in?next=//evil.example')).headers.get('Location')).toBe('/admin')
})

test('the words are French for who wants French', async () => {
  const client = t.client()
  expect(await client.page('/sign-in')).toContain('<html lang="en"')
  expect(await (await client.get('/sign-in', { 'Accept-Language': 'de;q=0.9, fr-CA;q=0.8, en;q=0.1' })).text()).toContain('<html lang="fr"')
  const chosen = await client.get('/language/fr?next=/sign-in')
  expect([chosen.status, chosen.headers.get('Location')]).toEqual([303, '/sign-in'])
  expect(await client.page('/sign-in')).toContain('<html lang="fr"')
  expect((await client.get('/language/tlh')).status).toBe(404)
})
