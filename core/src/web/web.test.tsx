import { request as plainRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineApp } from '../app/app.ts'
import { url } from '../app/url.ts'
import { logged } from '../testing/logged.ts'
import { statementsOf, type TestWeb, testWeb } from '../testing/web.ts'
import { serveWeb } from './serve.ts'
import { createWeb } from './web.ts'

const probe = defineApp(
  { name: 'probe', verboseName: 'Probe', root: import.meta.url },
  {
    views: {
      links: {
        path: '/',
        access: 'public',
        get: c => c.text([url('probe:year', { year: 2026, page: 2 }), url('accounts:signIn')].join(' ')),
      },
      year: { path: '/year/:year', access: 'public', get: c => c.text(c.req.param('year') ?? '') },
      address: { path: '/address', access: 'public', get: c => c.text(c.var.address) },
      write: { path: '/write', access: 'public', post: c => c.text('written') },
    },
  },
)

let t: TestWeb
let below: TestWeb
beforeAll(async () => {
  ;[t, below] = await Promise.all([testWeb({ apps: [probe()] }), testWeb({ apps: [probe()], basePath: '/coin' })])
})
afterAll(() => Promise.all([t?.close(), below?.close()]))

test.each(['/sign-in', '/nowhere', '/healthz', '/static/nothing.css', '/account'])('%s has the headers that protect', async path => {
  const { headers } = await t.client().get(path)
  expect(headers.get('Content-Security-Policy')).toBe(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  )
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
  expect(headers.get('Referrer-Policy')).toBe('same-origin')
  expect(headers.get('X-Frame-Options')).toBe('DENY')
  expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
})

test('pages name their style sheets by content, and these are served', async () => {
  const page = await t.client().page('/sign-in')
  const href = /href="(\/static\/coin\/app\.[0-9a-f]{8}\.css)"/.exec(page)?.[1] ?? ''
  const sheet = await t.client().get(href)
  expect(sheet.status).toBe(200)
  expect(sheet.headers.get('Cache-Control')).toContain('immutable')
})

const write = (headers: Record<string, string>, type = 'application/x-www-form-urlencoded') =>
  t.request('/probe/write', { method: 'POST', body: type.includes('json') ? '{}' : 'a=b', headers: { 'Content-Type': type, ...headers } })

test('what another site makes a browser send is refused, whatever its type', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'application/json']) {
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: 'http://coin.test.evil.example' },
      { Origin: 'http://coin.test:81' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      {},
    ]) {
      expect((await write(headers, type)).status).toBe(403)
    }
  }
  expect((await write({ Origin: 'http://coin.test' })).status).toBe(200)
  expect((await write({ 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200)
})

test('signing in from another site is refused too', async () => {
  const answer = await t.request('/sign-in', {
    method: 'POST',
    body: 'email=a%40example.org&password=x',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://evil.example' },
  })
  expect(answer.status).toBe(403)
})

test('with a public address, forms must come from exactly there, and cookies are for https', async () => {
  const site = await testWeb({ apps: [probe()], publicUrl: 'https://coin.example.net' })
  try {
    expect((await site.client().post('/probe/write')).status).toBe(200)
    expect((await site.client().post('/probe/write', {}, { Origin: 'http://coin.example.net' })).status).toBe(403)
    const staff = await site.signIn('staff')
    expect([...staff.cookies.keys()]).toContain('__Secure-coin.session_token')
    expect((await staff.get('/account')).status).toBe(200)
    const answer = await site.client().get('/language/fr')
    expect(answer.headers.get('Set-Cookie')).toMatch(/Secure/)
    expect(answer.headers.get('Strict-Transport-Security')).toContain('max-age')
  } finally {
    await site.close()
  }
})

test('the address that asks is the socket’s; a proxy’s word counts only when it is ours', async () => {
  const forwarded = { 'X-Forwarded-For': '192.0.2.7, 198.51.100.9' }
  expect(await (await t.client().get('/probe/address', forwarded)).text()).toMatch(/^2001:db8:/)
  const site = await testWeb({ apps: [probe()], trustProxy: true })
  try {
    expect(await (await site.client().get('/probe/address', forwarded)).text()).toBe('198.51.100.9')
  } finally {
    await site.close()
  }
})

test('under a base path everything is below it', async () => {
  const client = below.client()
  expect(await client.page('/probe')).toBe('/coin/probe/year/2026?page=2 /coin/sign-in')
  expect(await client.page('/probe/year/2026?page=2')).toBe('2026')
  expect(await client.page('/sign-in')).toContain('href="/coin/static/coin/app.')
  expect((await client.get('/account?x=1')).headers.get('Location')).toBe('/coin/sign-in?next=%2Faccount%3Fx%3D1')
  const staff = await below.signIn('staff')
  expect(await staff.page('/account')).toContain('action="/coin/account/password"')
  const language = await staff.get('/language/fr?next=/account')
  expect(language.headers.get('Location')).toBe('/coin/account')
  expect(language.headers.get('Set-Cookie')).toContain('Path=/coin')
  expect((await client.get('/healthz')).status).toBe(200)
  const outside = await below.web.request('http://coin.test/sign-in')
  expect(outside.status).toBe(404)
  expect((await below.web.request('http://coin.test/coinage')).status).toBe(404)
})

test('a page says how many statements it took', async () => {
  expect(statementsOf(await t.client().get('/sign-in'))).toBe(0)
  const staff = await t.signIn('staff')
  const first = statementsOf(await staff.get('/account'))
  expect(first).toBeGreaterThan(2)
  expect(statementsOf(await staff.get('/account'))).toBe(first)
})

test('statements of requests at the same time are counted apart', async () => {
  const staff = await t.signIn('staff')
  const alone = statementsOf(await staff.get('/account'))
  const together = await Promise.all(Array.from({ length: 25 }, () => staff.get('/account')))
  expect(together.map(statementsOf)).toEqual(together.map(() => alone))
})

test('health is the database’s', async () => {
  const sick = await testWeb()
  expect((await sick.request('/healthz')).status).toBe(200)
  const staff = await sick.signIn('staff')
  await sick.coin.close()
  expect((await sick.request('/healthz')).status).toBe(503)
  expect((await sick.request('/sign-in')).status).toBe(200)
  const log = await logged(async () => {
    const answer = await staff.get('/account')
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('The database does not answer.')
  })
  expect(log).toContain('"level":"error"')
})

test('over a real socket it serves, refuses garbage, and finishes what it has begun before it stops', async () => {
  const served = await serveWeb(t.coin, { host: '127.0.0.1', port: 0 })
  expect((await fetch(`${served.url}sign-in`)).status).toBe(200)
  const { port } = new URL(served.url)
  const odd = await new Promise<number | undefined>((resolve, reject) =>
    plainRequest({ port, path: '/%', headers: { Host: 'a b' } }, answer => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end(),
  )
  expect(odd).toBeGreaterThanOrEqual(400)
  expect(odd).toBeLessThan(500)
  // a body whose length is not said, as a proxy may send it on
  const unmeasured = (size: number) => {
    const request: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: { Origin: new URL(served.url).origin, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new Blob([`email=${'x'.repeat(size)}`]).stream(),
      duplex: 'half',
    }
    return fetch(`${served.url}sign-in`, request)
  }
  expect((await unmeasured(10)).status).toBe(401)
  expect((await unmeasured(1_100_000)).status).toBe(413)
  const under = fetch(`${served.url}probe/year/1`).then(answer => answer.status)
  const answered = await under
  await served.close()
  expect(answered).toBe(200)
  await expect(fetch(served.url)).rejects.toThrow()
})

test('a wrong COIN_URL stops the start', () => {
  expect(() => createWeb(t.coin, { publicUrl: 'coin.example.net' })).toThrow('COIN_URL')
})

test('two servers on one port: the second one says so', async () => {
  const first = await serveWeb(t.coin, { port: 0 })
  await expect(serveWeb(t.coin, { port: Number(new URL(first.url).port) })).rejects.toMatchObject({
    code: 'boot',
    hint: expect.stringContaining('PORT'),
  })
  await first.close()
})
