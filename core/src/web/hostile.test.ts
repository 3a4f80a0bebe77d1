import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { coreApps } from '../core-apps.ts'
import { addMember } from '../testing/factories.ts'
import { logged } from '../testing/logged.ts'
import { type TestClient, type TestWeb, testWeb } from '../testing/web.ts'

let t: TestWeb
let clients: readonly TestClient[]
beforeAll(async () => {
  t = await testWeb()
  clients = [t.client(), await t.member(await addMember(t.coin)), await t.signIn('staff')]
})
afterAll(() => t?.close())

const ids = ['0', '9223372036854775808', '99999999999999999999999999', '-1', 'NaN', '1e9', "1'--", '%00', '%F0%9F%98%80', '..']
const texts = [
  '',
  "'; DROP TABLE member; --",
  '%',
  '\\',
  '{{t}}',
  '\u{202e}x',
  '9'.repeat(400),
  '2026-13-45',
  '0.0.0.0/99',
  '::/129',
  '1e400',
  '\ud800',
  '<b>',
  '_'.repeat(3000),
]
const query = (text: string) =>
  new URLSearchParams({
    q: text.toWellFormed(),
    search: text.toWellFormed(),
    page: text.toWellFormed(),
    sort: text.toWellFormed(),
    view: text.toWellFormed(),
    next: text.toWellFormed(),
    at: text.toWellFormed(),
    version: text.toWellFormed(),
  })

const resources = coreApps().flatMap(app => app.contributions.resources ?? [])
const paths = [
  ...coreApps().flatMap(app =>
    (app.contributions.exportedUrls ?? [[app.name, app.contributions.views ?? {}] as const]).flatMap(([prefix, views]) =>
      Object.values(views).map(view => `/${prefix}${view.path}`),
    ),
  ),
  ...resources.flatMap(({ plural }) =>
    ['', '/new', '/choices', '/:id', '/:id/edit', '/:id/history', '/:id/remove'].map(end => `/admin/${plural}${end}`),
  ),
].map(path => path.replaceAll('//', '/'))

describe.each([...new Set(paths)])('%s', path => {
  const fill = (value: string) => path.replace(/:\w+(\{[^}]*\})?/g, value)

  test('never fails on what is in its address', async () => {
    const log = await logged(async () => {
      const addresses = [...new Set(ids.map(fill)), ...texts.map(text => `${fill('1')}?${query(text)}`)]
      for (const [index, client] of clients.entries()) {
        // nobody is sent to sign in before anything is read
        for (const address of index === 0 ? addresses.slice(-3) : addresses)
          expect((await client.get(address)).status, address).toBeLessThan(500)
      }
    })
    expect(log).toBe('')
  })

  test('never fails on what is sent to it', async () => {
    const fields = resources.find(({ plural }) => path.startsWith(`/admin/${plural}`))?.fields ?? {
      name: 0,
      email: 0,
      password: 0,
      token: 0,
      comment: 0,
    }
    const names = [...Object.keys(fields), 'version', 'id', 'next', 'type']
    const log = await logged(async () => {
      for (const client of clients.slice(2)) {
        for (const text of path === '/sign-in' || path === '/sign-out' ? [] : texts) {
          const form = Object.fromEntries(names.map(name => [name, text]))
          expect((await client.post(fill('1'), form)).status, text).toBeLessThan(500)
        }
      }
    })
    expect(log).toBe('')
  })
})
