import { execFile } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import simpleDsl, { simpleDsl as lines } from '../../../apps/simple_dsl/index.ts'
import { defineApp } from '../app/app.ts'
import { asWords, defineFinder } from '../app/finder.ts'
import { type Actor, withinScope } from '../app/scope.ts'
import { addConfiguration, addMember, addOffer, addPool, addSubscription } from '../testing/factories.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { searchAll } from './search-all.ts'

let site: TestWeb
let staff: TestClient
let amina: number
let luc: number
let subscription: number
let earlier: number
let offer: number

const read = async (client: TestClient, text: string, rest = '') => {
  const page = await client.page(`/admin/search?q=${encodeURIComponent(text)}${rest}`)
  return (/<div id="found"[\s\S]*?<\/main>/.exec(page)?.[0] ?? page).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
}
const find = (text: string, rest = '') => read(staff, text, rest)
const ask = (statement: string, values: unknown[] = []) => site.coin.pool.query(statement, values)

/** An app with finders of its own: one that finds masts by their names, one that never ends, one that fails. */
const masts = defineApp(
  { name: 'masts', verboseName: 'Masts', root: new URL('elsewhere/', import.meta.url).href },
  {
    finders: [
      defineFinder<string>({
        name: 'mast',
        label: 'Masts',
        access: 'staff',
        understand: text => (text.startsWith('mast ') ? { as: 'the name of a mast', value: text.slice(5) } : undefined),
        find: async name => [{ label: `Mast of ${name}`, path: '/masts/1', exact: true }],
      }),
      defineFinder<string>({
        name: 'endless',
        label: 'Endless things',
        access: 'staff',
        understand: text => (text === 'slow query' ? asWords(text) : undefined),
        find: async (_, tx) => {
          await tx.execute(sql`SELECT pg_sleep(60)`)
          return []
        },
      }),
      defineFinder<string>({
        name: 'secrets',
        label: 'Secret things',
        access: 'vault.open',
        understand: asWords,
        find: async () => [{ label: 'A secret', path: '/vault' }],
      }),
    ],
    permissions: { 'vault.open': 'Open the vault' },
  },
)

beforeAll(async () => {
  site = await testWeb({ apps: [simpleDsl(), masts()] })
  const { coin } = site
  const pools = [await addPool(coin, '198.51.100.0/24', { length: 29 }), await addPool(coin, '2001:db8:4000::/40', { length: 56 })]
  offer = await addOffer(coin, 'simple_dsl', pools)
  luc = await addMember(coin, { firstName: 'Luc', lastName: 'Tessier' })
  earlier = await addSubscription(coin, { member: luc, offer })
  const gone = await addConfiguration(coin, lines, { phoneNumber: '+33 4 65 71 99 99' }, { subscription: earlier })
  await coin.write(tx => tx.execute(sql`DELETE FROM ip_subnet WHERE configuration_id = ${gone}`))
  amina = await addMember(coin, { firstName: 'Amina', lastName: 'Bérthier', email: 'amina@example.net' })
  await ask(`UPDATE member SET mobile_phone = '+33 6 39 98 12 34' WHERE id = $1`, [amina])
  const other = await addOffer(coin, 'simple_dsl', pools)
  const { rows } = await ask(
    `WITH s AS (INSERT INTO subscription (member_id, configuration_type, reference, started_on) VALUES ($1, 'simple_dsl', 'COL-0182', '2026-01-01') RETURNING id)
     INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) SELECT id, $2, 'simple_dsl', '[2026-01-01,)' FROM s
     RETURNING subscription_id AS id`,
    [amina, other],
  )
  subscription = rows[0].id
  await addConfiguration(coin, lines, { phoneNumber: '04.65.71.00.00' }, { subscription })
  await ask(`INSERT INTO payment (member_id, amount, reference, received_on) VALUES ($1, 23.60, 'VIR LOYER 17', '2026-11-06')`, [amina])
  await ask(
    `INSERT INTO sepa_mandate (member_id, reference, iban, name, signed_on) VALUES ($1, 'RUM-77', 'FR7630006000011234567890189', 'A', '2026-01-01')`,
    [amina],
  )
  staff = await site.signIn('staff')
})
afterAll(() => site.close())

describe('what is understood', () => {
  test.each([
    ['198.51.100.3', 'an IPv4 address', 'Bérthier'],
    ['198.051.100.003', 'an IPv4 address', 'Bérthier'],
    ['198.51.100.*', 'a prefix of IPv4', 'Bérthier'],
    ['198.51.100.0/255.255.255.0', 'a prefix of IPv4', 'inside it'],
    ['198.51.100.1/32', 'an IPv4 address', 'Bérthier'],
    ['198.51.100.2/31', 'a prefix of IPv4', 'around it'],
    ['3.100.51.198.in-addr.arpa', 'a name of reverse DNS', 'Bérthier'],
    ['2001:DB8:4000::7', 'an IPv6 address', '2001:db8:4000::/56'],
    ['[2001:0db8:4000:0000::7]', 'an IPv6 address', '2001:db8:4000::/56'],
    ['0.4.8.b.d.0.1.0.0.2.ip6.arpa', 'a name of reverse DNS', '2001:db8:4000::/56 · Amina Bérthier'],
    ['0639981234', 'a phone number', 'Bérthier'],
    ['+33 6 39 98 12 34', 'a phone number', 'Bérthier'],
    ['06.39.98.12.34', 'a phone number', 'Bérthier'],
    ['+33465710000', 'a phone number', '04.65.71.00.00'],
    ['98 12 34', 'a phone number', 'Bérthier'],
    ['981234', 'a phone number', 'Bérthier'],
    ['berthier', 'part of a name', 'Amina Bérthier'],
    ['AMINA@EXAMPLE.NET', 'an e-mail address', 'Amina Bérthier'],
    ['col-0182', 'part of a name', 'COL-0182'],
    ['VIR SEPA COL 0182, COL-0182', 'the label of a transfer', 'COL-0182'],
    ['FR76 3000 6000 0112 3456 7890 189', 'an IBAN', 'RUM-77'],
    ['rum-77', 'part of a name', 'Amina Bérthier'],
    ['23,60 €', 'an amount', '23.60'],
    ['€23.60', 'an amount', '23.60'],
    ['loyer', 'part of a name', '23.60'],
    ['06/11/2026', 'a day', '23.60'],
    ['2026-01-01', 'a day', 'COL-0182'],
    ['02-00-5E-10-00-01', 'a MAC address', 'Nothing was found'],
    ['mast Hill', 'the name of a mast', 'Mast of Hill'],
  ])('%s is %s', async (text, understood, found) => {
    const page = await find(text)
    expect(page).toContain('Understood as')
    expect(page).toContain(understood)
    expect(page).toContain(found)
  })
  test('who held an address before is found with the days', async () => {
    const page = await find('198.51.100.3')
    expect(page).toMatch(/Held now 1 198\.51\.100\.0\/29 · Amina Bérthier/)
    expect(page).toMatch(/Held before 1 198\.51\.100\.0\/29 · Luc Tessier TEST-\d+ · from .*2026.* to .*2026/)
    expect(page).not.toContain('part of a name')
  })
  test('a number of Coin finds whatever has it', async () => {
    const page = await find(`#${amina}`)
    expect(page).toContain('the number of something')
    expect(page).toContain(`Member #${amina} Amina Bérthier`)
  })
  test('an IBAN is never shown whole', async () => {
    expect(await find('FR7630006000011234567890189')).not.toContain('30006000011234')
  })
  test.each([
    "'; DROP TABLE member --",
    '%%',
    '__',
    '\\\\',
    '<script>alert(1)</script>',
    '🦆'.repeat(120),
    '((((',
    '1e309',
    '#99999999999999999999',
    '١٢٣٤',
  ])('nothing is made of %j', async text => {
    const answer = await staff.get(`/admin/search?q=${encodeURIComponent(text)}`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).not.toMatch(/<script>alert|Amina/)
  })
  test('a letter is too little', async () => {
    expect(await find('a')).toContain('Type two characters or more.')
  })
})

test('Enter opens the only thing that is exactly what was typed, and shows what there is otherwise', async () => {
  const enter = async (text: string) => (await staff.get(`/admin/search?go=1&q=${encodeURIComponent(text)}`)).headers.get('Location')
  expect(await enter('amina@example.net')).toBe(`/admin/members/${amina}`)
  expect(await enter('COL-0182')).toBe(`/admin/subscriptions/${subscription}`)
  expect(await enter('198.51.100.3')).toBeNull()
  expect(await enter('amina')).toBeNull()
  expect((await staff.get('/admin/search?q=COL-0182')).status).toBe(200)
})

test('the field is on every page of staff, and answers while one types', async () => {
  expect(await staff.page('/admin/members')).toMatch(/<form class="find" method="get" action="\/admin\/search"/)
  const answer = await staff.get('/admin/search?typing=1&q=berthier', { 'HX-Request': 'true' })
  const part = await answer.text()
  expect(part).toMatch(/^<div id="menu-found"/)
  expect(part).toContain(`href="/admin/members/${amina}"`)
})

test('one finder that does not end loses nothing but what it would have found', async () => {
  const page = await find('slow query')
  expect(page).toContain('These could not be searched in time: Endless things.')
})

describe('nobody finds what they may not see', () => {
  const page = '/admin/search?q=berthier'
  test('nobody signs in first, members are refused', async () => {
    expect((await site.client().get(page)).headers.get('Location')).toMatch(/^\/sign-in/)
    expect((await (await site.member(amina)).get(page)).status).toBe(403)
  })
  const asActor = (permissions: string[], limits?: Actor['limits']) => (text: string) =>
    site.coin.asSystem('test', async () => {
      const actor: Actor = { kind: 'user', label: 'x', roles: ['staff'], permissions: new Set(permissions), ...(limits && { limits }) }
      const { groups } = await withinScope({ actor }, () => searchAll(site.coin.database.db, text, 10))
      return groups.flatMap(({ name, hits }) => hits.map(({ label, sub }) => `${name}: ${label} ${sub ?? ''}`))
    })
  test('each kind asks for its permission', async () => {
    expect(await asActor([])('berthier')).toEqual([])
    expect(await asActor([])(`#${amina}`)).toEqual([])
    const found = await asActor(['member.view'])('berthier')
    expect(found).toEqual([expect.stringMatching(/^member: Amina Bérthier/)])
    expect(await asActor(['member.view'])('198.51.100.3')).toEqual([])
    expect((await asActor(['*'])('berthier')).join()).toContain('A secret')
    expect((await asActor(['member.view'])('berthier')).join()).not.toContain('A secret')
  })
  test('who is limited to an offer finds what belongs to it, before as well as now', async () => {
    const limits = new Map(
      ['member', 'subscription', 'subnet', 'configuration', 'pool'].map(name => [`${name}.view`, { offers: [offer], groups: [] }]),
    )
    const seen = asActor([...limits.keys(), 'payment.view'], limits)
    expect(await seen('berthier')).toEqual([])
    expect((await seen('tessier')).join()).toContain('member: Luc Tessier')
    expect(await seen('0639981234')).toEqual([])
    expect(await seen('+33465710000')).toEqual([])
    const held = (await seen('198.51.100.3')).join()
    expect(held).toContain('held_before: 198.51.100.0/29 · Luc Tessier')
    expect(held).not.toContain('Bérthier')
  })
})

test('the number of statements does not grow with what is found', async () => {
  const cost = async () => statementsOf(await staff.get('/admin/search?q=member'))
  const before = await cost()
  for (let i = 0; i < 12; i++) await addSubscription(site.coin)
  expect(await cost()).toBe(before)
  expect(await find('member')).toContain('more than 8')
  expect(await find('member', '&kind=member')).toMatch(/Members 1\d/)
})

test('the terminal finds the same', async () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const run = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, 'core/bin/coin.js'), 'search', ...args], {
      cwd: root,
      env: {
        ...process.env,
        DATABASE_URL: site.coin.url,
        COIN_CONFIG: path.join(root, 'coin.config.ts'),
        COIN_SECRET: 'only-good-for-tests-but-long-enough',
        LANG: 'C',
        LC_ALL: 'C',
      },
    })
    return stdout
  }
  const [words, json] = await Promise.all([run('198.51.100.3'), run('amina@example.net', '--json')])
  expect(words).toMatch(/^Understood as an IPv4 address\.\n/)
  expect(words).toMatch(/Held before\n198\.51\.100\.0\/29 · Luc Tessier/)
  expect(JSON.parse(json)).toMatchObject({
    text: 'amina@example.net',
    groups: expect.arrayContaining([
      expect.objectContaining({
        name: 'member',
        hits: [expect.objectContaining({ label: 'Amina Bérthier', state: 'Member', exact: true })],
      }),
    ]),
  })
})
