import { recordUsage } from 'coin'
import { addMember, addOffer, addSubscription, siteOf, type TestCoin, testCoin, type Visitor } from 'coin/testing'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { advanceRun, startRun } from '../../core/src/billing/run.ts'
import { setFreePrice } from '../../core/src/subscriptions/rules.ts'
import withBillingStrategy from '../fixtures/apps/with-billing-strategy/index.ts'

let coin: TestCoin
let staff: Visitor
beforeAll(async () => {
  coin = await testCoin({ apps: [withBillingStrategy()] })
  staff = await siteOf(coin).staff()
})
afterAll(() => coin.close())

const words = (page: string) =>
  page
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;|&#x27;/g, "'")
    .replace(/\s+/g, ' ')
const answered = async (path: string, form: Record<string, string>) => {
  const response = await staff.post(path, form)
  return { status: response.status, text: words(await response.text()), at: response.headers.get('location') ?? '' }
}
const offer = { name: 'Weekly', reference: 'weekly', configurationType: '', periodFee: '7', billingStrategy: 'weekly', currency: 'EUR' }
const change = (path: string, form: Record<string, string>) => answered(`${path}/edit`, { periodMonths: '1', billable: 'true', ...form })
const strategyOf = async (id: unknown) =>
  (await coin.pool.query('SELECT billing_strategy, minimum_fee, account FROM offer WHERE id = $1', [id])).rows[0]

describe('the form of an offer', () => {
  test('offers the strategies of Coin and of apps, in the reader’s language', async () => {
    const page = await staff.page('/admin/offers/new')
    expect(page).toMatch(/<option value="in_advance" selected[^>]*>In advance, from the 1st of the month/)
    expect(page).toMatch(/<option value="weekly"[^>]*>By the week, from Monday/)
    const french = await (await siteOf(coin).staff('fr')).page('/admin/offers/new')
    expect(french).toMatch(/<option value="in_advance" selected[^>]*>D’avance, à partir du 1er du mois/)
    expect(french).toMatch(/<option value="weekly"[^>]*>À la semaine, à partir du lundi/)
    expect(french).toContain('Minimum d’un prix libre')
  })

  test('keeps what is chosen, and shows it', async () => {
    const added = await answered('/admin/offers/new', { ...offer, minimumFee: '1', account: '706100' })
    expect(added.status).toBe(303)
    expect(await strategyOf(added.at.split('/').at(-1))).toEqual({ billing_strategy: 'weekly', minimum_fee: '1.00', account: '706100' })
    const page = words(await staff.page(added.at))
    expect(page).toMatch(/How it is billed\s+By the week, from Monday/)
    expect(page).toMatch(/Minimum of a free price\s+€1\.00/)
    expect(page).toMatch(/Account\s+706100/)
    expect(words(await staff.page('/admin/offers?q=weekly'))).toContain('By the week, from Monday')
  })

  test('refuses what nobody brings, and amounts that are none', async () => {
    const unknown = await answered('/admin/offers/new', { ...offer, reference: 'x', billingStrategy: 'guesswork' })
    expect([unknown.status, unknown.text]).toEqual([422, expect.stringContaining('Choose one of In advance, from the 1st of the month')])
    const below = await answered('/admin/offers/new', { ...offer, reference: 'x', minimumFee: '-1' })
    expect([below.status, below.text]).toEqual([422, expect.stringContaining('Give an amount such as 12.50.')])
    const dinar = await answered('/admin/offers/new', { ...offer, reference: 'x', currency: 'KWD' })
    expect([dinar.status, dinar.text]).toEqual([422, expect.stringContaining('this currency has three')])
    await expect(coin.write(tx => tx.execute(sql`UPDATE offer SET minimum_fee = -1`))).rejects.toThrow('A fee is not below zero.')
  })

  test('is not for members', async () => {
    const member = await siteOf(coin).member(await addMember(coin))
    expect((await member.get('/admin/offers/new')).status).toBe(403)
    expect((await member.post('/admin/offers/new', { ...offer, reference: 'mine' })).status).toBe(403)
    expect((await siteOf(coin).nobody().get('/admin/offers/new')).status).not.toBe(200)
  })
})

describe('a strategy whose app is gone', () => {
  test('is shown as missing, stays with its offer, and no other offer gets it', async () => {
    const id = await addOffer(coin)
    await coin.pool.query(`UPDATE offer SET name = 'Left over', billing_strategy = 'moon' WHERE id = $1`, [id])
    expect(words(await staff.page('/admin/offers'))).toContain('moon (not installed)')
    expect(words(await staff.page(`/admin/offers/${id}`))).toContain('moon (not installed)')
    expect(await staff.page(`/admin/offers/${id}/edit`)).toMatch(/<option value="moon" selected/)
    const form = { name: 'Left behind', reference: 'moon', configurationType: '', billingStrategy: 'moon', currency: 'EUR', vatRate: '0' }
    expect((await change(`/admin/offers/${id}`, { ...form, version: '2' })).status).toBe(303)
    expect(await strategyOf(id)).toMatchObject({ billing_strategy: 'moon' })
    const other = await answered('/admin/offers/new', { ...offer, reference: 'other', billingStrategy: 'moon' })
    expect([other.status, other.text]).toEqual([422, expect.stringContaining('No installed app bills this way.')])
  })
})

describe('a run', () => {
  const run = (date: string) =>
    coin.asSystem('test', () =>
      coin.write(async tx => {
        const id = await startRun(tx, { date })
        while (await advanceRun(tx, id));
        return id
      }),
    )

  test('bills by the strategy of an app, and sets aside who has one that nobody brings', async () => {
    const offers = [await addOffer(coin), await addOffer(coin)] as const
    await coin.pool.query(`UPDATE offer SET billing_strategy = CASE id WHEN $1 THEN 'weekly' ELSE 'moon' END WHERE id = ANY ($2)`, [
      offers[0],
      offers,
    ])
    const weekly = await addSubscription(coin, { offer: offers[0] })
    const lost = await addSubscription(coin, { offer: offers[1] })
    const id = await run('2026-01-12')
    const charges = `SELECT period::text, amount FROM charge WHERE subscription_id = $1 ORDER BY period`
    expect((await coin.pool.query(charges, [weekly])).rows).toEqual([
      { period: '[2026-01-01,2026-01-05)', amount: '20.00' },
      { period: '[2026-01-05,2026-01-12)', amount: '20.00' },
      { period: '[2026-01-12,2026-01-19)', amount: '20.00' },
    ])
    expect((await coin.pool.query(charges, [lost])).rows).toEqual([])
    const { rows } = await coin.pool.query(
      `SELECT m.error FROM billing_run_member m JOIN subscription s USING (member_id) WHERE s.id = $1 AND m.run_id = $2 AND m.state = 'failed'`,
      [lost, id],
    )
    expect(rows).toEqual([{ error: expect.objectContaining({ message: expect.stringContaining('no installed app brings') }) }])

    const stays = await change(`/admin/offers/${offers[0]}`, {
      name: 'x',
      reference: 'changed',
      configurationType: '',
      billingStrategy: 'in_arrears',
      currency: 'EUR',
      vatRate: '0',
      version: '2',
    })
    expect([stays.status, stays.text]).toEqual([422, expect.stringContaining('Subscribers were billed by these terms')])
  })

  test('bills what was used, once its month has ended', async () => {
    const metered = await addOffer(coin)
    await coin.pool.query(`UPDATE offer SET billing_strategy = 'usage' WHERE id = $1`, [metered])
    const subscription = await addSubscription(coin, { offer: metered })
    await coin.write(tx =>
      recordUsage(tx, [
        { subscriptionId: subscription, source: 'usage', day: '2026-01-31', quantity: 1.5 },
        { subscriptionId: subscription, source: 'usage', day: '2026-02-01', quantity: 100 },
      ]),
    )
    await run('2026-02-01')
    const { rows } = await coin.pool.query('SELECT kind, quantity::float, amount FROM charge WHERE subscription_id = $1', [subscription])
    expect(rows).toEqual([{ kind: 'usage', quantity: 1.5, amount: '30.00' }])
  })
})

test('a price below the minimum of its offer is refused, and says what the minimum is', async () => {
  const id = await addOffer(coin)
  await coin.pool.query('UPDATE offer SET minimum_fee = 5 WHERE id = $1', [id])
  const subscription = await addSubscription(coin, { offer: id })
  await expect(coin.write(tx => setFreePrice(tx, subscription, { first: '2026-01-01', periodFee: '4.99' }))).rejects.toMatchObject({
    message: 'The offer asks for {{minimum}} {{currency}} at least.',
    values: { minimum: '5.00', currency: 'EUR' },
  })
  await coin.write(tx => setFreePrice(tx, subscription, { first: '2026-01-01', periodFee: '5' }))
})

describe('what was used', () => {
  let subscription: number
  beforeAll(async () => {
    subscription = await addSubscription(coin)
  })
  const used = (quantity: string | number, day = '2026-01-01', source = 'traffic') => ({
    subscriptionId: subscription,
    source,
    day,
    quantity,
  })
  const kept = async () =>
    (
      await coin.pool.query('SELECT source, day::text, quantity::float FROM subscription_usage WHERE subscription_id = $1 ORDER BY 1, 2', [
        subscription,
      ])
    ).rows
  const recheck = async () => {
    const { rows } = await coin.pool.query(
      `WITH was AS (SELECT recheck FROM billing_state WHERE subscription_id = $1), now AS (UPDATE billing_state SET recheck = false WHERE subscription_id = $1) SELECT recheck FROM was`,
      [subscription],
    )
    return rows[0].recheck
  }

  test('is replaced day by day, and looked at again only where it differs', async () => {
    expect(await coin.write(tx => recordUsage(tx, [used(3), used('1.5', '2026-01-02'), used(4), used(9, '2026-01-01', 'calls')]))).toBe(3)
    expect(await kept()).toEqual([
      { source: 'calls', day: '2026-01-01', quantity: 9 },
      { source: 'traffic', day: '2026-01-01', quantity: 4 },
      { source: 'traffic', day: '2026-01-02', quantity: 1.5 },
    ])
    expect(await recheck()).toBe(true)
    expect(await coin.write(tx => recordUsage(tx, [used('4.0000'), used(1.5, '2026-01-02')]))).toBe(0)
    expect(await recheck()).toBe(false)
    expect(await coin.write(tx => recordUsage(tx, [used(5)]))).toBe(1)
    expect(await recheck()).toBe(true)
    expect(await coin.write(tx => recordUsage(tx, []))).toBe(0)
  })

  test('is refused in words when it is none', async () => {
    await expect(coin.write(tx => recordUsage(tx, [used(-1)]))).rejects.toThrow('A quantity that was measured is not below zero.')
    await expect(coin.write(tx => recordUsage(tx, [used(1, '2026-01-01', 'Tra ffic')]))).rejects.toThrow('Name the source')
  })
})
