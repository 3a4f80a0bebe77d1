import {
  addConfiguration,
  addMember,
  addOffer,
  addPool,
  addSubscription,
  siteOf,
  type TestCoin,
  testCoin,
  type Visitor,
} from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import simpleDsl from '../../apps/simple_dsl/index.ts'
import withNames, { namedLine } from '../fixtures/apps/with-names/index.tsx'

// Nothing is registered: an app's type joins the back office because it is declared.
let coin: TestCoin
let staff: Visitor
let french: Visitor
let subscription: number

beforeAll(async () => {
  coin = await testCoin({ apps: [simpleDsl(), withNames()] })
  staff = await siteOf(coin).staff()
  french = await siteOf(coin).staff('fr')
  const offer = await addOffer(coin, 'simple_dsl', [await addPool(coin, '192.0.2.0/24')])
  subscription = await addSubscription(coin, { offer, member: await addMember(coin, { lastName: 'Lovelace' }) })
  await addConfiguration(coin, namedLine, { nick: 'harbour' })
})
afterAll(() => coin.close())

const words = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
const version = (page: string) => page.match(/name="version" value="(\d+)"/)?.[1] ?? ''
const lineOf = async () => (await coin.pool.query<{ id: number; phone_number: string }>('SELECT id, phone_number FROM simple_dsl')).rows[0]

test('one that is added begins with its type, then asks for its own fields', async () => {
  const choice = words(await staff.page('/admin/configurations/new'))
  for (const type of ['DSL line', 'Named line', 'plain_line']) expect(choice).toContain(type)
  const form = await staff.page('/admin/configurations/new?kind=simple_dsl')
  expect(form).toContain('name="phoneNumber"')
  expect(words(await french.page('/admin/configurations/new?kind=simple_dsl'))).toContain('Numéro de téléphone')
  const answer = await staff.post('/admin/configurations/new?kind=simple_dsl', {
    subscriptionId: String(subscription),
    phoneNumber: '+33 1',
  })
  expect(answer.status).toBe(303)
  expect(await lineOf()).toMatchObject({ phone_number: '+33 1' })
})

test('the list is over all types, and each type has its own columns', async () => {
  const all = words(await staff.page('/admin/configurations'))
  for (const word of ['+33 1', 'the line harbour', 'DSL line', 'Named line', 'Lovelace', '192.0.2.0/32']) expect(all).toContain(word)
  const own = words(await staff.page('/admin/configurations?view=simple_dsl'))
  expect(own).toContain('Phone number')
  expect(own).not.toContain('harbour')
})

test('its inline is edited on the page of the subscription, and the change is in the history', async () => {
  const page = await staff.page(`/admin/subscriptions/${subscription}`)
  const [, action = ''] = page.match(/<form[^>]*action="(\/admin\/configurations\/\d+\/inline)"/) ?? []
  const answer = await staff.post(action, {
    version: version(page.slice(page.indexOf(action))),
    phoneNumber: '+33 2',
    next: `/admin/subscriptions/${subscription}`,
  })
  expect(answer.status).toBe(303)
  expect(answer.headers.get('location')).toBe(`/admin/subscriptions/${subscription}`)
  expect(await staff.page(`/admin/subscriptions/${subscription}`)).toContain('value="+33 2"')
  const history = words(await staff.page(`/admin/configurations/${(await lineOf())?.id}/history`))
  expect(history).toMatch(/Phone number.*\+33 1.*\+33 2/)
})

test('a tabular inline stands side by side; a field that is secret is nowhere', async () => {
  const { rows } = await coin.pool.query<{ id: number; subscription_id: number }>(
    `SELECT id, subscription_id FROM configuration WHERE type = 'named_line'`,
  )
  const page = await staff.page(`/admin/subscriptions/${rows[0]?.subscription_id}`)
  expect(page).toMatch(/<div class="pair">.*name="nick"/s)
  expect(page).not.toContain('name="password"')
  expect(page).toContain(`href="/lines/${rows[0]?.id}"`)
})

test('removing it frees its addresses; the subscription stays', async () => {
  const line = await lineOf()
  const page = await staff.page(`/admin/configurations/${line?.id}/remove`)
  expect((await staff.post(`/admin/configurations/${line?.id}/remove`, { version: version(page) })).status).toBe(303)
  expect(await lineOf()).toBeUndefined()
  const { rows } = await coin.pool.query(
    'SELECT (SELECT count(*)::int FROM ip_subnet) AS subnets, (SELECT count(*)::int FROM subscription WHERE id = $1) AS subscriptions',
    [subscription],
  )
  expect(rows).toEqual([{ subnets: 0, subscriptions: 1 }])
})
