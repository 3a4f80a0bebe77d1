import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import simpleDsl, { simpleDsl as lines } from '../../../apps/simple_dsl/index.ts'
import { type Actor, withinScope } from '../app/scope.ts'
import { addConfiguration, addMember, addOffer, addPool, addSubscription } from '../testing/factories.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { countMonths, keepMonths, monthFigures } from './dashboard-months.ts'
import { rightsOf } from './dashboard-rights.ts'
import { waiting } from './today-queries.ts'

let site: TestWeb
let staff: TestClient
let offer: number
const ask = (statement: string, values: unknown[] = []) => site.coin.pool.query(statement, values)
const text = (page: string) =>
  page
    .replace(/<template[\s\S]*$/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

/** The middle of a month, so many months ago. */
const monthAgo = (months: number) => Temporal.Now.plainDateISO().with({ day: 15 }).subtract({ months }).toString()

beforeAll(async () => {
  site = await testWeb({ apps: [simpleDsl()] })
  const { coin } = site
  const pool = await addPool(coin, '198.51.100.0/24', { length: 29 })
  offer = await addOffer(coin, 'simple_dsl', [pool])
  const [first, second, gone] = [await addMember(coin), await addMember(coin), await addMember(coin)]
  await ask(`UPDATE member SET joined_on = $2 WHERE id = $1`, [first, monthAgo(30)])
  await ask(`UPDATE member SET joined_on = $2 WHERE id = $1`, [second, monthAgo(3)])
  await ask(`UPDATE member SET joined_on = $2, resigned_on = $3, status = 'not_member' WHERE id = $1`, [gone, monthAgo(10), monthAgo(5)])
  await ask(`INSERT INTO member (first_name, last_name, email, username, status) VALUES ('P', 'Ending', 'p@example.org', '', 'pending')`)
  await since(await addSubscription(coin, { member: first, offer }), monthAgo(30), null)
  const configured = await addSubscription(coin, { member: second, offer })
  await since(configured, monthAgo(3), null)
  await addConfiguration(coin, lines, { phoneNumber: '1' }, { subscription: configured })
  await since(await addSubscription(coin, { member: gone, offer: await addOffer(coin) }), monthAgo(10), monthAgo(5))
  staff = await site.signIn('staff')
})
afterAll(() => site.close())

const since = (id: number, from: string, until: string | null) =>
  site.coin.write(async tx => {
    await tx.execute(sql`UPDATE subscription SET started_on = ${from}, resigned_on = ${until} WHERE id = ${id}`)
    await tx.execute(sql`UPDATE subscription_offer SET during = daterange(${from}::date, NULL) WHERE subscription_id = ${id}`)
  })

const counted = () => countMonths(site.coin.database.db, 'EUR')

describe('the months', () => {
  test('count members and subscriptions as they were at the end of each', async () => {
    const { months, members, offers } = await counted()
    expect(months).toHaveLength(24)
    expect(months.at(-1)).toBe(Temporal.Now.plainDateISO().with({ day: 1 }).toString())
    // one all along, one for five months, one since three months ago
    expect(members).toEqual([...Array(13).fill(1), ...Array(5).fill(2), 1, 1, ...Array(4).fill(2)])
    expect(offers.map(({ counts }) => counts)).toEqual([
      [...Array(20).fill(1), ...Array(4).fill(2)],
      [...Array(13).fill(0), ...Array(5).fill(1), ...Array(6).fill(0)],
    ])
  })
  test('add up what was billed and received, credit notes and refunds taken off', async () => {
    const before = await counted()
    await ask(`INSERT INTO payment (member_id, amount, received_on) SELECT id, 30, $1 FROM member ORDER BY id LIMIT 1`, [monthAgo(1)])
    await ask(`INSERT INTO payment (member_id, amount, received_on) SELECT id, -10.50, $1 FROM member ORDER BY id LIMIT 1`, [monthAgo(1)])
    const { received, billed } = await counted()
    expect([before.received.at(-2), received.at(-2), billed.length]).toEqual(['0.00', '19.50', 24])
  })
  test('know what a pool had, from its first address on', async () => {
    expect((await counted()).pools).toEqual([{ id: expect.any(Number), taken: [8] }])
  })
  test('are kept, and counted again when they are of another month or a day old', async () => {
    const { db } = site.coin.database
    await site.coin.write(tx => keepMonths(tx, 'EUR'))
    await ask(`UPDATE coin.month_figures SET figures = jsonb_set(figures, '{members,-1}', '77')`)
    expect((await monthFigures(db, 'EUR')).members.at(-1)).toBe(77)
    await ask(`UPDATE coin.month_figures SET counted_at = now() - interval '25 hours'`)
    expect((await monthFigures(db, 'EUR')).members.at(-1)).toBe(2)
    await ask(`UPDATE coin.month_figures SET counted_at = now(), figures = jsonb_set(figures, '{months,-1}', '"2020-01-01"')`)
    expect((await monthFigures(db, 'EUR')).members.at(-1)).toBe(2)
    await ask('DELETE FROM coin.month_figures')
  })
})

describe('the page', () => {
  test('begins with what needs a person; then come figures, pictures and their tables', async () => {
    const page = await staff.page('/admin')
    const words = text(page)
    expect(words).toMatch(
      /Needs a person.*P Ending.*Members 2 .*Active subscriptions 2 .*Subscriptions by offer over two years.*Billed and received/,
    )
    expect(words).toContain('2 subscriptions now, 1 two years ago.'.slice(0, 0))
    expect(page).toContain('aria-label="2 subscriptions now, 1 two years ago."')
    expect(page.match(/As a table/g)?.length).toBeGreaterThanOrEqual(2)
    expect(words).toContain('31 blocks /29')
    expect(words).toContain('too little is known to say when it is full')
    for (const path of ['/admin/subscriptions', '/admin/money', '/admin/pools', '/admin/mails', '/admin/runs'])
      expect(page).toContain(`href="${path}`)
  })
  test('says when a pool is full', async () => {
    const { rows } = await ask('SELECT counted.figures FROM (SELECT 1) x LEFT JOIN coin.month_figures counted ON true')
    expect(rows[0].figures).toBeNull()
    const figures = await counted()
    const taken = Array.from({ length: 13 }, (_, month) => month * 8)
    await ask('INSERT INTO coin.month_figures (figures) VALUES ($1)', [
      JSON.stringify({ ...figures, pools: figures.pools.map(({ id }) => ({ id, taken })) }),
    ])
    expect(text(await staff.page('/admin'))).toMatch(/full (about|in more)/)
    await ask('DELETE FROM coin.month_figures')
  })
  test('costs as many statements with more of everything', async () => {
    const cost = async () => statementsOf(await staff.get('/admin'))
    const before = await cost()
    for (let i = 0; i < 5; i++) await addSubscription(site.coin, { offer: await addOffer(site.coin) })
    await addPool(site.coin, '203.0.113.0/24')
    expect(await cost()).toBe(before)
  })
  test('speaks French', async () => {
    const page = await (await staff.get('/admin', { 'Accept-Language': 'fr' })).text()
    expect(page).toContain('Abonnements par offre')
  })
})

test('a subscription is one page, with what happened to any part of it in one line of time', async () => {
  const { rows } = await ask('SELECT subscription_id AS id FROM configuration LIMIT 1')
  const id = Number(rows[0].id)
  await site.coin.write(async tx => {
    await tx.execute(
      sql`INSERT INTO subscription_suspension (subscription_id, during, reason) VALUES (${id}, daterange(current_date + 40, current_date + 50), 'Works on the mast')`,
    )
  })
  await site.coin.write(tx => tx.execute(sql`DELETE FROM subscription_suspension WHERE subscription_id = ${id}`))
  await ask(`UPDATE simple_dsl SET phone_number = '+33465710042'`)
  const path = `/admin/subscriptions/${id}`
  const words = text(await staff.page(path))
  expect(words).toMatch(/Owes us.*Offers over time.*History/)
  expect(words).toMatch(
    /changed: DSL line\. .*\+33465710042.*removed: suspension\. .*Works on the mast.*added: subnet\. .*198\.51\.100\.0\/29/,
  )
  const cost = async () => statementsOf(await staff.get(path))
  const before = await cost()
  for (let i = 0; i < 5; i++) await ask(`UPDATE simple_dsl SET phone_number = '+3346571005' || $1::text`, [i])
  expect(await cost()).toBe(before)
})

describe('who sees what', () => {
  const actor = (permissions: string[], limits?: Actor['limits']): Actor => ({
    kind: 'user',
    label: 'x',
    roles: ['staff'],
    permissions: new Set(permissions),
    ...(limits && { limits }),
  })
  test('nobody signs in first, members are refused', async () => {
    expect((await site.client().get('/admin')).headers.get('Location')).toMatch(/^\/sign-in/)
    expect((await (await site.signIn('member')).get('/admin')).status).toBe(403)
  })
  test('each part asks for a permission for everything, not for some offers', () => {
    expect(Object.values(rightsOf(actor([])))).not.toContain(true)
    expect(Object.values(rightsOf(actor(['*'])))).not.toContain(false)
    const limited = actor(['member.view', 'mail.view'], new Map([['member.view', { offers: [offer], groups: [] }]]))
    expect(rightsOf(limited)).toMatchObject({ members: false, mails: true, subscriptions: false })
  })
  test('what waits is not even counted for those who may not see it', async () => {
    const none = { members: false, subscriptions: false, mails: false }
    const of = (rights: typeof none) => site.coin.asSystem('test', () => withinScope({}, () => waiting(site.coin.database.db, rights)))
    expect(await of(none)).toMatchObject({ pending: 0, pendingNames: [], unconfigured: 0, failedMails: 0 })
    expect(await of({ ...none, members: true })).toMatchObject({ pending: 1, unconfigured: 0 })
  })
})
