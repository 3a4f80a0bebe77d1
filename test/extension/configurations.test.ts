import { addConfiguration, addMember, addPool, siteOf, type TestCoin, testCoin, type Visitor } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import withNames, { namedLine, plainLine } from '../fixtures/apps/with-names/index.tsx'

let coin: TestCoin
let owner: number
let line: number
let visitors: { nobody: Visitor; owner: Visitor; other: Visitor; staff: Visitor }

beforeAll(async () => {
  coin = await testCoin({ basePath: '/coin', apps: [withNames()] })
  owner = await addMember(coin)
  line = await addConfiguration(coin, namedLine, { nick: 'home' }, { member: owner, pools: [await addPool(coin, '192.0.2.0/24')] })
  const site = siteOf(coin)
  visitors = {
    nobody: site.nobody(),
    owner: await site.member(owner),
    other: await site.member(await addMember(coin)),
    staff: await site.staff(),
  }
})
afterAll(() => coin.close())

describe('verboseName', () => {
  const nameOf = (type: string) => {
    const found = coin.registry.configurations.get(type)?.configuration
    return found?.spec.verboseName ?? found?.type
  }
  test('names the type in the interface', () => expect(nameOf('named_line')).toBe('Named line'))
  test('is the table’s name unless given', () => expect(nameOf('plain_line')).toBe('plain_line'))
  test('the choice of a type on an offer says it', async () => {
    const form = await visitors.staff.page('/coin/admin/offers/new')
    expect(form).toContain('Named line')
    expect(form).toContain('plain_line')
  })
})

describe('views', () => {
  test('stand under urlNamespace, base path included', () => {
    expect(coin.registry.reverse('lines:details', { id: 7 })).toBe('/lines/7')
    expect(coin.registry.reverse('lines:rename', { id: 7 })).toBe('/lines/7/rename')
    expect(coin.registry.routes.filter(route => route.app === 'with_names').map(route => route.name)).toEqual([
      'lines:details',
      'lines:report',
      'lines:rename',
    ])
  })

  test('details shows the loaded configuration and its subnets to its owner and to staff', async () => {
    for (const visitor of [visitors.owner, visitors.staff]) {
      const page = await visitor.page(`/coin/lines/${line}`)
      expect(page).toContain('<h1 tabindex="-1">home</h1>')
      expect(page).toContain('<li>192.0.2.0/32</li>')
    }
  })

  test('nobody is asked to sign in, another member learns nothing', async () => {
    const refused = await visitors.nobody.get(`/coin/lines/${line}`)
    expect([302, 303, 401]).toContain(refused.status)
    expect((await visitors.other.get(`/coin/lines/${line}`)).status).toBe(404)
    expect((await visitors.other.post(`/coin/lines/${line}/rename`, { nick: 'stolen' })).status).toBe(404)
    expect((await visitors.owner.get(`/coin/lines/${line + 1000}`)).status).toBe(404)
    const { rows } = await coin.pool.query('SELECT nick FROM named_line')
    expect(rows).toEqual([{ nick: 'home' }])
  })

  test('a view for staff is not the owner’s', async () => {
    expect((await visitors.staff.get(`/coin/lines/${line}/report`)).status).toBe(200)
    expect((await visitors.owner.get(`/coin/lines/${line}/report`)).status).toBe(403)
  })

  test('post writes in a transaction of the one who asked', async () => {
    const answer = await visitors.owner.post(`/coin/lines/${line}/rename`, { nick: 'away' })
    expect(await answer.text()).toBe('home is now away')
    const { rows } = await coin.pool.query(
      `SELECT actor->>'label' AS by, changes->'nick' AS nick FROM coin.history WHERE table_name = 'named_line' AND op = 'changed'`,
    )
    expect(rows).toEqual([{ by: 'member', nick: ['home', 'away'] }])
  })

  test('without views there is nothing to visit, and no link to it', async () => {
    const plain = await addConfiguration(coin, plainLine, { nick: 'bare' }, { member: owner })
    expect((await visitors.owner.get(`/coin/plain_line/${plain}`)).status).toBe(404)
    const { rows } = await coin.pool.query<{ subscription_id: number }>('SELECT subscription_id FROM configuration WHERE id = $1', [plain])
    expect(await visitors.staff.page(`/coin/admin/subscriptions/${rows[0]?.subscription_id}`)).not.toContain('/plain_line/')
  })
})
