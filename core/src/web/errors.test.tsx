import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineApp } from '../app/app.ts'
import { CoinError, type ErrorCode, invalid } from '../errors.ts'
import { logged } from '../testing/logged.ts'
import { type TestWeb, testWeb } from '../testing/web.ts'

const faults = defineApp(
  { name: 'faults', verboseName: 'Faults', root: import.meta.url },
  {
    views: {
      coded: {
        path: '/coded/:code',
        access: 'public',
        get(c) {
          throw new CoinError(c.req.param('code') as ErrorCode, 'The fault is {{what}}.', {
            values: { what: '<b>here</b>' },
            hint: 'Do this.',
          })
        },
      },
      field: {
        path: '/field',
        access: 'public',
        get() {
          throw invalid('email', 'Give an e-mail address.')
        },
      },
      unknown: {
        path: '/unknown',
        access: 'public',
        get() {
          throw new Error('the cable is cut')
        },
      },
      statement: {
        path: '/statement',
        access: 'public',
        get: async c => c.json(await c.var.coin.database.db.execute(sql`SELECT ${c.req.query('secret') ?? ''}::text FROM no_such_table`)),
      },
      store: {
        path: '/store',
        access: 'public',
        async post(c) {
          const form = await c.req.parseBody()
          await c.var.coin.transaction(c.var.actor, tx =>
            tx.execute(sql`INSERT INTO coin.mail (recipient, subject, body) VALUES (${String(form.to)}, ${String(form.subject)}, '')`),
          )
          return c.text('stored')
        },
      },
      json: { path: '/json', access: 'public', post: async c => c.json(await c.req.json()) },
    },
  },
)

let t: TestWeb
beforeAll(async () => {
  t = await testWeb({ apps: [faults()] })
})
afterAll(() => t?.close())

test.each([
  ['invalid', 422],
  ['refused', 409],
  ['not_found', 404],
  ['not_signed_in', 401],
  ['forbidden', 403],
  ['conflict', 409],
  ['too_many', 429],
] as const)('%s is answered with %i: a page, a part of one, or data', async (code, status) => {
  const page = await t.client().get(`/faults/coded/${code}`)
  expect(page.status).toBe(status)
  const text = await page.text()
  expect(text).toMatch(/^<!doctype html>/)
  expect(text).toContain('The fault is &lt;b&gt;here&lt;/b&gt;.')
  expect(text).toContain('Do this.')
  const part = await t.client().get(`/faults/coded/${code}`, { 'HX-Request': 'true' })
  expect(part.status).toBe(status)
  expect(await part.text()).toMatch(/^<div class="flash fail"/)
  const data = await t.client().get(`/faults/coded/${code}`, { Accept: 'application/json' })
  expect(await data.json()).toEqual({ error: { code, message: 'The fault is <b>here</b>.', hint: 'Do this.' } })
})

test('data names the fields that are wrong', async () => {
  const answer = await t.client().get('/faults/field', { Accept: 'application/json' })
  expect(await answer.json()).toMatchObject({ error: { fields: [{ field: 'email', message: 'Give an e-mail address.' }] } })
})

test('an unknown failure shows a number, and the log says the rest', async () => {
  let page = ''
  const log = await logged(async () => {
    const answer = await t.client().get('/faults/unknown?token=abcdef')
    expect(answer.status).toBe(500)
    page = await answer.text()
  })
  const line = JSON.parse(log) as { id: string; message: string; app: string; path: string }
  expect(line).toMatchObject({ level: 'error', method: 'GET', path: '/faults/unknown', app: 'faults', message: 'the cable is cut' })
  expect(page).toContain(line.id)
  expect(page).not.toContain('cable')
  expect(log).not.toContain('abcdef')
})

test('a failed statement is logged without its values', async () => {
  const log = await logged(async () => expect((await t.client().get('/faults/statement?secret=open-sesame')).status).toBe(500))
  expect(log).toContain('no_such_table')
  expect(log).not.toContain('open-sesame')
})

test('what is unavailable is told with 503', async () => {
  const log = await logged(async () => expect((await t.client().get('/faults/coded/unavailable')).status).toBe(503))
  expect(log).toContain('"level":"error"')
})

const form = (body: BodyInit, type: string) => ({ method: 'POST', body, headers: { 'Content-Type': type, Origin: 'http://coin.test' } })
const urlencoded = 'application/x-www-form-urlencoded'

test.each([
  ['a NUL in a field', form('to=a%00b&subject=x', urlencoded), 422],
  ['a NUL in a name', form('to%00=a&subject=x', urlencoded), 422],
  ['a bad percent encoding', form('to=%E0%A4%A&subject=%', urlencoded), 200],
  ['bytes that are no UTF-8', form(Uint8Array.from([0x74, 0x6f, 0x3d, 0xff, 0xfe]), urlencoded), 200],
  ['half of a character', form(JSON.stringify('\ud800'), 'application/json'), 200],
  ['a multipart form without a boundary', form('to=a', 'multipart/form-data'), 400],
  ['a multipart form cut off', form('--x\r\nContent-Disposition: form-data; name="to"\r\n\r\na', 'multipart/form-data; boundary=x'), 400],
  ['no form at all', form('', 'text/plain'), 200],
  ['an empty form', form('', urlencoded), 200],
  ['ten thousand fields', form(Array.from({ length: 10_000 }, (_, i) => `f${i}=1`).join('&'), urlencoded), 200],
  ['__proto__ as a field', form('__proto__=1&constructor=2&to=x', urlencoded), 200],
  ['more than a mebibyte', form(`to=${'a'.repeat(1024 * 1024)}`, urlencoded), 413],
])('%s is no failure', async (_, init, status) => {
  expect((await t.request('/faults/store', init)).status).toBe(status)
})

test.each([
  ['{', 400],
  ['', 400],
  ['[1', 400],
  ['{"a":1}', 200],
])('JSON such as %s', async (body, status) => {
  const log = await logged(async () => expect((await t.request('/faults/json', form(body, 'application/json'))).status).toBe(status))
  expect(log).toBe('')
})

test.each([
  '/%00',
  '/?q=%00',
  '/%',
  '/%E0%A4%A',
  '/?q=%E0%A4%A',
  '/sign-in?next=%',
  '/..%2f..%2fetc%2fpasswd',
  '/static/../../etc/passwd',
  '/static/%2e%2e/%2e%2e/secret',
  '//',
  '/reset?token=%00',
  '/language/%00',
  '/\u{1f600}',
])('GET %s is no failure', async path => {
  const log = await logged(async () => expect((await t.request(path)).status).toBeLessThan(500))
  expect(log).toBe('')
})

test('long addresses are no failure', async () => {
  for (const path of [`/${'a'.repeat(8000)}`, `/?q=${'%41'.repeat(5000)}`]) expect((await t.request(path)).status).toBeLessThan(500)
})

test('random requests never are a failure', async () => {
  const pieces = [
    '/sign-in',
    '/faults/store',
    '/account/sessions/',
    '/admin',
    '/',
    '%00',
    '%',
    '?',
    '&',
    '=',
    ';',
    "'",
    '"',
    '<script>',
    '\u{feff}',
    '%F0%9F%98%80',
    '..',
    '\\',
    'next=',
    '#',
    '[',
    '{{t}}',
    '$(x)',
  ]
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % below
  }
  const some = () => Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)]).join('')
  for (let i = 0; i < 200; i++) {
    const path = `/${some()}`
    const init = random(2)
      ? form(some(), [urlencoded, 'application/json', 'multipart/form-data; boundary=q', 'nonsense'][random(4)] ?? '')
      : {}
    const log = await logged(async () => expect((await t.request(path, init)).status).toBeLessThan(500))
    expect(log, path).toBe('')
  }
})

test('the text of a hostile flash cookie is text', async () => {
  const flash = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  for (const cookie of ['x', '%', flash({}), flash(['bad', 'x']), flash(null), flash(['ok', 7])]) {
    expect((await t.client().get('/sign-in', { Cookie: `coin.flash=${cookie}` })).status).toBe(200)
  }
  const page = await (await t.client().get('/sign-in', { Cookie: `coin.flash=${flash(['ok', '<script>alert(1)</script>'])}` })).text()
  expect(page).toContain('&lt;script&gt;alert(1)')
  for (const cookie of [
    'coin.session_token=x',
    'coin.session_token=%00',
    'coin.session_token=a.b',
    'coin.language=../..; coin.session_token=%',
  ]) {
    expect((await t.client().get('/account', { Cookie: cookie })).status).toBe(302)
  }
})
