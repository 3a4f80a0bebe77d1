import { sql } from 'drizzle-orm'
import { advanceRun, startRun } from '../billing/run.ts'
import type { Tx } from '../db/database.ts'
import { addDonation } from '../fees/donation-rules.ts'
import { addFees } from '../fees/rules.ts'
import { recordPayments } from '../payments/rules.ts'
import type { PaymentMethod } from '../payments/tables.ts'
import { resign } from '../subscriptions/rules.ts'
import { type Days, monthsBilled } from './days.ts'

/** What is there already: ids of the members by their place in `people`, and the subscription that ends earlier than was said. */
interface Known {
  readonly members: readonly number[]
  readonly endsEarly: number
  readonly days: Days
}

/** How they pay, by their place in `people`; the others make a transfer. */
const methods: Readonly<Record<number, PaymentMethod>> = { 7: 'cheque', 15: 'cash', 22: 'cheque' }
/** Whose bills are open, by the months that lie between. */
const unpaid: readonly (readonly number[])[] = [[0, 2, 5, 14, 20, 26, 32], [20], []]
const paysHalf = 11
const disputes = 27
const gives = 30

/**
 * The money of the demonstration, as if it had come month by month: fees, a donation, runs with their invoices, a credit note, payments, what is
 * late; and a run of today that waits for a person.
 */
export async function addMoney(tx: Tx, known: Known): Promise<void> {
  const { members, endsEarly, days } = known
  await asOf(tx, days.day(-400))
  await payFees(tx, known, [1, 2, 6, 31], days.day(-390))
  for (let back = monthsBilled; back >= 0; back--) {
    const first = days.month(back)
    await asOf(tx, first)
    if (back === 1) {
      await payFees(tx, known, [0, 3, 9], days.month(0))
      await addFees(tx, [{ memberId: members[gives] ?? 0 }])
      await addDonation(tx, { memberId: members[gives] ?? 0, amount: '150.00' })
    }
    // said when the month was billed already: the next run gives back what is too much
    if (back === 0) await resign(tx, endsEarly, after(days.month(1), 14))
    await bill(tx, first)
    await receive(tx, known, first, unpaid[back] ?? [])
  }
  await tx.execute(sql`
    UPDATE invoice SET disputed_on = coin.today() + 6, dispute_reason = 'The line was down for nine days.'
    WHERE id = (SELECT max(id) FROM invoice WHERE member_id = ${members[disputes] ?? 0} AND kind = 'invoice' AND state = 'issued')`)
  // nobody gets a mail about what never was
  await tx.execute(sql`UPDATE invoice SET mailed_at = issued_on + interval '2 hours' WHERE state = 'issued'`)
  await asOf(tx, '')
  await finish(tx, await startRun(tx, { date: days.day(0), preview: true }))
}

/** It is this day until the transaction ends, or another one is named; `''` for today. */
const asOf = (tx: Tx, day: string) => tx.execute(sql`SELECT set_config('coin.today', ${day}, true)`)

const after = (day: string, days: number) => Temporal.PlainDate.from(day).add({ days }).toString()

async function payFees(tx: Tx, { members }: Known, places: readonly number[], receivedOn: string) {
  const fees = await addFees(
    tx,
    places.map(place => ({ memberId: members[place] ?? 0 })),
  )
  await recordPayments(
    tx,
    fees.map(({ invoiceId }, index) => ({ memberId: members[places[index] ?? 0] ?? 0, amount: '15.00', receivedOn, invoiceId })),
  )
}

async function bill(tx: Tx, date: string): Promise<void> {
  const run = await startRun(tx, { date, issues: true })
  await finish(tx, run)
  await tx.execute(sql`
    UPDATE billing_run SET started_at = date + interval '2 hours', finished_at = date + interval '2 hours 1 second' WHERE id = ${run}`)
}

/** Does a whole run here and now, as workers do. */
async function finish(tx: Tx, run: number): Promise<void> {
  while (await advanceRun(tx, run));
}

/** What members pay of the bills of a day, some days later, each in their own way. */
async function receive(tx: Tx, { members }: Known, issuedOn: string, open: readonly number[]): Promise<void> {
  const { rows } = await tx.execute<{ id: number; memberId: number; number: string; due: string }>(sql`
    SELECT id, member_id AS "memberId", number, (total - allocated)::text AS due FROM invoice
    WHERE issued_on = ${issuedOn} AND state = 'issued' AND kind = 'invoice' AND total > allocated ORDER BY id`)
  const paid = rows.filter(({ memberId }) => ![...open, disputes].includes(members.indexOf(memberId)))
  await recordPayments(
    tx,
    paid.map(({ id, memberId, number, due }, index) => {
      const place = members.indexOf(memberId)
      const method = methods[place] ?? 'transfer'
      return {
        memberId,
        amount: place === paysHalf ? '10.00' : due,
        receivedOn: after(issuedOn, 3 + ((index * 7) % 23)),
        method,
        reference: method === 'transfer' ? number : '',
        invoiceId: id,
      }
    }),
  )
}
