import { addMember, addOffer, addSubscription, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSite, staff } from '../admin/fixture.tsx'
import { addRow, changeRow, removeRow } from '../admin/write.ts'
import { systemActor } from '../app/access.ts'
import type { ChangePlan, PlannedChange } from '../app/plan.ts'
import type { AnyResource } from '../app/resource.ts'
import { changeOffer } from '../subscriptions/rules.ts'
import { advanceRun, startRun } from './run.ts'

let coin: TestCoin
let site: ReturnType<typeof adminSite>
beforeAll(async () => {
  coin = await testCoin({ apps: [], billing: { suspensionStopsBilling: true } })
  await coin.pool.query(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET coin.today = ''2026-11-23''', current_database()); END $$`)
  site = adminSite(coin)
})
afterAll(() => coin.close())

const until = '2026-12-01'
const actor = systemActor('plan')
const named = (name: string) => coin.registry.resources.get(name)?.resource as AnyResource
const rows = async <T>(statement: string, values: unknown[] = []): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]
const inScope = <R>(work: () => Promise<R>) => coin.asSystem('plan', work)
const plain = (html: string) => html.replaceAll(/[\u202f\u00a0]/g, ' ')
const text = (html: string) =>
  plain(html)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

/** Does a run up to the first of next month; gives its lines of one member. */
async function bill(member: number): Promise<string[]> {
  const id = await inScope(() => coin.write(tx => startRun(tx, { date: until })))
  while (await inScope(() => coin.write(tx => advanceRun(tx, id))));
  const lines = await rows<{ line: string }>(
    `SELECT l.description || '|' || l.explanation || '|' || l.net AS line FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id WHERE i.run_id = $1 AND i.member_id = $2`,
    [id, member],
  )
  return lines.map(({ line }) => line).sort()
}

const linesOf = ({ money }: ChangePlan, kind: 'added' | 'removed') =>
  money.flatMap(({ lines }) =>
    lines.filter(line => line.kind === kind).map(({ description, explanation, amount }) => `${description}|${explanation}|${amount}`),
  )

/** The same numbers for the same seed. */
function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return (state >>> 0) % below
  }
}

test.each([3, 11, 42])('seed %i: whatever is changed, the run bills what the plans have said, and nothing else', async seed => {
  const roll = dice(seed)
  const day = (from = 0) =>
    Temporal.PlainDate.from('2026-01-01')
      .add({ days: from + roll(330) })
      .toString()
  const [first, second] = [await addOffer(coin), await addOffer(coin)]
  await coin.pool.query('UPDATE offer_price SET period_fee = 31.5 WHERE offer_id = $1', [second])
  const member = await addMember(coin)
  const subscription = await addSubscription(coin, { member, offer: first })
  await bill(member)

  const change = async (): Promise<PlannedChange<unknown>> => {
    const existing = async (table: string) =>
      (
        await rows<{ id: string; version: number; first: string }>(
          `SELECT id, version, lower(during)::text AS first FROM subscription_${table} WHERE subscription_id = $1`,
          [subscription],
        )
      )[0]
    const from = day()
    const until = Temporal.PlainDate.from(from)
      .add({ days: roll(60) })
      .toString()
    const dated = async (name: string, table: string, values: Record<string, unknown>): Promise<PlannedChange<unknown>> => {
      const found = await existing(table)
      if (!found) return writer => addRow(writer, actor, named(name), { subscriptionId: subscription, from, until, ...values })
      const id = Number(found.id)
      return roll(2) === 0
        ? writer => removeRow(writer, actor, named(name), id)
        : writer => changeRow(writer, actor, named(name), id, undefined, { from, until, ...values })
    }
    const changing =
      (values: Record<string, unknown>): PlannedChange<unknown> =>
      writer =>
        changeRow(writer, actor, named('subscription'), subscription, undefined, values)
    const offering =
      (offer: number, day: string): PlannedChange<unknown> =>
      writer =>
        writer.transaction(actor, tx => changeOffer(tx, subscription, offer, day))
    const adding =
      (name: string, values: Record<string, unknown>): PlannedChange<unknown> =>
      writer =>
        addRow(writer, actor, named(name), values)
    const kinds = [
      () => dated('suspension', 'suspension', { reason: '' }),
      () =>
        dated(
          'discount',
          'discount',
          roll(2) === 0 ? { label: 'Less', percent: '33', amount: null } : { label: 'Less', percent: null, amount: '3.5' },
        ),
      () => dated('free_price', 'free_price', { periodFee: String(roll(40)) }),
      async () => offering(roll(2) === 0 ? second : first, from),
      async () => changing({ resignedOn: roll(2) === 0 ? day(300) : null }),
      async () => adding('price', { offerId: first, effectiveFrom: from, periodFee: String(10 + roll(30)), initialFee: '0' }),
    ]
    return (kinds[roll(kinds.length)] as (typeof kinds)[number])()
  }

  let expected: string[] = []
  let planned = 0
  await inScope(async () => {
    for (let round = 0; round < 16; round++) {
      const next = await change()
      const plan = await coin.planner.plan(round, next).catch(() => undefined)
      // some changes are refused: the same day twice, an end before its beginning
      if (!plan) continue
      planned++
      expect(await coin.planner.apply(round, next, plan.hash)).toHaveProperty('done')
      for (const line of linesOf(plan, 'removed')) expected.splice(expected.indexOf(line) >>> 0, 1)
      expected.push(...linesOf(plan, 'added'))
      if (roll(3) > 0) continue
      expect(await bill(member)).toEqual(expected.sort())
      expected = []
    }
  })
  expect(await bill(member)).toEqual(expected.sort())
  expect(planned).toBeGreaterThan(6)
})

const planOf = async (path: string, form: Record<string, string>) => {
  const answer = await site.post(staff, path, { ...form, 'coin.plan': 'review' })
  const html = await answer.text()
  expect([path, answer.status]).toEqual([path, 200])
  return {
    html,
    hash: /name="coin.planned" value="([^"]+)"/.exec(html)?.[1] ?? '',
    money: text(/aria-labelledby="plan-money">.*?<\/h3>(.*?)<\/section>/s.exec(html)?.[1] ?? '').trim(),
  }
}

test('the plan says what the next run bills of a suspension, and what a period costs of a discount', async () => {
  const member = await addMember(coin)
  const subscription = String(await addSubscription(coin, { member }))
  await bill(member)
  const suspension = { subscriptionId: `X #${subscription}`, from: '2026-10-01', until: '2026-10-31', reason: '' }
  const { money } = await planOf('/admin/suspensions/new', { ...suspension, subscriptionId: subscription })
  expect(money).toMatch(/bills €20\.00 less.*1–31 October 2026: nothing billed|bills €20\.00 less/)
  expect(money).toContain('€20.00 was billed, nothing is due.')
  expect(money).toContain('−€20.00')

  const discount = { subscriptionId: subscription, from: '2026-12-01', until: '2027-02-28', label: 'Solidarity', percent: '25', amount: '' }
  const shown = await planOf('/admin/discounts/new', discount)
  expect(shown.money).toMatch(/bills €5\.00 less 1 December 2026 – 28 February 2027: €15\.00 for 1 month instead of €20\.00 for 1 month\./)
  expect(shown.money).toMatch(/December 2026: correction.*€20\.00 was billed, €15\.00 is due.*25% off €20\.00: Solidarity.*−€5\.00/)

  // somebody bills meanwhile nothing, but grants something else: it is shown again
  await coin.pool.query(`INSERT INTO subscription_free_price (subscription_id, during, period_fee) VALUES ($1, '[2026-12-01,)', 10)`, [
    subscription,
  ])
  const late = await site.post(staff, '/admin/discounts/new', { ...discount, 'coin.plan': 'apply', 'coin.planned': shown.hash })
  expect(late.status).toBe(409)
  expect(text(await late.text())).toContain('something else would be billed')
  expect(await rows('SELECT FROM subscription_discount WHERE subscription_id = $1', [subscription])).toEqual([])
})

test('a line that takes the place of another of the next run is told with it', async () => {
  const subscription = String(await addSubscription(coin))
  const { money } = await planOf('/admin/discounts/new', {
    subscriptionId: subscription,
    from: '2026-12-01',
    until: '2026-12-31',
    label: 'Sorry',
    percent: '',
    amount: '3.5',
  })
  expect(money).toMatch(/bills €3\.50 less 1–31 December 2026: €16\.50 for 1 month instead of €20\.00 for 1 month\./)
  expect(money).toMatch(/Offer \d+, December 2026 €3\.50 off €20\.00: Sorry €20\.00 €16\.50$/)
})

test('a change that bills nobody otherwise says so; an offer without a price says what the run could not bill', async () => {
  const member = await addMember(coin)
  const subscription = await addSubscription(coin, { member })
  await bill(member)
  const { money } = await planOf(`/admin/discounts/new`, {
    subscriptionId: String(subscription),
    from: '2020-01-01',
    until: '2020-02-01',
    label: 'Past',
    percent: '5',
    amount: '',
  })
  expect(money).toBe('No change')
  const [noPrice] = await rows<{ id: string }>(`INSERT INTO offer (name, reference) VALUES ('Fibre', 'fibre') RETURNING id`)
  const plan = await inScope(() =>
    coin.planner.plan('x', writer => writer.transaction(actor, tx => changeOffer(tx, subscription, Number(noPrice?.id), '2026-12-01'))),
  )
  const change = await planOf(`/admin/subscriptions/${subscription}/offer`, { offerId: String(noPrice?.id), from: '2026-12-01' })
  expect(text(change.html)).toContain('It can be saved, but the next run could not bill it.')
  expect(change.money).toContain('The offer Fibre has no price on 1 December 2026.')
  expect(plan.money).toMatchObject([{ state: 'refused', error: { message: 'The offer {{offer}} has no price on {{date}}.' } }])
})

test('a price that many pay is summed up over all of them, and each run bills that sum', async () => {
  const offer = await addOffer(coin)
  const members: number[] = []
  for (let n = 0; n < 12; n++) {
    const member = await addMember(coin)
    members.push(member)
    await addSubscription(coin, { member, offer })
  }
  await bill(0)
  const price = { offerId: String(offer), effectiveFrom: '2026-12-01', periodFee: '23.5', initialFee: '0' }
  const { money, hash } = await planOf('/admin/prices/new', price)
  expect(money).toMatch(/^12 subscriptions The next run, up to 1 December 2026, bills €42\.00 more$/)
  expect((await site.post(staff, '/admin/prices/new', { ...price, 'coin.plan': 'apply', 'coin.planned': hash })).status).toBe(303)
  await bill(0)
  expect(
    await rows(`SELECT sum(total)::text AS sum, count(*)::int AS n FROM invoice WHERE run_id = (SELECT max(id) FROM billing_run)`),
  ).toEqual([{ sum: '42.00', n: 12 }])
})
