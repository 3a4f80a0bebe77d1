import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { allocateByHand, reallocate, takeBackAllocation } from './allocations.ts'
import { removePayment } from './change-payment.ts'
import { allocationsOf, contradictions, issueOf, on } from './fixture.ts'
import { type Item, NaiveMoney } from './naive-money.fixture.ts'
import { recordPayment } from './rules.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())

type Step =
  | { do: 'issue' | 'credit' | 'pay' | 'pay back'; cents: number; day: number; pick: number; names: boolean }
  | { do: 'dispute' | 'end dispute' | 'by hand' | 'take back' | 'remove' | 'reallocate'; pick: number; other: number; cents: number }

const cents = fc.integer({ min: 1, max: 9 }).map(n => n * 500)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('issue', 'pay', 'pay', 'credit', 'pay back'),
      cents,
      day: fc.nat(27),
      pick: fc.nat(),
      names: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('dispute', 'end dispute', 'by hand', 'by hand', 'take back', 'remove', 'reallocate'),
      pick: fc.nat(),
      other: fc.nat(),
      cents,
    }),
  },
)
const pickOf = <T>(list: readonly T[], n: number): T | undefined => list[n % list.length]
const text = (amount: number) => (amount / 100).toFixed(2)

/** Does a step in the database and in the plain model; what does not apply is left out. */
async function take(money: NaiveMoney, memberId: number, given: Step, today: string): Promise<void> {
  const { items } = money
  const invoices = items.filter(({ kind }) => kind === 'invoice')
  const payments = items.filter(({ kind, amount }) => kind === 'payment' && amount > 0)
  switch (given.do) {
    case 'issue':
    case 'credit': {
      const amount = given.do === 'issue' ? given.cents : -given.cents
      const corrected = given.do === 'credit' && given.names ? pickOf(invoices, given.pick) : undefined
      const id = await on(coin, today, tx =>
        issueOf(tx, { memberId, amount: text(amount), ...(corrected && { correctsId: corrected.id }) }),
      )
      items.push({ kind: given.do === 'issue' ? 'invoice' : 'credit note', id, day: today, amount, names: corrected?.id })
      return money.applyRules()
    }
    case 'pay': {
      const day = Temporal.PlainDate.from(today)
        .add({ days: given.day - 20 })
        .toString()
      const named = given.names ? pickOf(invoices, given.pick) : undefined
      const id = await on(coin, today, tx =>
        recordPayment(tx, { memberId, amount: text(given.cents), receivedOn: day, invoiceId: named?.id }),
      )
      items.push({ kind: 'payment', id, day, amount: given.cents, names: named?.id })
      return money.applyRules()
    }
    case 'pay back': {
      // in psql: what a person allocated by hand stays
      const undone = given.names ? pickOf(payments, given.pick) : undefined
      const { rows } = await coin.pool.query(
        'INSERT INTO payment (member_id, amount, received_on, reverses_id) VALUES ($1, $2, $3, $4) RETURNING id',
        [memberId, text(-given.cents), today, undone?.id ?? null],
      )
      items.push({ kind: 'payment', id: Number(rows[0].id), day: today, amount: -given.cents, names: undone?.id })
      return money.applyRules()
    }
    case 'dispute':
    case 'end dispute': {
      const invoice = pickOf(
        invoices.filter(each => Boolean(each.disputed) === (given.do === 'end dispute')),
        given.pick,
      )
      if (!invoice) return
      invoice.disputed = given.do === 'dispute'
      await on(coin, today, tx =>
        tx.execute(sql`UPDATE invoice SET disputed_on = ${invoice.disputed ? today : null} WHERE id = ${invoice.id}`),
      )
      return invoice.disputed ? undefined : money.applyRules()
    }
    case 'by hand':
      return handle(money, given, today)
    case 'take back': {
      const { rows } = await coin.pool.query(
        `SELECT a.id, from_payment, from_credit_note, to_invoice, to_payment, a.amount * 100 AS cents, by_hand FROM payment_allocation a
         LEFT JOIN payment p ON p.id = from_payment LEFT JOIN invoice n ON n.id = from_credit_note WHERE coalesce(p.member_id, n.member_id) = $1 ORDER BY a.id`,
        [memberId],
      )
      const row = pickOf(rows, given.pick)
      if (!row) return
      const is = (item: Item, id: string | null, kind: Item['kind']) => id !== null && item.kind === kind && item.id === Number(id)
      const index = money.allocations.findIndex(
        ({ from, to, amount, byHand }) =>
          (is(from, row.from_payment, 'payment') || is(from, row.from_credit_note, 'credit note')) &&
          (is(to, row.to_payment, 'payment') || is(to, row.to_invoice, 'invoice')) &&
          amount === Number(row.cents) &&
          byHand === row.by_hand,
      )
      expect(index).toBeGreaterThan(-1)
      money.allocations.splice(index, 1)
      return on(coin, today, tx => takeBackAllocation(tx, Number(row.id)))
    }
    case 'remove': {
      const payment = pickOf(
        items.filter(item => item.kind === 'payment' && !items.some(other => other.amount < 0 && other.names === item.id)),
        given.pick,
      )
      if (!payment) return
      // one that neither covers nor is covered leaves everything as it was
      if (money.remove(payment)) money.applyRules()
      return on(coin, today, tx => removePayment(tx, payment.id))
    }
    case 'reallocate':
      money.allocations = money.allocations.filter(({ byHand, to }) => byHand || to.disputed)
      money.applyRules()
      return on(coin, today, tx => reallocate(tx, memberId))
  }
}

async function handle(money: NaiveMoney, given: Step & { pick: number }, today: string): Promise<void> {
  const other = 'other' in given ? given.other : 0
  const from = pickOf(money.items.filter(money.isCredit), given.pick)
  const to = pickOf(
    money.items.filter(item => !money.isCredit(item)),
    other,
  )
  if (!from || !to) return
  money.release(one => one.from === from || one.to === to)
  const most = Math.min(money.open(from), money.open(to))
  const work = on(coin, today, tx =>
    allocateByHand(tx, {
      ...(from.kind === 'payment' ? { fromPayment: from.id } : { fromCreditNote: from.id }),
      ...(to.kind === 'payment' ? { toPayment: to.id } : { toInvoice: to.id }),
      amount: text(given.cents),
    }),
  )
  if (given.cents > most) {
    await expect(work).rejects.toMatchObject({ code: 'invalid', fields: [{ field: 'amount' }] })
    throw new Refused()
  }
  await work
  money.give(from, to, true, given.cents)
  money.applyRules()
}

/** The database refused, as it should: the model is put back as it was. */
class Refused extends Error {}

let days = 0

test('whatever happens in whatever order, the database allocates as the rules say, and everything adds up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async steps => {
      const memberId = await addMember(coin)
      const money = new NaiveMoney()
      for (const [n, given] of steps.entries()) {
        // a series does not go back: each step is on a later day than any before it
        const today = Temporal.PlainDate.from('2026-01-01').add({ days: ++days }).toString()
        const before = [...money.allocations]
        try {
          await take(money, memberId, given, today)
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          money.allocations = before
        }
        const order = (a: { from: string; to: string; byHand: boolean }) => `${a.from} ${a.to} ${a.byHand}`
        const sorted = <T extends { from: string; to: string; byHand: boolean }>(list: readonly T[]) =>
          [...list].sort((a, b) => order(a).localeCompare(order(b)))
        expect(sorted(await allocationsOf(coin, memberId)), `step ${n}: ${given.do}`).toEqual(sorted(money.told()))
      }
      const { rows } = await coin.pool.query('SELECT owed FROM member_balance WHERE member_id = $1', [memberId])
      expect(rows[0]?.owed ?? '0.00').toBe(money.owed())
      const settled = await coin.pool.query(`SELECT id::int, settled_on::text FROM invoice WHERE member_id = $1 ORDER BY id`, [memberId])
      expect(settled.rows).toEqual(
        money.items.filter(({ kind }) => kind !== 'payment').map(item => ({ id: item.id, settled_on: money.settledOn(item) })),
      )
    }),
    { numRuns: 25 },
  )
  expect(await contradictions(coin)).toEqual([])
})
