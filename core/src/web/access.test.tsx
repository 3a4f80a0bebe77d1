import { text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineApp } from '../app/app.ts'
import { configurationTable, defineConfiguration } from '../app/configuration.ts'
import type { View } from '../app/view.ts'
import { addConfiguration, addMember } from '../testing/factories.ts'
import { logged } from '../testing/logged.ts'
import { type TestClient, type TestWeb, testWeb } from '../testing/web.ts'

const lines = configurationTable('test_line', { note: text().notNull().default('') })

const page = (path: View['path'], access: View['access']): View => ({ path, access, get: () => <p>seen</p>, post: c => c.text('done') })
const doors = defineApp(
  { name: 'doors', verboseName: 'Doors', root: new URL('fixtures/doors/index.ts', import.meta.url).href },
  {
    views: {
      public: page('/public', 'public'),
      signedIn: page('/signed-in', 'signed_in'),
      member: page('/member', 'member'),
      staff: page('/staff', 'staff'),
      permission: page('/permission', 'doors.open'),
    },
    permissions: { 'doors.open': 'Open the door' },
    configurations: [
      defineConfiguration({
        table: lines,
        describe: line => line.note,
        fields: { note: { label: 'Note' } },
        admin: { inline: { fields: ['note'] } },
        urlNamespace: 'test-line',
        views: {
          details: {
            path: '/:id',
            get: ({ configuration }) => (
              <p>
                {configuration.note} of {configuration.subscription.member.displayName}
              </p>
            ),
          },
          note: {
            path: '/:id/note',
            async post({ c, configuration, tx }) {
              const form = await c.req.parseBody()
              await tx.update(lines).set({ note: String(form.note) })
              if (form.note === 'fail') throw new Error('after the change')
              return c.redirect(`/test-line/${configuration.id}`, 303)
            },
          },
          secret: { path: '/:id/secret', access: 'staff', get: () => <p>staff only</p> },
        },
      }),
    ],
  },
)

let t: TestWeb
let who: Record<'nobody' | 'user' | 'owner' | 'other' | 'staff', TestClient>
let line: number
beforeAll(async () => {
  t = await testWeb({ apps: [doors()] })
  const owner = await addMember(t.coin, { firstName: 'Amina', lastName: 'Berthier' })
  line = await addConfiguration(t.coin, lines, { note: 'Line one' }, { member: owner })
  who = {
    nobody: t.client(),
    user: await t.signIn('member'),
    owner: await t.member(owner),
    other: await t.member(await addMember(t.coin)),
    staff: await t.signIn('staff'),
  }
})
afterAll(() => t?.close())

const matrix = {
  '/doors/public': { nobody: 200, user: 200, owner: 200, staff: 200 },
  '/doors/signed-in': { nobody: 302, user: 200, owner: 200, staff: 200 },
  '/doors/member': { nobody: 302, user: 403, owner: 200, staff: 403 },
  '/doors/staff': { nobody: 302, user: 403, owner: 403, staff: 200 },
  '/doors/permission': { nobody: 302, user: 403, owner: 403, staff: 200 },
  '/doors/nowhere': { nobody: 404, user: 404, owner: 404, staff: 404 },
} as const

for (const [path, expected] of Object.entries(matrix)) {
  for (const [name, status] of Object.entries(expected) as [keyof typeof who, number][]) {
    test(`${path} as ${name}: ${status}`, async () => {
      const answer = await who[name].get(path)
      expect(answer.status).toBe(status)
      if (status === 302) expect(answer.headers.get('Location')).toBe(`/sign-in?next=${encodeURIComponent(path)}`)
      if (path.endsWith('nowhere')) return
      const posted = await who[name].post(path)
      expect(posted.status).toBe(status === 302 ? 401 : status)
    })
  }
}

test('whoever asks for a part of a page, or for data, is not sent to sign in', async () => {
  const part = await who.nobody.get('/doors/staff', { 'HX-Request': 'true' })
  expect(part.status).toBe(401)
  const text = await part.text()
  expect(text).toContain('class="flash fail"')
  expect(text).not.toContain('<html')
  const data = await who.nobody.get('/doors/staff', { Accept: 'application/json' })
  expect(data.status).toBe(401)
  expect(await data.json()).toMatchObject({ error: { code: 'not_signed_in' } })
  expect((await who.user.get('/doors/staff', { Accept: 'application/json' })).status).toBe(403)
})

test('a configuration opens for its member and for staff, and is not there for others', async () => {
  expect(await who.owner.page(`/test-line/${line}`)).toContain('Line one of Amina Berthier')
  expect(await who.staff.page(`/test-line/${line}`)).toContain('Line one')
  expect((await who.nobody.get(`/test-line/${line}`)).status).toBe(302)
  for (const stranger of [who.other, who.user]) {
    const theirs = await stranger.get(`/test-line/${line}`)
    const nobodys = await stranger.get('/test-line/987654')
    expect([theirs.status, nobodys.status]).toEqual([404, 404])
    expect(await theirs.text()).toBe((await nobodys.text()).replaceAll('987654', String(line)))
    expect((await stranger.post(`/test-line/${line}/note`, { note: 'mine now' })).status).toBe(404)
  }
  expect(await who.owner.page(`/test-line/${line}`)).toContain('Line one')
})

test('what staff alone may see of a configuration its owner may not', async () => {
  expect((await who.owner.get(`/test-line/${line}/secret`)).status).toBe(403)
  expect((await who.staff.get(`/test-line/${line}/secret`)).status).toBe(200)
})

test('a POST is one transaction, as whoever sent it', async () => {
  expect((await who.owner.post(`/test-line/${line}/note`, { note: 'Line two' })).status).toBe(303)
  expect(await who.owner.page(`/test-line/${line}`)).toContain('Line two')
  const { rows } = await t.coin.pool.query(
    `SELECT actor ->> 'label' AS label FROM coin.history WHERE table_name = 'test_line' ORDER BY id DESC LIMIT 1`,
  )
  expect(rows[0]?.label).toMatch(/^Member \d+$/)
  await logged(async () => expect((await who.owner.post(`/test-line/${line}/note`, { note: 'fail' })).status).toBe(500))
  expect(await who.owner.page(`/test-line/${line}`)).toContain('Line two')
})

test.each(['0', '99999999999999999999999', '-1', '1.5', 'abc', '%00', '1%20OR%201=1', '%E0%A4%A', '1/../2'])(
  'an id such as %s is no failure',
  async id => {
    const { status } = await who.staff.get(`/test-line/${id}`)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  },
)
