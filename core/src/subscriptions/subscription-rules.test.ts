import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { addDiscount, addOffer, addOfferPrice, addSubscription, changeOffer, moveStart, resign, setFreePrice, suspend } from './rules.ts'

let coin: TestCoin
let member: number
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  member = await addMember(coin)
})
afterAll(() => coin.close())

let number = 0
const offer = (type = '') =>
  coin.write(tx => addOffer(tx, { name: 'Line', reference: `line-${++number}`, configurationType: type, periodFee: '20.00' }))
const subscription = async (given: { type?: string; startedOn?: string } = {}) => {
  const offerId = await offer(given.type)
  return coin.write(tx => addSubscription(tx, { memberId: member, offerId, startedOn: given.startedOn ?? '2026-01-15' }))
}
const offersOf = async (id: number) =>
  (
    await coin.pool.query<{ offer: number; during: string }>(
      'SELECT offer_id::int AS offer, during::text FROM subscription_offer WHERE subscription_id = $1 ORDER BY during',
      [id],
    )
  ).rows

describe('a subscription', () => {
  test('has its offer from its start on, and a reference made from the pattern', async () => {
    const offerId = await offer()
    const id = await coin.write(tx => addSubscription(tx, { memberId: member, offerId, startedOn: '2026-03-01' }, 'COL-{{number}}'))
    const { rows } = await coin.pool.query('SELECT reference, started_on FROM subscription WHERE id = $1', [id])
    expect(rows[0]).toMatchObject({ reference: `COL-${String(id).padStart(4, '0')}` })
    expect(await offersOf(id)).toEqual([{ offer: offerId, during: '[2026-03-01,)' }])
  })

  test('cannot lose its offer, in psql either', async () => {
    const id = await subscription()
    await expect(coin.pool.query('DELETE FROM subscription_offer WHERE subscription_id = $1', [id])).rejects.toMatchObject({
      constraint: 'subscription_has_offer',
    })
    await expect(
      coin.pool.query(`UPDATE subscription_offer SET during = '[2026-01-15,2026-02-01)' WHERE subscription_id = $1`, [id]),
    ).rejects.toMatchObject({ constraint: 'subscription_has_offer' })
    await expect(coin.pool.query(`INSERT INTO subscription (member_id) VALUES ($1)`, [member])).rejects.toMatchObject({
      constraint: 'subscription_has_offer',
    })
    expect(await offersOf(id)).toHaveLength(1)
  })

  test('keeps its reference', async () => {
    const id = await subscription()
    await expect(coin.pool.query(`UPDATE subscription SET reference = 'OTHER' WHERE id = $1`, [id])).rejects.toMatchObject({
      constraint: 'subscription_reference_stays',
    })
  })

  test('cannot end before it starts', async () => {
    const id = await subscription({ startedOn: '2026-05-10' })
    await expect(coin.write(tx => resign(tx, id, '2026-05-09'))).rejects.toMatchObject({
      code: 'invalid',
      fields: [{ field: 'resignedOn' }],
    })
    await coin.write(tx => resign(tx, id, '2026-05-10'))
  })

  test('moves its start, and its first offer follows', async () => {
    const id = await subscription()
    await coin.write(tx => moveStart(tx, id, '2026-02-01'))
    expect(await offersOf(id)).toMatchObject([{ during: '[2026-02-01,)' }])
  })
})

describe('a change of offer', () => {
  test('ends the one and begins the other on the same day; what was planned later is dropped', async () => {
    const id = await subscription()
    const [second, third] = [await offer(), await offer()]
    await coin.write(tx => changeOffer(tx, id, second, '2026-06-01'))
    await coin.write(tx => changeOffer(tx, id, third, '2026-04-01'))
    expect(await offersOf(id)).toMatchObject([{ during: '[2026-01-15,2026-04-01)' }, { offer: third, during: '[2026-04-01,)' }])
  })

  test('keeps the type of the configuration', async () => {
    const id = await subscription({ type: 'line' })
    const other = await offer('radio')
    await expect(coin.write(tx => changeOffer(tx, id, other, '2026-06-01'))).rejects.toMatchObject({
      code: 'invalid',
      fields: [{ field: 'offerId' }],
    })
    await expect(
      coin.pool.query(`UPDATE subscription_offer SET offer_id = $2 WHERE subscription_id = $1`, [id, other]),
    ).rejects.toMatchObject({ constraint: 'subscription_offer_offer' })
  })

  test('is refused before the start', async () => {
    const id = await subscription()
    const other = await offer()
    await expect(coin.write(tx => changeOffer(tx, id, other, '2026-01-01'))).rejects.toMatchObject({ fields: [{ field: 'from' }] })
  })
})

describe('suspensions, discounts and free prices', () => {
  test('never overlap one of their kind', async () => {
    const id = await subscription()
    await coin.write(tx => suspend(tx, id, { first: '2026-02-01', last: '2026-02-10' }))
    await coin.write(tx => suspend(tx, id, { first: '2026-02-11' }))
    await expect(coin.write(tx => suspend(tx, id, { first: '2026-02-10', last: '2026-02-10' }))).rejects.toMatchObject({
      constraint: 'subscription_suspension_one_at_a_time',
      fields: [{ field: 'from' }],
    })
    await coin.write(tx => setFreePrice(tx, id, { first: '2026-02-01', periodFee: '15.00' }))
    await expect(coin.write(tx => setFreePrice(tx, id, { first: '2026-03-01', periodFee: '16.00' }))).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  test('a discount is an amount or a share, never both, never none', async () => {
    const id = await subscription()
    const grant = (amount: string | null, percent: string | null) =>
      coin.write(tx => addDiscount(tx, id, { first: '2026-02-01', last: '2026-02-28', label: 'Welcome', amount, percent }))
    await expect(grant(null, null)).rejects.toMatchObject({ fields: [{ field: 'amount' }] })
    await expect(grant('2.00', '10')).rejects.toMatchObject({ fields: [{ field: 'amount' }] })
    await expect(grant(null, '101')).rejects.toMatchObject({ fields: [{ field: 'percent' }] })
    expect(await grant(null, '10')).toBeGreaterThan(0)
  })

  test('a last day before the first is refused', async () => {
    const id = await subscription()
    await expect(coin.write(tx => suspend(tx, id, { first: '2026-02-10', last: '2026-02-01' }))).rejects.toMatchObject({
      fields: [{ field: 'until' }],
    })
  })
})

describe('an offer', () => {
  test('has one price a day', async () => {
    const id = await offer()
    await coin.write(tx => addOfferPrice(tx, { offerId: id, periodFee: '22.00', effectiveFrom: '2027-01-01' }))
    await expect(
      coin.write(tx => addOfferPrice(tx, { offerId: id, periodFee: '23.00', effectiveFrom: '2027-01-01' })),
    ).rejects.toMatchObject({ fields: [{ field: 'effectiveFrom' }] })
    await expect(coin.write(tx => addOfferPrice(tx, { offerId: id, periodFee: '-1', effectiveFrom: '2027-02-01' }))).rejects.toMatchObject({
      fields: [{ field: 'periodFee' }],
    })
  })

  test('with subscribers keeps its type and cannot be removed', async () => {
    const id = await subscription({ type: 'line' })
    const [row] = await offersOf(id)
    await expect(coin.pool.query(`UPDATE offer SET configuration_type = 'radio' WHERE id = $1`, [row?.offer])).rejects.toMatchObject({
      code: '23503',
    })
    await expect(coin.write(tx => tx.execute(sql`DELETE FROM offer WHERE id = ${row?.offer}`))).rejects.toMatchObject({
      constraint: 'subscription_offer_offer',
    })
  })
})

test('no date or amount is infinite or not a number, in psql either', async () => {
  const id = await subscription()
  const refused = async (statement: string, constraint: string) =>
    expect(coin.pool.query(statement, [id])).rejects.toMatchObject({ constraint })
  await refused(`UPDATE subscription SET resigned_on = 'infinity' WHERE id = $1`, 'subscription_dates_finite')
  const dated = `(subscription_id, during`
  await refused(`INSERT INTO subscription_suspension ${dated}) VALUES ($1, '[infinity,)')`, 'subscription_suspension_finite')
  await refused(`INSERT INTO subscription_suspension ${dated}) VALUES ($1, '[2026-02-01,infinity)')`, 'subscription_suspension_finite')
  const amount = `${dated}, label, amount) VALUES ($1, '[2026-02-01,)', 'Welcome', 'NaN')`
  await refused(`INSERT INTO subscription_discount ${amount}`, 'subscription_discount_finite')
  await refused(
    `INSERT INTO subscription_free_price ${dated}, period_fee) VALUES ($1, '[2026-02-01,)', 'NaN')`,
    'subscription_free_price_finite',
  )
  const price = `INSERT INTO offer_price (offer_id, effective_from, period_fee) SELECT offer_id`
  const of = 'FROM subscription_offer WHERE subscription_id = $1'
  await refused(`${price}, '2030-01-01', 'NaN' ${of}`, 'offer_price_finite')
  await refused(`${price}, 'infinity', 1 ${of}`, 'offer_price_finite')
})

test('nothing is truncated, because neither history nor outbox would know', async () => {
  for (const table of [
    'member',
    'offer',
    'offer_price',
    'subscription',
    'subscription_offer',
    'configuration',
    'offer_pool',
    'coin.history',
    'coin.outbox',
  ]) {
    await expect(coin.pool.query(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject({ constraint: 'no_truncate' })
  }
})

test('one configuration at most, and of the subscription’s type', async () => {
  const id = await subscription({ type: 'line' })
  await expect(coin.pool.query(`INSERT INTO configuration (type, subscription_id) VALUES ('radio', $1)`, [id])).rejects.toMatchObject({
    constraint: 'configuration_type_of_subscription',
  })
  await coin.pool.query(`INSERT INTO configuration (type, subscription_id) VALUES ('line', $1)`, [id])
  await expect(coin.pool.query(`INSERT INTO configuration (type, subscription_id) VALUES ('line', $1)`, [id])).rejects.toMatchObject({
    constraint: 'configuration_one_per_subscription',
  })
})
