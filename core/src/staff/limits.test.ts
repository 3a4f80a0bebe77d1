import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kindsApp } from '../configurations/fixture/kinds.tsx'
import { addConfiguration } from '../configurations/rules.ts'
import { addMember, addOffer, addPool, addSubscription } from '../testing/factories.ts'
import { staffWith } from '../testing/staff-with.ts'
import { type TestClient, type TestWeb, testWeb } from '../testing/web.ts'

let web: TestWeb
let mine: { offer: number; member: number; subscription: number; configuration: number }
let theirs: typeof mine
let pool: number
beforeAll(async () => {
  web = await testWeb({ apps: [kindsApp()] })
  pool = await addPool(web.coin, '192.0.2.0/24')
  mine = await line('Amina')
  theirs = await line('Bruno')
})
afterAll(() => web.close())

async function line(firstName: string): Promise<typeof mine> {
  const { coin } = web
  const offer = await addOffer(coin, 'tunnel', [pool])
  const member = await addMember(coin, { firstName, lastName: 'Limite' })
  const subscription = await addSubscription(coin, { member, offer })
  const configuration = await coin.write(tx => addConfiguration(tx, coin.registry, { subscriptionId: subscription, values: {} }))
  return { offer, member, subscription, configuration }
}

const statusOf = async (client: TestClient, path: string) => (await client.get(path)).status
const rows = async <R extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  (await web.coin.database.db.execute<R>(statement)).rows

const all = [
  ...['view', 'add', 'change', 'remove'].flatMap(verb =>
    ['member', 'subscription', 'offer', 'configuration', 'subnet', 'suspension', 'invoice', 'fee'].map(name => `${name}.${verb}`),
  ),
  'pool.view',
  'provisioning.view',
  'billing.run',
]

test('staff of an offer see its members, subscriptions, configurations and addresses, in lists and one by one, and nothing else', async () => {
  const technician = await staffWith(web, all, { offers: [mine.offer] })
  for (const list of ['members', 'subscriptions', 'configurations']) {
    const page = await technician.page(`/admin/${list}`)
    expect(page, list).toContain('Amina')
    expect(page, list).not.toContain('Bruno')
  }
  expect(await technician.page('/admin/subnets')).not.toContain('Bruno')
  for (const [plural, key] of [
    ['members', 'member'],
    ['subscriptions', 'subscription'],
    ['offers', 'offer'],
    ['configurations', 'configuration'],
  ] as const) {
    expect(await statusOf(technician, `/admin/${plural}/${mine[key]}`), plural).toBe(200)
    expect(await statusOf(technician, `/admin/${plural}/${theirs[key]}`), plural).toBe(404)
    expect(await statusOf(technician, `/admin/${plural}/${theirs[key]}/history`), plural).toBe(404)
  }
  expect(await statusOf(technician, `/tunnel/${mine.configuration}`)).toBe(200)
  expect(await statusOf(technician, `/tunnel/${theirs.configuration}`)).toBe(404)
  expect(await statusOf(technician, `/admin/members/${mine.member}/money`)).toBe(200)
  expect(await statusOf(technician, `/admin/members/${theirs.member}/money`)).toBe(404)
  expect(await technician.page(`/admin/subscriptions/${mine.subscription}`)).toContain('192.0.2.')
  // what narrows nothing is not for them: neither a page nor its line in the menu
  expect(await statusOf(technician, '/admin/runs')).toBe(403)
  expect(await technician.page('/admin/members')).not.toContain('/admin/runs')
})

test('a member with subscriptions of several offers is theirs, the other subscriptions are not', async () => {
  const both = await line('Clara')
  const other = await addSubscription(web.coin, { member: both.member, offer: theirs.offer })
  const technician = await staffWith(web, all, { offers: [both.offer] })
  const page = await technician.page(`/admin/members/${both.member}`)
  expect(page).toContain(`/admin/subscriptions/${both.subscription}`)
  expect(page).not.toContain(`/admin/subscriptions/${other}"`)
  expect(await statusOf(technician, `/admin/subscriptions/${other}`)).toBe(404)
})

test('they add nothing of another offer, move nothing there, and nothing is half done', async () => {
  const technician = await staffWith(web, all, { offers: [mine.offer] })
  const form = await technician.page('/admin/subscriptions/new')
  expect(form).toContain(`value="${mine.offer}"`)
  expect(form).not.toContain(`value="${theirs.offer}"`)
  const count = async () => Number((await rows<{ count: string }>(sql`SELECT count(*) FROM subscription`))[0]?.count)
  const before = await count()
  const refused = await technician.post('/admin/subscriptions/new', { memberId: String(mine.member), offerId: String(theirs.offer) })
  expect(refused.status).toBe(422)
  expect(await count()).toBe(before)
  const moved = await technician.post(`/admin/subscriptions/${mine.subscription}/offer`, {
    offerId: String(theirs.offer),
    from: '2026-01-01',
  })
  expect(moved.status).toBeGreaterThanOrEqual(400)
  expect(await moved.text()).toContain('for some offers or groups of members only')
  expect(
    await rows(sql`SELECT FROM subscription_offer WHERE subscription_id = ${mine.subscription} AND offer_id = ${theirs.offer}`),
  ).toHaveLength(0)
  const given = await technician.post(`/admin/subscriptions/${mine.subscription}/edit`, {
    memberId: String(theirs.member),
    startedOn: '2026-01-01',
  })
  expect(given.status).toBe(422)
  for (const path of [
    `/admin/subscriptions/${theirs.subscription}/edit`,
    `/admin/subscriptions/${theirs.subscription}/remove`,
    `/admin/members/${theirs.member}/edit`,
  ])
    expect((await technician.post(path, { startedOn: '2026-01-01' })).status, path).toBe(404)
  expect(
    (
      await technician.post('/admin/members/new', {
        kind: 'natural',
        firstName: 'New',
        lastName: 'Member',
        email: 'new@example.org',
        country: 'FR',
        status: 'member',
      })
    ).status,
  ).toBe(422)
  const added = await technician.post('/admin/subscriptions/new', { memberId: String(mine.member), offerId: String(mine.offer) })
  expect(added.status).toBe(303)
})

test('staff of a group see its members whatever their offers, at the next request', async () => {
  const [group] = await rows<{ id: number }>(sql`INSERT INTO member_group (name) VALUES ('Schools') RETURNING id`)
  const helper = await staffWith(web, ['member.view', 'subscription.view'], { groups: [group?.id ?? 0] })
  expect(await statusOf(helper, `/admin/members/${theirs.member}`)).toBe(404)
  await web.coin.write(tx => tx.execute(sql`INSERT INTO group_member (group_id, member_id) VALUES (${group?.id ?? 0}, ${theirs.member})`))
  expect(await statusOf(helper, `/admin/members/${theirs.member}`)).toBe(200)
  expect(await statusOf(helper, `/admin/subscriptions/${theirs.subscription}`)).toBe(200)
  expect(await statusOf(helper, `/admin/subscriptions/${mine.subscription}`)).toBe(404)
  // seeing is not changing
  const page = await helper.page(`/admin/members/${theirs.member}`)
  expect(page).not.toContain(`/admin/members/${theirs.member}/edit`)
  expect(await statusOf(helper, `/admin/members/${theirs.member}/edit`)).toBe(403)
})

test('several roles together: a role without limits wins, permission by permission', async () => {
  const client = await staffWith(web, ['member.view', 'member.change', 'subscription.view'], { offers: [mine.offer] })
  expect(await statusOf(client, `/admin/members/${theirs.member}`)).toBe(404)
  await web.coin.write(tx =>
    tx.execute(sql`
    INSERT INTO user_role (user_id, role_id)
    SELECT u.user_id, r.id FROM role r, (SELECT user_id FROM user_role ORDER BY id DESC LIMIT 1) u WHERE r.name = 'Reader'`),
  )
  expect(await statusOf(client, `/admin/members/${theirs.member}`)).toBe(200)
  expect(await statusOf(client, `/admin/members/${theirs.member}/edit`)).toBe(404)
  expect(await statusOf(client, `/admin/members/${mine.member}/edit`)).toBe(200)
})

test('a pool that several share says of their own subnets only whose they are', async () => {
  const technician = await staffWith(web, all, { offers: [mine.offer] })
  const path = `/admin/pools/${pool}`
  const page = await technician.page(path)
  expect(page).toContain('Amina')
  expect(page).toContain(`/admin/subscriptions/${mine.subscription}`)
  expect(page).not.toContain('Bruno')
  expect(page).not.toContain(`/admin/subscriptions/${theirs.subscription}"`)
  expect(await technician.page(`${path}?block=Bruno`)).toContain('Nothing matches')
  expect(await (await web.signIn('staff')).page(`${path}?block=Bruno`)).toContain(`/admin/subscriptions/${theirs.subscription}`)
})

test('what was removed is shown again to those only who may see everything of its kind', async () => {
  const gone = await addMember(web.coin, { firstName: 'Zoltan', lastName: 'Limite' })
  await web.coin.write(tx => tx.execute(sql`DELETE FROM member WHERE id = ${gone}`))
  const [entry] = await rows<{ id: string }>(sql`SELECT max(id) AS id FROM coin.history WHERE table_name = 'member' AND op = 'removed'`)
  const path = `/admin/members/new?undo=${entry?.id}`
  expect(await (await staffWith(web, all, { offers: [mine.offer] })).page(path)).not.toContain('Zoltan')
  expect(await (await staffWith(web, ['member.add'])).page(path)).not.toContain('Zoltan')
  expect(await (await staffWith(web, ['member.add', 'member.view'])).page(path)).toContain('Zoltan')
})
