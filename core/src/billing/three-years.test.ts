import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import * as subscriptions from '../subscriptions/rules.ts'
import { addMember, type TestCoin, testCoin } from '../testing/index.ts'
import { dueOf } from './due.ts'
import { decimal } from './money.ts'
import { advanceRun, startRun } from './run.ts'
import { readOffers, readTerms } from './terms.ts'
import { recordUsage } from './usage.ts'

// A made-up provider over three years: joins, leaves, price changes, back-dated corrections, suspensions, discounts, usage, payments, all strategies.
const seed = Number(process.env.COIN_TEST_SEED ?? 20_261_123)
let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [], billing: { suspensionStopsBilling: true } })
})
afterAll(() => coin.close())

test(`three years of a provider, seed ${seed}`, { timeout: 120_000 }, async () => {
  const world = createWorld(randomFrom(seed))
  for (let month = Temporal.PlainDate.from('2026-01-01'); month.toString() < '2029-01-01'; month = month.add({ months: 1 })) {
    const today = month.toString()
    await asOf(today, async write => {
      for (let count = 1 + world.random(8); count > 0; count--) await world.happen(write, month)
      const run = await bill(write, today)
      await write(tx => payAll(tx, month.month))
      const what = `seed ${seed}, ${today}`
      expect(await numbers('SELECT count(*) AS n FROM billing_run_member WHERE run_id = $1 AND state = $2', run, 'failed'), what).toEqual([
        0,
      ])
      const again = await bill(write, today)
      expect(await numbers('SELECT count(*) AS n FROM invoice WHERE run_id = $1', again), what).toEqual([0])
      await theLedgerHolds(write, today, what)
    })
  }
  // the world was not an empty one
  const [invoices, credits, corrections] =
    await numbers(`SELECT count(*) AS n FROM invoice UNION ALL SELECT count(*) FROM invoice WHERE kind = 'credit_note'
    UNION ALL SELECT count(*) FROM charge WHERE revision > 1`)
  expect(invoices).toBeGreaterThan(300)
  expect(credits).toBeGreaterThan(2)
  expect(corrections).toBeGreaterThan(30)
  expect(await numbers('SELECT count(*) AS n FROM payment_allocation')).not.toEqual([0])
})

type Write = <R>(work: (tx: Tx) => Promise<R>) => Promise<R>

/** Works on a day of the past or the future, as a deployment would on that day. */
function asOf(today: string, work: (write: Write) => Promise<void>): Promise<void> {
  const write: Write = each =>
    coin.write(async tx => {
      await tx.execute(sql`SELECT set_config('coin.today', ${today}, true)`)
      return each(tx)
    })
  return coin.asSystem('test', () => work(write))
}

async function bill(write: Write, date: string): Promise<number> {
  const id = await write(tx => startRun(tx, { date, issues: true }))
  while (await write(tx => advanceRun(tx, id, 40)));
  return id
}

/** Every third member who owes something pays all of it, half of it, or more. */
const payAll = (tx: Tx, month: number) =>
  tx.execute(sql`
    INSERT INTO payment (member_id, currency, amount) SELECT member_id, currency, round(owed * (ARRAY[1, 0.5, 1.3, 1])[${month % 4}::int + 1], 2)
    FROM member_balance WHERE owed > 0.1 AND (member_id + ${month}::int) % 3 = 0`)

async function theLedgerHolds(write: Write, today: string, what: string): Promise<void> {
  const { rows: all } = await coin.database.db.execute<{ id: number }>(sql`SELECT id FROM subscription ORDER BY id`)
  const due = await write(async tx => {
    const terms = await readTerms(
      tx,
      all.map(({ id }) => ({ id, from: null })),
    )
    const offers = await readOffers(tx)
    return new Map(
      terms.map(each => [
        each.id,
        dueOf(each, offers, coin.registry.billingStrategies, today, true)
          .charges.reduce((sum, { amount }) => sum.plus(amount), decimal(0))
          .toFixed(2),
      ]),
    )
  })
  const { rows } = await coin.database.db.execute<{ id: number; lines: string; live: string }>(sql`
    SELECT s.id, coalesce((SELECT sum(l.net) FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id WHERE l.subscription_id = s.id AND i.state = 'issued'), 0.00)::numeric(14, 2)::text AS lines,
      coalesce((SELECT sum(amount) FROM charge c WHERE c.subscription_id = s.id AND c.superseded_by IS NULL), 0.00)::numeric(14, 2)::text AS live
    FROM subscription s ORDER BY s.id`)
  // what was issued is what is due, and what stands of the charges is that too
  expect(Object.fromEntries(rows.map(({ id, lines }) => [id, lines])), what).toEqual(Object.fromEntries(due))
  expect(Object.fromEntries(rows.map(({ id, live }) => [id, live])), what).toEqual(Object.fromEntries(due))
  // no number is missing, none is given twice, and dates never go back
  const [wrong, late] = await numbers(`
    SELECT count(*) AS n FROM (SELECT series, month, count(*) AS given, min(sequence) AS first, max(sequence) AS last FROM invoice WHERE state = 'issued' GROUP BY 1, 2) g WHERE first <> 1 OR last <> given
    UNION ALL SELECT count(*) FROM (SELECT issued_on, lag(issued_on) OVER (PARTITION BY series ORDER BY month, sequence) AS before FROM invoice WHERE state = 'issued') o WHERE issued_on < before`)
  expect([wrong, late], what).toEqual([0, 0])
  // what is owed is what was issued less what was paid, and what is open of both comes to the same
  const open = `SELECT member_id, currency, sum(open) AS open FROM (SELECT member_id, currency, total - allocated AS open FROM invoice WHERE state = 'issued'
    UNION ALL SELECT member_id, currency, allocated - amount FROM payment) o GROUP BY 1, 2`
  expect(
    await numbers(`SELECT count(*) AS n FROM (${open}) o FULL JOIN member_balance b USING (member_id, currency) WHERE o.open IS DISTINCT FROM b.owed
      UNION ALL SELECT count(*) FROM invoice i WHERE state = 'issued' AND abs(allocated) <> coalesce((SELECT sum(amount) FROM payment_allocation WHERE i.id IN (to_invoice, from_credit_note)), 0)
      UNION ALL SELECT count(*) FROM invoice WHERE state = 'issued' AND (settled_on IS NULL) <> (allocated <> total)`),
    what,
  ).toEqual([0, 0, 0])
  expect(
    await numbers(
      `SELECT count(*) AS n FROM invoice i WHERE total <> (SELECT sum(v) FROM (SELECT sum(net) + round(sum(net) * vat_rate / 100, 2) AS v FROM invoice_line WHERE invoice_id = i.id GROUP BY vat_rate) r)`,
    ),
  ).toEqual([0])
}

async function numbers(text: string, ...values: unknown[]): Promise<number[]> {
  const { rows } = await coin.pool.query<{ n: string }>(text, values)
  return rows.map(({ n }) => Number(n))
}

interface Offer {
  readonly id: number
  readonly strategy: string
}

function createWorld(next: () => number) {
  const random = (below: number) => Math.floor(next() * below)
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T
  const offers: Offer[] = []
  const held: { readonly id: number; readonly startedOn: string; ended: boolean }[] = []
  const around = (day: Temporal.PlainDate, before: number, after: number) =>
    day.add({ days: random(before + after + 1) - before }).toString()
  const notBefore = (day: string, first: string) => (day < first ? first : day)

  async function newOffer(write: Write, month: Temporal.PlainDate) {
    const strategy = pick(['in_advance', 'in_advance', 'in_arrears', 'anniversary', 'whole_periods', 'free_price', 'usage'])
    const id = await write(tx =>
      subscriptions.addOffer(tx, {
        name: `Offer ${offers.length}`,
        reference: `offer-${offers.length}`,
        billingStrategy: strategy,
        periodMonths: pick([1, 1, 1, 3, 12]),
        periodFee: pick(['4', '28.50', '19.99', '0.33', '0']),
        initialFee: pick(['0', '10', '39.90']),
        effectiveFrom: '2025-01-01',
        vatRate: pick(['0', '20', '5.5']),
      }),
    )
    offers.push({ id, strategy })
    return month
  }
  async function join(write: Write, month: Temporal.PlainDate) {
    if (offers.length === 0) await newOffer(write, month)
    const member = held.length > 0 && random(3) === 0 ? undefined : await addMember(coin)
    const startedOn = around(month, 40, 20)
    const { rows } = await coin.database.db.execute<{ id: number }>(sql`SELECT id FROM member ORDER BY id`)
    const memberId = member ?? pick(rows).id
    const id = await write(tx => subscriptions.addSubscription(tx, { memberId, offerId: pick(offers).id, startedOn }))
    held.push({ id, startedOn, ended: false })
  }
  const on = async (write: Write, work: (tx: Tx, one: (typeof held)[number]) => Promise<unknown>) => {
    if (held.length === 0) return
    const one = pick(held)
    // what is refused (two discounts on one day, an end before the start) is refused whole
    await write(tx => work(tx, one)).catch((error: unknown) => {
      expect(String(error)).not.toMatch(/internal|undefined/)
    })
  }
  const events: ((write: Write, month: Temporal.PlainDate) => Promise<unknown>)[] = [
    join,
    join,
    join,
    newOffer,
    // a price to come, and one that should have been in force long ago
    (write, month) =>
      offers.length === 0
        ? newOffer(write, month)
        : write(tx =>
            subscriptions.addOfferPrice(tx, {
              offerId: pick(offers).id,
              periodFee: String(random(4000) / 100),
              effectiveFrom: around(month, 200, 60),
            }),
          ).catch(() => {}),
    (write, month) => on(write, (tx, one) => subscriptions.resign(tx, one.id, notBefore(around(month, 70, 40), one.startedOn))),
    (write, month) =>
      on(write, (tx, one) => subscriptions.resign(tx, one.id, random(2) === 0 ? null : notBefore(around(month, 10, 40), one.startedOn))),
    (write, month) =>
      on(write, (tx, one) =>
        subscriptions.suspend(tx, one.id, {
          first: notBefore(around(month, 60, 10), one.startedOn),
          last: month.add({ days: random(30) }).toString(),
        }),
      ),
    (write, month) =>
      on(write, (tx, one) =>
        subscriptions.addDiscount(tx, one.id, {
          first: notBefore(around(month, 40, 30), one.startedOn),
          last: month.add({ months: 4 }).toString(),
          label: 'Solidarity',
          ...(random(2) === 0 ? { percent: String(1 + random(100)) } : { amount: String(1 + random(10)) }),
        }),
      ),
    (write, month) =>
      on(write, (tx, one) =>
        subscriptions.setFreePrice(tx, one.id, {
          first: notBefore(around(month, 40, 30), one.startedOn),
          last: month.add({ months: 6 }).toString(),
          periodFee: String(random(3000) / 100),
        }),
      ),
    (write, month) =>
      on(write, (tx, one) => subscriptions.changeOffer(tx, one.id, pick(offers).id, notBefore(around(month, 45, 20), one.startedOn))),
    write =>
      on(write, (tx, one) =>
        subscriptions.moveStart(
          tx,
          one.id,
          Temporal.PlainDate.from(one.startedOn)
            .add({ days: random(20) - 10 })
            .toString(),
        ),
      ),
    (write, month) =>
      on(write, (tx, one) =>
        recordUsage(tx, [{ subscriptionId: one.id, source: 'usage', day: around(month, 60, 0), quantity: String(random(5000) / 100) }]),
      ),
  ]
  return { random, happen: (write: Write, month: Temporal.PlainDate) => withinScope({}, () => pick(events)(write, month)) }
}

/** mulberry32: the same numbers for the same seed. */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}
