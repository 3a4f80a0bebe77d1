import { createServer, type Server } from 'node:http'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember } from '../testing/factories.ts'
import { type TestClient, type TestWeb, testPassword, testWeb } from '../testing/web.ts'
import { createUser } from './rules.ts'

/** People of the service, by their login there. */
const people: Record<string, Record<string, unknown>> = {
  ada: { email: 'ada@example.org', email_verified: true, name: 'Ada', groups: ['admins', 'cooks'] },
  bo: { email: 'bo@example.org', email_verified: true, name: 'Bo', groups: ['readers'] },
  mallory: { email: 'ada@example.org', email_verified: false, name: 'Mallory', groups: [] },
  nobody: { email: 'nobody@example.org', email_verified: true, name: 'Nobody', groups: ['admins'] },
  groupless: { email: 'bo@example.org', email_verified: true, name: 'Bo' },
  cook: { email: 'cook@example.org', email_verified: true, name: 'Cook', groups: ['cooks'] },
  member: { email: 'member@example.org', email_verified: true, name: 'Member', groups: [] },
}
const publicUrl = 'http://coin.test'
const client = (id: string) => ({
  client_id: id,
  client_secret: `secret of ${id}`,
  redirect_uris: [`${publicUrl}/sign-in/with/${id}/back`],
})

let service: Server
let issuer: string
let nonce: string | undefined
let t: TestWeb
beforeAll(async () => {
  service = createServer()
  await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
  const address = service.address()
  issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const provider = new Provider(issuer, {
    clients: ['work', 'open', 'crew'].map(client),
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    cookies: { keys: ['only for tests'] },
  })
  provider.use((context, next) => {
    if (context.path === '/auth' && nonce !== undefined) context.query = { ...context.query, nonce }
    return next()
  })
  service.on('request', provider.callback())
  const known = { issuer, clientSecret: 'secret of work', roles: { admins: 'Administrator', readers: 'Reader' } }
  t = await testWeb({
    publicUrl,
    settings: {
      accounts: {
        oidc: [
          { ...known, id: 'work', name: 'Work', clientId: 'work' },
          { ...known, id: 'open', name: 'Open', clientId: 'open', clientSecret: 'secret of open', createUsers: 'member', twoFactors: true },
          { ...known, id: 'crew', name: 'Crew', clientId: 'crew', clientSecret: 'secret of crew', createUsers: 'staff' },
          { ...known, id: 'other', name: 'Other', clientId: 'work', issuer: issuer.replace('127.0.0.1', 'localhost') },
          { ...known, id: 'down', name: 'Down', clientId: 'work', issuer: 'http://127.0.0.1:9' },
        ],
      },
    },
  })
  for (const email of ['ada@example.org', 'bo@example.org'])
    await t.coin.write(tx => createUser({ email, name: email, role: 'member', password: testPassword }, tx))
})
afterAll(async () => {
  await t?.close()
  service?.closeAllConnections()
  service?.close()
})

/** Goes to the service as one of its people, and comes back: the address that it sends the browser to. */
async function through(start: string, login: string): Promise<string> {
  const cookies = new Map<string, string>()
  let [next, form]: [string, URLSearchParams | undefined] = [start, undefined]
  for (let step = 0; step < 12; step++) {
    const answer = await fetch(next, {
      method: form ? 'POST' : 'GET',
      ...(form && { body: form }),
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      redirect: 'manual',
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = answer.headers.get('Location')
    form = undefined
    if (location?.startsWith(publicUrl)) return location.slice(publicUrl.length)
    if (location) next = new URL(location, issuer).href
    else {
      const page = await answer.text()
      const action = /action="([^"]+)"/.exec(page)?.[1] ?? ''
      form = new URLSearchParams(page.includes('value="login"') ? { prompt: 'login', login, password: 'x' } : { prompt: 'consent' })
      next = new URL(action, issuer).href
    }
  }
  throw new Error('The service never came to an end')
}

async function enter(login: string, service = 'work', browser: TestClient = t.client()) {
  const sent = await browser.get(`/sign-in/with/${service}?next=/account`)
  expect(sent.status).toBe(302)
  const answer = await browser.get(await through(sent.headers.get('Location') ?? '', login))
  return { browser, answer, location: answer.headers.get('Location') }
}

const rolesOf = async (email: string) => {
  const { rows } = await t.coin.pool.query<{ name: string }>(
    `SELECT r.name FROM user_role g JOIN role r ON r.id = g.role_id JOIN auth."user" u ON u.id = g.user_id WHERE u.email = $1 ORDER BY 1`,
    [email],
  )
  return rows.map(({ name }) => name)
}

test('whoever has an account comes in by a verified address, with the roles that the claim gives now', async () => {
  await t.signIn('staff')
  expect(await t.client().page('/sign-in')).toContain('Sign in with Work')
  const { browser, location } = await enter('ada')
  expect(location).toBe('/account')
  expect(await rolesOf('ada@example.org')).toEqual(['Administrator'])
  expect((await browser.get('/admin')).status).toBe(200)
  expect(await browser.page('/account')).toContain('The account was linked to a sign-in service')
  const { rows } = await t.coin.pool.query(`SELECT access_token, id_token FROM auth.account WHERE provider_id = 'work'`)
  expect(rows).toEqual([{ access_token: null, id_token: null }])
  people.ada = { ...people.ada, groups: ['readers'] }
  await enter('ada')
  expect(await rolesOf('ada@example.org')).toEqual(['Reader'])
})

test('an address that the service does not vouch for opens nothing, nor does one that nobody has here', async () => {
  const forged = await enter('mallory')
  expect(forged.location).toBe('/sign-in')
  expect(await forged.browser.page('/sign-in')).toContain('does not say that your e-mail address is yours')
  expect((await forged.browser.get('/account')).status).toBe(302)
  const unknown = await enter('nobody')
  expect(await unknown.browser.page('/sign-in')).toContain('Nobody here has the e-mail address')
})

test('a claim that is missing gives no role, and is told', async () => {
  await enter('bo')
  expect(await rolesOf('bo@example.org')).toEqual(['Reader'])
  const bo = people.bo
  people.bo = { ...people.groupless }
  const { browser, location } = await enter('bo')
  expect(location).toBe('/account')
  expect(await browser.page('/account')).toContain('claim “groups”')
  expect(await rolesOf('bo@example.org')).toEqual([])
  if (bo) people.bo = bo
})

test('a member without an account gets one by their address, where that is set, and two factors may be the service’s', async () => {
  const member = await addMember(t.coin, { email: 'Member@example.org' })
  const { browser, location } = await enter('member', 'open')
  expect(location).toBe('/account')
  const { rows } = await t.coin.pool.query(
    `SELECT m.id::int, s.strong FROM auth.session s JOIN member m ON m.user_id = s.user_id WHERE m.id = $1`,
    [member],
  )
  expect(rows).toEqual([{ id: member, strong: true }])
  expect((await browser.get('/subscriptions')).status).toBe(200)
  const stranger = await enter('nobody', 'open')
  expect(await stranger.browser.page('/sign-in')).toContain('gives you no place here')
})

test('whoever gets a role gets an account, where that is set, and nobody else; no sign-in takes away the last administrator', async () => {
  const { browser, location } = await enter('nobody', 'crew')
  expect(location).toBe('/account')
  expect((await browser.get('/admin')).status).toBe(200)
  await t.coin.pool.query(`DELETE FROM user_role g USING auth."user" u WHERE u.id = g.user_id AND u.email <> 'nobody@example.org'`)
  people.nobody = { ...people.nobody, groups: ['readers'] }
  const lowered = await enter('nobody', 'crew')
  expect(await lowered.browser.page('/sign-in')).toContain('Nobody would be left who may do everything.')
  expect(await rolesOf('nobody@example.org')).toEqual(['Administrator'])
  const cook = await enter('cook', 'crew')
  expect(await cook.browser.page('/sign-in')).toContain('gives you no place here')
})

test('who has an app for codes is asked for one after the service too', async () => {
  await enter('bo')
  await t.coin.pool.query(
    `INSERT INTO auth.two_factor (id, user_id, secret, backup_codes, verified) SELECT 'f', id, 'x', 'x', true FROM auth."user" WHERE email = 'bo@example.org'`,
  )
  await t.coin.pool.query(`UPDATE auth."user" SET two_factor_enabled = true WHERE email = 'bo@example.org'`)
  const { browser, location } = await enter('bo')
  expect(location).toBe('/sign-in/code?next=%2Faccount')
  expect((await browser.get('/account')).status).toBe(302)
  expect((await browser.get('/sign-in/code')).status).toBe(200)
})

test('answers that do not fit the question open nothing: another browser, another nonce, no', async () => {
  const sent = await t.client().get('/sign-in/with/work')
  const back = await through(sent.headers.get('Location') ?? '', 'ada')
  const victim = t.client()
  await victim.get(back)
  expect(await victim.page('/sign-in')).toContain('began in another browser')
  nonce = 'of somebody else'
  const replayed = await enter('ada')
  nonce = undefined
  expect(await replayed.browser.page('/sign-in')).toContain('The answer of Work cannot be trusted')
  const refusing = t.client()
  const asked = await refusing.get('/sign-in/with/work')
  const state = new URL(asked.headers.get('Location') ?? '').searchParams.get('state')
  await refusing.get(`/sign-in/with/work/back?error=access_denied&state=${state}`)
  expect(await refusing.page('/sign-in')).toContain('Work says that you may not')
  for (const browser of [victim, replayed.browser, refusing]) expect((await browser.get('/account')).status).toBe(302)
})

test('a service that does not answer, or is another one, is told, and the password still works', async () => {
  const browser = t.client()
  expect((await browser.get('/sign-in/with/down')).headers.get('Location')).toBe('/sign-in')
  expect(await browser.page('/sign-in')).toContain('Down does not answer. Try again later')
  await browser.get('/sign-in/with/other')
  expect(await browser.page('/sign-in')).toContain('Other calls itself http://127.0.0.1')
  expect((await browser.get('/sign-in/with/unknown')).status).toBe(404)
  expect((await browser.post('/sign-in', { email: 'ada@example.org', password: testPassword })).status).toBe(303)
})
