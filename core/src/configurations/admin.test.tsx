import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSite, member, staff } from '../admin/fixture.tsx'
import { nobody } from '../app/access.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember, addOffer, addPool, addSubscription } from '../testing/factories.ts'
import { countQueries, withQueryCount } from '../web/query-count.ts'
import { kindsApp } from './fixture/kinds.tsx'
import { addConfiguration } from './rules.ts'

let coin: TestCoin
let site: ReturnType<typeof adminSite>
let offers: { tunnel: number; line: number }
let amina: number
beforeAll(async () => {
  coin = await testCoin({ apps: [kindsApp()] })
  site = adminSite(coin)
  const pool = await addPool(coin, '192.0.2.0/24')
  offers = { tunnel: await addOffer(coin, 'tunnel', [pool]), line: await addOffer(coin, 'line') }
  amina = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier' })
})
afterAll(() => coin.close())

const idOf = (response: Response) => Number(/\d+$/.exec(response.headers.get('location') ?? '')?.[0])
const versionIn = (html: string) => /name="version" value="(\d+)"/.exec(html)?.[1] ?? ''
const page = async (path: string, actor = staff) => (await site.get(actor, path)).text()
const make = async (kind: 'tunnel' | 'line', values: Record<string, unknown>) => {
  const subscriptionId = await addSubscription(coin, { member: amina, offer: offers[kind] })
  return { subscriptionId, id: await coin.write(tx => addConfiguration(tx, coin.registry, { subscriptionId, values })) }
}

test('adding: the type first, then its own form; what is left empty is filled, and addresses are given', async () => {
  const subscription = await addSubscription(coin, { member: amina, offer: offers.tunnel })
  const first = await page(`/admin/configurations/new?subscriptionId=${subscription}`)
  expect(first).toContain('Tunnel')
  expect(first).toContain('Line')
  expect(first).toContain(`name="subscriptionId" value="${subscription}"`)
  const second = await page(`/admin/configurations/new?kind=tunnel&subscriptionId=${subscription}`)
  expect(second).toContain('name="login"')
  expect(second).not.toContain('name="secretHash"')
  expect(second).toContain('action="/admin/configurations/new?kind=tunnel"')
  const added = await site.post(staff, '/admin/configurations/new?kind=tunnel', {
    subscriptionId: String(subscription),
    login: '',
    activated: 'true',
    comment: 'In the attic',
  })
  expect(added.status).toBe(303)
  const id = idOf(added)
  const shown = await page(`/admin/configurations/${id}`)
  for (const words of ['aberthier-1', 'In the attic', '192.0.2.0/32', `href="/tunnel/${id}"`]) expect(shown).toContain(words)
  const twice = await site.post(staff, '/admin/configurations/new?kind=tunnel', { subscriptionId: String(subscription), login: 'x' })
  expect(twice.status).toBe(422)
  expect(await twice.text()).toContain('This subscription has a configuration already.')
})

test('a subscription of another type is refused in words', async () => {
  const subscription = await addSubscription(coin, { member: amina, offer: offers.line })
  const refused = await site.post(staff, '/admin/configurations/new?kind=tunnel', { subscriptionId: String(subscription), login: 'other' })
  expect(refused.status).toBe(422)
})

test('one list over all types, and one of each type with its own columns', async () => {
  await make('tunnel', { login: 'listed' })
  await make('line', { phone: '0123456789' })
  const all = await page('/admin/configurations')
  for (const words of ['listed', '0123456789', 'href="?view=tunnel"', 'href="?view=line"', 'Amina Berthier']) expect(all).toContain(words)
  const tunnels = await page('/admin/configurations?view=tunnel&sort=-own_login')
  expect(tunnels).toContain('aria-sort="descending"')
  expect(tunnels).not.toContain('0123456789')
  expect(await page('/admin/configurations?view=tunnel&q=liste')).toContain('listed')
  expect(await page('/admin/configurations?view=nonsense&q=nobody-at-all&sort=own_login')).toContain('Nothing matches')
  const line = await page('/admin/configurations?view=line')
  expect(line).toContain('0123456789')
})

test('the list costs the same number of statements however many rows', async () => {
  const own = await testCoin({ apps: [kindsApp()] })
  try {
    countQueries(own.database.pool)
    const ownSite = adminSite(own)
    const count = async (path: string) => {
      const { result, statements } = await withQueryCount(() => ownSite.get(staff, path))
      expect(result.status).toBe(200)
      return statements()
    }
    const paths = [
      '/admin/configurations',
      '/admin/configurations?view=tunnel',
      '/admin/configurations?q=memb',
      '/admin/subscriptions',
      '/admin/members',
    ]
    const fill = (from: number, to: number) =>
      own.pool.query(`
        INSERT INTO member (id, first_name, last_name, email, username) SELECT n, 'Ada', 'Member ' || n, 'm' || n || '@example.org', 'member' || n FROM generate_series(${from}, ${to}) n;
        INSERT INTO offer (id, name, reference, configuration_type) VALUES (1, 'Offer', 'offer', 'tunnel') ON CONFLICT DO NOTHING;
        INSERT INTO subscription (id, member_id, configuration_type, reference) SELECT n, n, 'tunnel', 'S' || n FROM generate_series(${from}, ${to}) n;
        INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) SELECT id, 1, 'tunnel', daterange(started_on, NULL) FROM subscription WHERE id BETWEEN ${from} AND ${to};
        INSERT INTO configuration (id, type, subscription_id) SELECT n, 'tunnel', n FROM generate_series(${from}, ${to}) n;
        INSERT INTO tunnel (id, login) SELECT n, 'login-' || n FROM generate_series(${from}, ${to}) n`)
    // more than a page: what is searched and fills one is counted, in one statement more
    await fill(1, 60)
    const few = []
    for (const path of paths) few.push(await count(path))
    await fill(61, 600)
    const many = []
    for (const path of paths) many.push(await count(path))
    expect(many).toEqual(few)
    // four of them count, for the menu, what needs a person
    expect(Math.max(...many)).toBeLessThanOrEqual(10)
  } finally {
    await own.close()
  }
})

test('the subscription’s page has the inline: what may be edited there, or how to add one', async () => {
  const { subscriptionId, id } = await make('tunnel', { login: 'inline' })
  const shown = await page(`/admin/subscriptions/${subscriptionId}`)
  expect(shown).toContain('name="login"')
  expect(shown).toContain('As the member sees it')
  expect(shown).not.toContain('name="activated"')
  const saved = await site.post(staff, `/admin/configurations/${id}/inline`, {
    login: 'inline-2',
    endpoint: '192.0.2.9',
    version: versionIn(shown),
    next: `/admin/subscriptions/${subscriptionId}`,
  })
  expect([saved.status, saved.headers.get('location')]).toEqual([303, `/admin/subscriptions/${subscriptionId}`])
  expect((await coin.pool.query(`SELECT login, activated, host(endpoint) AS endpoint FROM tunnel WHERE id = ${id}`)).rows).toEqual([
    { login: 'inline-2', activated: true, endpoint: '192.0.2.9' },
  ])
  const stale = await site.post(staff, `/admin/configurations/${id}/inline`, { login: 'inline-3', version: versionIn(shown) })
  expect(stale.status).toBe(409)
  expect(await stale.text()).toContain('<ins>inline-2</ins>')
  const bad = await site.post(staff, `/admin/configurations/${id}/inline`, {
    login: 'Not good',
    endpoint: '300.1.1.1',
    version: versionIn(shown),
  })
  expect(bad.status).toBe(422)
  const words = await bad.text()
  expect(words).toContain('Use letters, digits and dashes.')
  expect(words).toContain('value="300.1.1.1"')

  const bare = await addSubscription(coin, { member: amina, offer: offers.line })
  expect(await page(`/admin/subscriptions/${bare}`)).toContain(`/admin/configurations/new?kind=line&amp;subscriptionId=${bare}`)
  const { subscriptionId: lineSubscription } = await make('line', { phone: '01' })
  expect(await page(`/admin/subscriptions/${lineSubscription}`)).not.toContain('As the member sees it')
})

test('history is of the base and the type together, without secrets; removing releases the addresses', async () => {
  const { id } = await make('tunnel', { login: 'past', secretHash: 'hush-hush' })
  const edit = await page(`/admin/configurations/${id}/edit`)
  expect(edit).not.toContain('hush-hush')
  await site.post(staff, `/admin/configurations/${id}/edit`, {
    login: 'later',
    activated: 'false',
    endpoint: '',
    comment: 'Moved',
    version: versionIn(edit),
  })
  const history = await page(`/admin/configurations/${id}/history`)
  for (const words of ['<del>past</del>', '<ins>later</ins>', 'Moved', 'Login']) expect(history).toContain(words)
  expect(history).not.toContain('hush-hush')
  const { rows } = await coin.pool.query(`SELECT prefix::text FROM ip_subnet WHERE configuration_id = ${id}`)
  const asked = await page(`/admin/configurations/${id}/remove`)
  expect(asked).toContain(rows[0].prefix)
  expect((await site.post(staff, `/admin/configurations/${id}/remove`, { version: versionIn(asked) })).status).toBe(303)
  expect((await coin.pool.query(`SELECT FROM tunnel WHERE id = ${id}`)).rowCount).toBe(0)
  expect((await coin.pool.query(`SELECT FROM ip_subnet WHERE configuration_id = ${id}`)).rowCount).toBe(0)
})

test('the member’s own form: the owner changes these fields alone, with errors and conflicts in place', async () => {
  const { id } = await make('tunnel', { login: 'mine' })
  const owner = { ...member, memberId: amina }
  const shown = await page(`/tunnel/${id}`, owner)
  expect(shown).toContain('name="endpoint"')
  expect(shown).not.toContain('name="login"')
  expect((await site.get({ ...member, memberId: amina + 1000 }, `/tunnel/${id}`)).status).toBe(404)
  const bad = await site.post(owner, `/tunnel/${id}`, { endpoint: 'nowhere', version: versionIn(shown) })
  expect(bad.status).toBe(422)
  expect(await bad.text()).toContain('Give an address such as 192.0.2.1')
  const saved = await site.post(owner, `/tunnel/${id}`, { endpoint: '192.0.2.7', login: 'stolen', version: versionIn(shown) })
  expect([saved.status, saved.headers.get('location')]).toEqual([303, `/tunnel/${id}`])
  expect((await coin.pool.query(`SELECT login, host(endpoint) AS endpoint FROM tunnel WHERE id = ${id}`)).rows).toEqual([
    { login: 'mine', endpoint: '192.0.2.7' },
  ])
  const stale = await site.post(owner, `/tunnel/${id}`, { endpoint: '192.0.2.8', version: versionIn(shown) })
  expect(stale.status).toBe(409)
  expect(await stale.text()).toContain('value="192.0.2.8"')
})

test('each page as nobody, the owner and staff', async () => {
  const { id } = await make('line', { phone: '02' })
  for (const path of [
    '/admin/configurations',
    '/admin/configurations/new',
    '/admin/configurations/new?kind=line',
    `/admin/configurations/${id}`,
    `/admin/configurations/${id}/edit`,
    `/admin/configurations/${id}/inline`,
    `/admin/configurations/${id}/history`,
    `/admin/configurations/${id}/remove`,
  ]) {
    expect([path, (await site.get(nobody, path)).status]).toEqual([path, 302])
    expect([path, (await site.get({ ...member, memberId: amina }, path)).status]).toEqual([path, 403])
    expect([path, (await site.get(staff, path)).status]).toEqual([path, 200])
  }
  for (const path of [
    '/admin/configurations/new?kind=line',
    `/admin/configurations/${id}/edit`,
    `/admin/configurations/${id}/inline`,
    `/admin/configurations/${id}/remove`,
  ]) {
    expect([path, (await site.post({ ...member, memberId: amina }, path, { phone: 'x' })).status]).toEqual([path, 403])
  }
  expect((await site.get(staff, '/admin/configurations/999999')).status).toBe(404)
})
