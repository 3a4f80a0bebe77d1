import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import simpleDsl from '../../../apps/simple_dsl/index.ts'
import vpn from '../../../apps/vpn/index.tsx'
import { kindsApp } from '../configurations/fixture/kinds.tsx'
import { addConfiguration } from '../configurations/rules.ts'
import { addMember, addOffer, addPool, addSubscription } from '../testing/factories.ts'
import { staffWith } from '../testing/staff-with.ts'
import { type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { type StatedRoute, statedRoutes } from '../web/stated.ts'
import { createWeb } from '../web/web.ts'

let web: TestWeb
let routes: readonly StatedRoute[]
/** Rows that there are, by what stands before `:id`. */
const rows = new Map<string, number>()
let owner: TestClient
let member: TestClient
/** Works here, and may do nothing. */
let idle: TestClient
/** Works here, with the permissions that `allow` gave last. */
let allowed: TestClient

beforeAll(async () => {
  web = await testWeb({ apps: [kindsApp(), simpleDsl(), vpn({})] })
  const { coin } = web
  routes = statedRoutes(web.web)
  const pool = await addPool(coin, '192.0.2.0/24')
  const own = await addMember(coin)
  for (const [type, values] of [
    ['tunnel', {}],
    ['vpn', {}],
  ] as const) {
    const offer = await addOffer(coin, type, [pool])
    const subscription = await addSubscription(coin, { member: own, offer })
    const configuration = await coin.write(tx => addConfiguration(tx, coin.registry, { subscriptionId: subscription, values }))
    for (const [prefix, id] of Object.entries({
      [`/${type}`]: configuration,
      '/admin/offers': offer,
      '/admin/subscriptions': subscription,
      '/admin/configurations': configuration,
    }))
      rows.set(prefix, id)
  }
  const { rows: subnets } = await coin.database.db.execute<{ id: number }>(sql`SELECT id FROM ip_subnet LIMIT 1`)
  const { rows: roles } = await coin.database.db.execute<{ id: number }>(sql`SELECT id FROM role WHERE name = 'Reader'`)
  rows
    .set('/admin/subnets', subnets[0]?.id ?? 0)
    .set('/admin/roles', roles[0]?.id ?? 0)
    .set('/admin/pools', pool)
    .set('/admin/members', own)
  owner = await web.member(own)
  member = await web.member(await addMember(coin))
  idle = await staffWith(web, ['nothing.at_all'])
  // an administrator stays, whatever is done below
  await web.signIn('staff')
  allowed = await staffWith(web, [])
})
afterAll(() => web.close())

/** The address of a route, with a row that there is where one is known. */
const addressOf = ({ path }: StatedRoute) =>
  path
    .replace(/:(\w+)(\{[^}]*\})?\??/g, (_, name: string, __, at: number) => {
      const id = name === 'id' ? rows.get(path.slice(0, at - 1)) : undefined
      return String(id ?? 999_999)
    })
    .replace('*', 'css/none.css')

const ask = (client: TestClient, route: StatedRoute) =>
  route.method === 'GET' ? client.get(addressOf(route)) : client.post(addressOf(route))
const statusOf = async (client: TestClient, route: StatedRoute) => (await ask(client, route)).status
const named = ({ method, path, access }: StatedRoute) => `${method} ${path} (${access})`

/** Gives a permission, and that to see what it is about: nobody changes what they do not see. */
const allow = (permission: string) =>
  web.coin.pool.query(`UPDATE role SET permissions = $1 WHERE id = (SELECT role_id FROM user_role ORDER BY id DESC LIMIT 1)`, [
    [permission, `${permission.split('.')[0]}.view`],
  ])

/** Every route that refuses with another status than these, each on a line. */
async function wrong(
  asked: readonly StatedRoute[],
  client: TestClient,
  isRight: (status: number, answer: Response, route: StatedRoute) => boolean,
): Promise<string[]> {
  const found: string[] = []
  for (const route of asked) {
    const answer = await ask(client, route)
    if (!isRight(answer.status, answer, route)) found.push(`${named(route)}: ${answer.status}`)
  }
  return found
}

const needsPermission = (route: StatedRoute) => route.access.includes('.')

test('every route that is mounted says who may use it, and all kinds of it are here', () => {
  for (const access of ['public', 'signed_in', 'member', 'staff', 'owner', 'member.view', 'invoice.issue', 'role.change'])
    expect(
      routes.map(route => route.access),
      access,
    ).toContain(access)
  expect(routes.length).toBeGreaterThan(200)
  const other = createWeb(web.coin)
  other.get('/silent', c => c.text('open'))
  expect(() => statedRoutes(other)).toThrow(/Nobody knows/)
})

test('nobody is asked to sign in, or refused where there is no page to come back to', async () => {
  const nobody = web.client()
  const found = await wrong(
    routes.filter(({ access, machine }) => access !== 'public' && !machine),
    nobody,
    (status, answer, { method }) =>
      method === 'GET' ? status === 302 && (answer.headers.get('location') ?? '').includes('/sign-in') : status === 401,
  )
  expect(found).toEqual([])
  expect(
    await wrong(
      routes.filter(({ machine }) => machine),
      nobody,
      status => status === 401,
    ),
  ).toEqual([])
  // what is open answers; sign-in itself refuses an empty password
  expect(
    await wrong(
      routes.filter(({ access, machine, method }) => access === 'public' && !machine && method === 'GET'),
      nobody,
      status => status < 500 && status !== 403,
    ),
  ).toEqual([])
})

test('a member opens nothing of staff, and nothing of another member', async () => {
  expect(
    await wrong(
      routes.filter(route => needsPermission(route) || route.access === 'staff'),
      member,
      status => status === 403,
    ),
  ).toEqual([])
  expect(
    await wrong(
      routes.filter(({ access }) => access === 'owner'),
      member,
      status => status === 404,
    ),
  ).toEqual([])
})

test('the owner opens their own', async () => {
  const own = routes.filter(
    ({ access, path, method }) =>
      (access === 'owner' && path.endsWith('/:id{[0-9]+}') && method === 'GET') ||
      (access === 'member' && method === 'GET' && !path.includes(':')),
  )
  expect(own.length).toBeGreaterThan(5)
  expect(await wrong(own, owner, (status, _, { access }) => status < 400 || (access === 'member' && [404, 422].includes(status)))).toEqual(
    [],
  )
})

test('staff without the right are refused, with it let in', async () => {
  expect(await wrong(routes.filter(needsPermission), idle, status => status === 403)).toEqual([])
  expect(
    await wrong(
      routes.filter(({ access }) => access === 'owner'),
      idle,
      status => status === 404,
    ),
  ).toEqual([])
  expect(
    await wrong(
      routes.filter(({ access, method }) => access === 'staff' && method === 'GET'),
      idle,
      // some of these ask for more on their own
      status => status < 400 || [403, 404].includes(status),
    ),
  ).toEqual([])
  const found: string[] = []
  const permissions = new Map<string, StatedRoute[]>()
  for (const route of routes) {
    const permission = route.permission ?? (needsPermission(route) ? route.access : undefined)
    if (permission) permissions.set(permission, [...(permissions.get(permission) ?? []), route])
  }
  // what removes the rows comes last
  const ordered = [...permissions].sort(([a], [b]) => Number(a.endsWith('.remove')) - Number(b.endsWith('.remove')))
  for (const [permission, opened] of ordered) {
    await allow(permission)
    found.push(
      ...(await wrong(
        opened,
        allowed,
        (status, _, { path }) =>
          status < 500 &&
          status !== 401 &&
          status !== 403 &&
          (status !== 404 || !rows.has(path.split('/:')[0] ?? '') || path.includes(':invoice')),
      )),
    )
  }
  expect(found).toEqual([])
  expect(await statusOf(allowed, { method: 'GET', path: '/admin', name: '', app: '', access: 'staff' })).toBe(200)
})
