import { advanceRun, startRun } from '../billing/run.ts'
import { setAsideOf } from '../billing/run-queries.ts'
import { on } from '../payments/fixture.ts'
import type { TestCoin } from '../testing/coin.ts'

export { on }

/** Bills everybody up to a day, on that day, and issues it. Throws when somebody is set aside. */
export const billUpTo = (coin: TestCoin, day: string): Promise<void> =>
  on(coin, day, async tx => {
    const id = await startRun(tx, { date: day, issues: true })
    while (await advanceRun(tx, id));
    const aside = await setAsideOf(tx, id)
    if (aside.length > 0) throw new Error(JSON.stringify(aside))
  })

export interface GivenOffer {
  readonly name: string
  readonly fee: string
  readonly months?: number
  readonly initial?: string
  readonly vatRate?: string
  readonly currency?: string
}

/** An offer whose price is in force since 2020. */
export async function offerOf(coin: TestCoin, given: GivenOffer): Promise<number> {
  const { name, fee, months = 1, initial = '0', vatRate = '0', currency = 'EUR' } = given
  const { rows } = await coin.pool.query(
    `INSERT INTO offer (name, reference, period_months, vat_rate, currency) VALUES ($1, lower($1) || nextval('offer_id_seq'), $2, $3, $4) RETURNING id`,
    [name, months, vatRate, currency],
  )
  await coin.pool.query(`INSERT INTO offer_price (offer_id, effective_from, period_fee, initial_fee) VALUES ($1, '2020-01-01', $2, $3)`, [
    rows[0].id,
    fee,
    initial,
  ])
  return Number(rows[0].id)
}

/** A subscription of a member to an offer from a day on. */
export async function subscribe(coin: TestCoin, memberId: number, offerId: number, startedOn: string): Promise<number> {
  const { rows } = await coin.pool.query(
    `WITH s AS (INSERT INTO subscription (member_id, configuration_type, reference, started_on)
       SELECT $1::bigint, configuration_type, 'OWN-' || nextval('subscription_id_seq'), $3::date FROM offer WHERE id = $2 RETURNING id)
     INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during)
     SELECT s.id, o.id, o.configuration_type, daterange($3::date, NULL) FROM s, offer o WHERE o.id = $2 RETURNING subscription_id`,
    [memberId, offerId, startedOn],
  )
  return Number(rows[0].subscription_id)
}

/** The ids of a member's issued bills, in the order of their numbers. */
export async function billsOf(coin: TestCoin, memberId: number): Promise<number[]> {
  const { rows } = await coin.pool.query(`SELECT id FROM invoice WHERE member_id = $1 AND state = 'issued' ORDER BY issued_on, id`, [
    memberId,
  ])
  return rows.map(row => Number(row.id))
}
