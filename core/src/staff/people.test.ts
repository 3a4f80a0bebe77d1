import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember, addOffer } from '../testing/factories.ts'
import { staffWith } from '../testing/staff-with.ts'
import { type TestClient, type TestWeb, testPassword, testWeb } from '../testing/web.ts'
import { followRoles } from './rules.ts'

let web: TestWeb
let admin: TestClient
beforeAll(async () => {
  web = await testWeb()
  admin = await web.signIn('staff', 'first@example.org')
})
afterAll(() => web.close())

const query = async <R extends object>(statement: string, values: readonly unknown[] = []) =>
  (await web.coin.pool.query(statement, [...values])).rows as R[]
const userOf = async (email: string) => (await query<{ id: string }>(`SELECT id FROM auth."user" WHERE email = $1`, [email]))[0]?.id ?? ''
const roleOf = async (name: string) => String((await query<{ id: number }>('SELECT id FROM role WHERE name = $1', [name]))[0]?.id)
const rolesOf = async (email: string) =>
  (
    await query<{ said: string }>(
      `SELECT r.name || ' by ' || g.source AS said FROM user_role g JOIN role r ON r.id = g.role_id JOIN auth."user" u ON u.id = g.user_id WHERE u.email = $1 ORDER BY 1`,
      [email],
    )
  ).map(({ said }) => said)

test('a role is made from boxes, and changed; what it knows not and what would contradict itself is refused', async () => {
  const form = await admin.page('/admin/roles/new')
  expect(form).toContain('name="permissions" value="member.change"')
  expect(form).toContain('name="permissions" value="billing.run"')
  const offer = String(await addOffer(web.coin))
  const added = await admin.post('/admin/roles/new', {
    name: 'Helpers',
    permissions: ['member.view', 'subscription.view'],
    offers: [offer],
  })
  expect(added.status).toBe(303)
  const id = await roleOf('Helpers')
  expect(await query('SELECT permissions, offers FROM role WHERE id = $1', [id])).toEqual([
    { permissions: ['member.view', 'subscription.view'], offers: [offer] },
  ])
  const edit = await admin.page(`/admin/roles/${id}/edit`)
  expect(edit).toMatch(/value="member.view" checked/)
  expect(edit).not.toMatch(/value="member.change" checked/)
  const saved = await admin.post(`/admin/roles/${id}/edit`, {
    name: 'Helpers',
    permissions: ['member.view'],
    offers: [offer],
    version: '1',
  })
  expect(saved.status).toBe(303)
  expect(await admin.page(`/admin/roles/${id}/history`)).toContain('member.view, subscription.view')
  for (const [permissions, words] of [
    [['member.fly'], 'Choose one of'],
    [['*'], 'cannot be limited'],
  ] as const) {
    const refused = await admin.post(`/admin/roles/${id}/edit`, { name: 'Helpers', permissions, offers: [offer], version: '2' })
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining(words)])
  }
  // without the offer the role would hold for everything
  await expect(web.coin.pool.query('DELETE FROM offer WHERE id = $1', [offer])).rejects.toThrow('The role “Helpers” is limited to it.')
})

test('the last administrator stays, whoever writes', async () => {
  const id = await userOf('first@example.org')
  for (const statement of [
    'DELETE FROM user_role WHERE user_id = $1',
    `UPDATE auth."user" SET disabled_at = now() WHERE id = $1`,
    `DELETE FROM auth."user" WHERE id = $1`,
    `UPDATE role SET permissions = '{member.view}' WHERE name = 'Administrator' AND $1 <> ''`,
  ])
    await expect(web.coin.pool.query(statement, [id]), statement).rejects.toThrow('Nobody would be left who may do everything.')
  const refused = await admin.post(`/admin/staff/account/${id}/roles`, {})
  expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('Nobody would be left')])
  expect(await rolesOf('first@example.org')).toEqual(['Administrator by hand'])
})

test('somebody is invited by mail, chooses a password, and is kept out at once', async () => {
  const reader = await roleOf('Reader')
  expect((await admin.post('/admin/staff/invite', { email: 'Rosa@example.org', name: 'Rosa', roles: [] })).status).toBe(422)
  const invited = await admin.post('/admin/staff/invite', { email: 'Rosa@example.org', name: 'Rosa', language: 'fr', roles: [reader] })
  const page = invited.headers.get('location') ?? ''
  const [mail] = await query<{ body: string }>(`SELECT body FROM coin.mail WHERE recipient = 'rosa@example.org'`)
  expect(mail?.body).toContain('travailler dans son administration')
  const token = /token=([\w-]+)/.exec(mail?.body ?? '')?.[1] ?? ''
  const rosa = web.client()
  await rosa.post('/reset', { token, password: testPassword, newPassword: testPassword, again: testPassword })
  expect((await rosa.post('/sign-in', { email: 'rosa@example.org', password: testPassword })).headers.get('location')).toBe('/admin')
  expect((await rosa.get('/admin/members')).status).toBe(200)
  expect((await rosa.get('/admin/members/new')).status).toBe(403)

  expect((await admin.post(`${page}/disable`)).status).toBe(303)
  expect((await rosa.get('/admin/members')).status).toBe(302)
  expect(await query('SELECT FROM auth.session WHERE user_id = $1', [await userOf('rosa@example.org')])).toEqual([])
  const refused = await rosa.post('/sign-in', { email: 'rosa@example.org', password: testPassword })
  expect([refused.status < 500, await refused.text()]).toEqual([true, expect.stringContaining('disabled')])
  expect((await admin.post(`${page}/disable`)).status).toBe(303)
  expect((await rosa.post('/sign-in', { email: 'rosa@example.org', password: testPassword })).status).toBe(303)
})

test('a member becomes staff with the account that they have, and stops with their last role', async () => {
  const member = await addMember(web.coin, { email: 'amina@example.org' })
  const amina = await web.member(member)
  const [{ email = '' } = {}] = await query<{ email: string }>(
    `SELECT u.email FROM auth."user" u JOIN member m ON m.user_id = u.id WHERE m.id = $1`,
    [member],
  )
  expect((await amina.get('/admin')).status).toBe(403)
  await admin.post('/admin/staff/invite', { email, name: '', roles: [await roleOf('Reader')] })
  expect((await amina.get('/admin')).status).toBe(200)
  expect((await admin.post(`/admin/staff/account/${await userOf(email)}/roles`, {})).status).toBe(303)
  expect((await amina.get('/admin')).status).toBe(403)
  expect((await amina.get('/')).status).toBe(200)
})

test('nobody gives what they may not do themselves', async () => {
  const manager = await staffWith(web, ['user.view', 'user.manage', 'role.view', 'role.add', 'role.change', 'member.view'])
  const own =
    (await query<{ email: string }>(`SELECT email FROM auth."user" WHERE email LIKE '%@staff.example' ORDER BY created_at DESC LIMIT 1`))[0]
      ?.email ?? ''
  const id = await userOf(own)
  const had = await rolesOf(own)
  for (const [path, form] of [
    [`/admin/staff/account/${id}/roles`, { roles: [await roleOf('Administrator')] }],
    ['/admin/staff/invite', { email: own, name: 'x', roles: [await roleOf('Administrator')] }],
    ['/admin/roles/new', { name: 'Mine', permissions: ['*'] }],
    [`/admin/roles/${await roleOf('Reader')}/edit`, { name: 'Reader', permissions: ['member.remove'] }],
    [`/admin/staff/account/${await userOf('first@example.org')}/disable`, {}],
  ] as const)
    expect([path, (await manager.post(path, form)).status]).toEqual([path, 422])
  expect(await rolesOf(own)).toEqual(had)
  expect((await manager.post('/admin/roles/new', { name: 'Lookers', permissions: ['member.view'] })).status).toBe(303)
})

test('roles that follow a source are exactly those of its names, beside those given by hand', async () => {
  const id = await userOf('first@example.org')
  const follow = (...names: string[]) => web.coin.write(tx => followRoles(tx, id, 'oidc:test', names))
  expect(await follow('Reader', 'Nobodys')).toEqual({ given: 1, taken: 0, unknown: ['Nobodys'] })
  expect(await rolesOf('first@example.org')).toEqual(['Administrator by hand', 'Reader by oidc:test'])
  expect(await follow('Treasurer')).toEqual({ given: 1, taken: 1, unknown: [] })
  expect(await follow()).toEqual({ given: 0, taken: 1, unknown: [] })
  expect(await rolesOf('first@example.org')).toEqual(['Administrator by hand'])
})

test('the roles that come along name permissions that there are', async () => {
  const roles = await query<{ name: string; permissions: string[] }>(
    `SELECT name, permissions FROM role WHERE name IN ('Treasurer', 'Technician', 'Reader')`,
  )
  expect(roles).toHaveLength(3)
  for (const { name, permissions } of roles)
    for (const permission of permissions) expect([...web.coin.registry.permissions.keys()], name).toContain(permission)
})

test('coin permissions says the same as the page: each route, and who may use it', async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const env = {
    ...process.env,
    DATABASE_URL: web.coin.url,
    COIN_DATA: web.coin.data,
    COIN_CONFIG: path.join(root, 'coin.config.ts'),
    COIN_SECRET: 'only-good-for-tests-but-long-enough',
  }
  const run = promisify(execFile)
  const { stdout } = await run(
    process.execPath,
    [path.join(root, 'core/bin/coin.js'), 'permissions', '--json', '--path', '/admin/members'],
    { env, cwd: root },
  )
  const routes = JSON.parse(stdout) as { method: string; path: string; access: string; roles: { name: string }[] }[]
  const list = routes.find(route => route.method === 'GET' && route.path === '/admin/members')
  expect(list).toMatchObject({ access: 'member.view' })
  expect(list?.roles.map(({ name }) => name)).toEqual(expect.arrayContaining(['Administrator', 'Reader']))
  expect(routes.find(route => route.method === 'POST' && route.path === '/admin/members/new')?.roles.map(({ name }) => name)).not.toContain(
    'Reader',
  )
  const page = await admin.page('/admin/permissions')
  expect(page).toContain('GET /admin/members')
  expect(page).toContain('Helpers (for its offers and groups)')
})
