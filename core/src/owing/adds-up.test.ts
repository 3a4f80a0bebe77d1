import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDraft } from '../billing/draft.ts'
import { issueInvoices, makeCreditNote } from '../billing/issue.ts'
import { type Decimal, decimal, roundMoney } from '../billing/money.ts'
import type { Tx } from '../db/database.ts'
import { recordPayment, refund } from '../payments/rules.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { balancesOf, ledgerOf } from './balances.ts'
import { type Bill, type BillLine, billOf } from './explanation.ts'
import { billsOf, billUpTo, offerOf, on, subscribe } from './fixture.ts'
import { nextBillOf } from './next-bill.ts'
import { paymentOf } from './payment.ts'
import { ageingOf } from './standing.ts'
import { vatOf } from './totals.ts'

let coin: TestCoin
let offers: number[]
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  offers = [
    await offerOf(coin, { name: 'VPN', fee: '4', initial: '10' }),
    await offerOf(coin, { name: 'DSL', fee: '28.33', vatRate: '20' }),
    await offerOf(coin, { name: 'Fibre', fee: '91.7', months: 3, vatRate: '5.5' }),
    await offerOf(coin, { name: 'Server', fee: '100', months: 12, currency: 'CHF' }),
  ]
})
afterAll(() => coin.close())

const steps = [
  'subscribe',
  'resign',
  'change offer',
  'discount',
  'choose price',
  'raise price',
  'pay',
  'pay',
  'credit',
  'refund',
  'by hand',
  'nothing',
] as const
const step = fc.record({ do: fc.constantFrom(...steps), pick: fc.nat(1000), days: fc.nat(90), cents: fc.integer({ min: 1, max: 9000 }) })
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const total = (amounts: readonly string[]): Decimal => amounts.reduce((sum, amount) => sum.plus(amount), decimal(0))
const text = (amount: Decimal) => amount.toFixed(2)
const daysBefore = (day: string, days: number) => Temporal.PlainDate.from(day).subtract({ days }).toString()
const pickOf = <T>(list: readonly T[], pick: number): T | undefined => list[pick % list.length]

/** Does something that people do, up to three months in the past; what does not apply is left out. */
async function take(memberId: number, given: Step, today: string): Promise<void> {
  const past = daysBefore(today, given.days)
  const amount = (given.cents / 100).toFixed(2)
  const ids = async (statement: string): Promise<number[]> => (await coin.pool.query(statement, [memberId])).rows.map(row => Number(row.id))
  const subscription = pickOf(
    await ids(`SELECT id FROM subscription WHERE member_id = $1 AND started_on <= '${past}' AND resigned_on IS NULL ORDER BY id`),
    given.pick,
  )
  if (given.do === 'subscribe') await subscribe(coin, memberId, pickOf(offers, given.pick) as number, past)
  else if (given.do === 'pay') await on(coin, today, tx => recordPayment(tx, { memberId, amount, receivedOn: past }))
  else if (given.do === 'by hand') await on(coin, today, tx => issueNew(tx, memberId, amount))
  else if (given.do === 'credit') {
    const bill = pickOf(
      await ids(`SELECT id FROM invoice WHERE member_id = $1 AND state = 'issued' AND kind = 'invoice' AND total > 0
      AND NOT EXISTS (SELECT FROM invoice c WHERE c.corrects_id = invoice.id) ORDER BY id`),
      given.pick,
    )
    if (bill) await on(coin, today, async tx => issueInvoices(tx, [await makeCreditNote(tx, bill, 'all')]))
  } else if (given.do === 'refund') {
    const payment = pickOf(
      await ids(
        `SELECT id FROM payment p WHERE member_id = $1 AND amount > 0 AND NOT EXISTS (SELECT FROM payment r WHERE r.reverses_id = p.id) ORDER BY id`,
      ),
      given.pick,
    )
    if (payment) await on(coin, today, tx => refund(tx, { paymentId: payment }))
  } else if (given.do === 'raise price')
    await coin.pool.query(
      'INSERT INTO offer_price (offer_id, effective_from, period_fee, initial_fee) VALUES ($1, $2, $3, 7) ON CONFLICT DO NOTHING',
      [pickOf(offers, given.pick), past, amount],
    )
  else if (subscription) {
    const change = {
      resign: `UPDATE subscription SET resigned_on = '${past}' WHERE id = $1`,
      'change offer': `WITH ended AS (UPDATE subscription_offer SET during = daterange(lower(during), '${past}') WHERE subscription_id = $1 AND upper_inf(during) AND lower(during) < '${past}' RETURNING 1)
        INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) SELECT $1, ${pickOf(offers.slice(0, 3), given.pick)}, '', daterange('${past}', NULL) FROM ended`,
      discount: `INSERT INTO subscription_discount (subscription_id, during, label, percent) SELECT $1, daterange('${past}', '${today}', '[]'), 'Solidarity', 12.5
        WHERE NOT EXISTS (SELECT FROM subscription_discount WHERE subscription_id = $1 AND during && daterange('${past}', '${today}', '[]'))`,
      'choose price': `INSERT INTO subscription_free_price (subscription_id, during, period_fee) SELECT $1, daterange('${past}', NULL), ${amount}
        WHERE NOT EXISTS (SELECT FROM subscription_free_price WHERE subscription_id = $1)`,
      nothing: 'SELECT $1::int',
    }[given.do]
    await coin.pool.query(change, [subscription])
  }
}

async function issueNew(tx: Tx, memberId: number, unitPrice: string) {
  await issueInvoices(tx, [
    await addDraft(tx, { memberId, lines: [{ description: 'Router', quantity: '0.37', unitPrice, vatRate: '19.6' }] }),
  ])
}

/** The facts shown with a line give its amount, each step from the one before. */
function checkLine(line: BillLine, currency: string) {
  const { charge, net } = line
  expect(text(roundMoney(decimal(line.quantity).times(line.unitPrice), currency))).toBe(net)
  if (!charge) return
  expect(text(roundMoney(decimal(charge.quantity).times(charge.unitPrice), currency))).toBe(text(decimal(charge.amount)))
  const { fee, days, before } = charge.calculation
  if (fee && charge.kind === 'period') {
    expect(decimal(fee.unitPrice).eq(charge.unitPrice)).toBe(true)
    const full = decimal(fee.freePrice ?? fee.listPrice)
    expect(fee.discount ? decimal(fee.unitPrice).lte(full) : decimal(fee.unitPrice).eq(full)).toBe(true)
  }
  if (days)
    expect(
      decimal(charge.quantity)
        .minus(days.counted / days.of)
        .abs()
        .lte(0.0101),
    ).toBe(true)
  if (before === undefined) expect([line.earlier, text(decimal(charge.amount))]).toEqual([null, net])
  else {
    expect(text(total((line.earlier ?? []).map(bill => bill.net)))).toBe(text(decimal(before)))
    expect(text(decimal(charge.amount).minus(before))).toBe(net)
  }
}

/** Everything the pages show of a member, against what the database says. */
async function checkMember(memberId: number, today: string) {
  await on(coin, today, async db => {
    for (const id of await billsOf(coin, memberId)) {
      const bill = await billOf(db, memberId, id)
      if (!bill) throw new Error(`bill ${id} is gone`)
      for (const line of bill.lines) checkLine(line, bill.currency)
      expect(text(total(bill.lines.map(({ net }) => net)))).toBe(bill.net)
      expect(text(total(vatOf(bill.lines, bill.currency).map(({ vat }) => vat)))).toBe(bill.vat)
      expect(text(decimal(bill.net).plus(bill.vat))).toBe(bill.total)
      const covered = total(bill.coverings.map(({ amount }) => amount)).times(bill.kind === 'credit_note' ? -1 : 1)
      expect(text(decimal(bill.total).minus(covered))).toBe(bill.left)
    }
    const { rows } = await db.execute<{ id: number }>(sql`SELECT id FROM payment WHERE member_id = ${memberId}`)
    for (const { id } of rows) {
      const payment = await paymentOf(db, memberId, id)
      if (!payment) throw new Error(`payment ${id} is gone`)
      expect(text(total(payment.uses.map(({ amount }) => amount)).plus(decimal(payment.left).abs()))).toBe(
        text(decimal(payment.amount).abs()),
      )
    }
    const balances = await balancesOf(db, memberId)
    for (const { open, owed } of balances) {
      expect(text(total(open.map(({ left }) => left)))).toBe(owed)
      expect(text(total(Object.values(ageingOf({ open }))))).toBe(owed)
    }
    const first = await ledgerOf(db, memberId, 1, 4)
    const entries = [...first.entries]
    for (let page = 2; entries.length < first.total; page++) entries.push(...(await ledgerOf(db, memberId, page, 4)).entries)
    const owed = new Map<string, Decimal>()
    for (const { currency, amount, balance } of entries.reverse()) {
      owed.set(currency, (owed.get(currency) ?? decimal(0)).plus(amount))
      expect(balance).toBe(text(owed.get(currency) as Decimal))
    }
    expect(Object.fromEntries([...owed].map(([currency, sum]) => [currency, text(sum)]))).toEqual(
      Object.fromEntries(balances.map(balance => [balance.currency, balance.owed])),
    )
  })
}

let month = Temporal.PlainDate.from('2021-01-01')

test('whatever happened to a member, every number of every page adds up to the cent, and the next bill is what the next run bills', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 3 }), { minLength: 3, maxLength: 6 }), async months => {
      const memberId = await addMember(coin)
      await subscribe(coin, memberId, offers[0] as number, month.subtract({ days: 20 }).toString())
      for (const given of months) {
        // the day before a run: a page says what that will bill
        const eve = month.subtract({ days: 1 }).toString()
        const expected = await on(coin, eve, db => nextBillOf(db, memberId))
        const before = await billsOf(coin, memberId)
        await billUpTo(coin, month.toString())
        const made = (await billsOf(coin, memberId)).filter(id => !before.includes(id))
        const bills = await on(coin, month.toString(), async db => {
          const found: (Bill | undefined)[] = []
          for (const id of made) found.push(await billOf(db, memberId, id))
          return found
        })
        expect(
          (expected?.on === month.toString() ? expected.bills : []).map(({ currency, total: sum }) => `${sum} ${currency}`).sort(),
        ).toEqual(bills.map(bill => `${bill?.total} ${bill?.currency}`).sort())
        const today = month.add({ days: 14 }).toString()
        for (const each of given) await take(memberId, each, today)
        month = month.add({ months: 1 })
      }
      await checkMember(memberId, month.toString())
    }),
    { numRuns: 8, endOnFailure: true },
  )
})
