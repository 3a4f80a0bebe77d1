import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { allocateByHand, reallocate, takeBackAllocation } from './allocations.ts'
import { changePayment, removePayment } from './change-payment.ts'
import { allocationsOf, draftOf, type Issued, issueOf, on } from './fixture.ts'
import { type NewPayment, recordPayment, recordPayments, refund, returnDirectDebit } from './rules.ts'

let coin: TestCoin
let memberId: number
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())
beforeEach(async () => {
  memberId = await addMember(coin)
})

const day = '2026-04-01'
const issue = (amount: string, rest: Partial<Issued> = {}) => on(coin, day, tx => issueOf(tx, { memberId, amount, ...rest }))
const pay = (amount: string, rest: Partial<NewPayment> = {}) => on(coin, day, tx => recordPayment(tx, { memberId, amount, ...rest }))
const told = async () =>
  (await allocationsOf(coin, memberId)).map(({ from, to, amount, byHand }) => `${from} > ${to}: ${amount}${byHand ? ' by hand' : ''}`)
const invoiceOf = async (id: number) =>
  (
    await coin.pool.query<{ allocated: string; settled: string | null }>(
      'SELECT allocated, settled_on::text AS settled FROM invoice WHERE id = $1',
      [id],
    )
  ).rows[0]
const sqlOf = (statement: string, values: unknown[] = []) => coin.pool.query(statement, values)

describe('the rules', () => {
  test('the oldest unpaid bill is covered first, and a payment splits', async () => {
    const [first, second] = [await issue('20.00'), await issue('30.00')]
    const payment = await pay('35.00', { receivedOn: '2026-04-10' })
    expect(await told()).toEqual([`payment ${payment} > invoice ${first}: 20.00`, `payment ${payment} > invoice ${second}: 15.00`])
    expect(await invoiceOf(first)).toEqual({ allocated: '20.00', settled: '2026-04-10' })
    expect(await invoiceOf(second)).toEqual({ allocated: '15.00', settled: null })
    const later = await pay('40.00', { receivedOn: '2026-04-05' })
    expect(await told()).toContain(`payment ${later} > invoice ${second}: 15.00`)
    // the day of the last that was needed, not of the one recorded last
    expect(await invoiceOf(second)).toEqual({ allocated: '30.00', settled: '2026-04-10' })
    const next = await issue('25.00')
    expect(await told()).toContain(`payment ${later} > invoice ${next}: 25.00`)
    expect(await invoiceOf(next)).toEqual({ allocated: '25.00', settled: '2026-04-05' < day ? day : '2026-04-05' })
  })

  test('the named invoice comes before the oldest, and a credit note covers what it corrects', async () => {
    const [old, named, corrected] = [await issue('20.00'), await issue('10.00'), await issue('8.00')]
    const payment = await pay('15.00', { invoiceId: named })
    expect(await told()).toEqual([`payment ${payment} > invoice ${old}: 5.00`, `payment ${payment} > invoice ${named}: 10.00`].sort())
    const note = await issue('-9.00', { correctsId: corrected })
    expect(await told()).toContain(`credit note ${note} > invoice ${corrected}: 8.00`)
    expect(await told()).toContain(`credit note ${note} > invoice ${old}: 1.00`)
    expect((await sqlOf('SELECT allocated, settled_on::text FROM invoice WHERE id = $1', [note])).rows[0]).toEqual({
      allocated: '-9.00',
      settled_on: day,
    })
  })

  test('an invoice in dispute is left out until the dispute ends', async () => {
    const [disputed, next] = [await issue('20.00'), await issue('20.00')]
    await sqlOf(`UPDATE invoice SET disputed_on = '2026-04-02' WHERE id = $1`, [disputed])
    const payment = await pay('30.00', { invoiceId: disputed })
    expect(await told()).toEqual([`payment ${payment} > invoice ${next}: 20.00`])
    await sqlOf('UPDATE invoice SET disputed_on = NULL WHERE id = $1', [disputed])
    expect(await told()).toEqual([`payment ${payment} > invoice ${disputed}: 10.00`, `payment ${payment} > invoice ${next}: 20.00`])
  })

  test('currencies stay apart, and so do members', async () => {
    await issue('20.00', { currency: 'CHF' })
    await pay('20.00')
    await pay('20.00', { memberId: await addMember(coin), currency: 'CHF' })
    expect(await told()).toEqual([])
    const francs = await pay('5.00', { currency: 'CHF' })
    expect(await told()).toMatchObject([expect.stringContaining(`payment ${francs}`)])
  })

  test('payments written in psql are allocated too, each and many at once; again changes nothing', async () => {
    const invoices = [await issue('20.00'), await issue('20.00'), await issue('20.00')]
    await sqlOf(`INSERT INTO payment (member_id, amount, received_on) SELECT $1, 12, '2026-04-01'::date + n FROM generate_series(1, 5) n`, [
      memberId,
    ])
    const before = await told()
    expect((await Promise.all(invoices.map(invoiceOf))).map(row => row?.allocated)).toEqual(['20.00', '20.00', '20.00'])
    expect(before).toHaveLength(7)
    const rows = await sqlOf('SELECT max(id) FROM payment_allocation')
    await sqlOf('SELECT coin.allocate_payments(ARRAY[$1::bigint])', [memberId])
    expect((await sqlOf('SELECT max(id) FROM payment_allocation')).rows).toEqual(rows.rows)
    await sqlOf('DELETE FROM payment WHERE member_id = $1', [memberId])
    expect((await Promise.all(invoices.map(invoiceOf))).map(row => row?.allocated)).toEqual(['0.00', '0.00', '0.00'])
  })

  test('a payment that is removed makes room for another', async () => {
    const invoice = await issue('20.00')
    const [wrong, waiting] = [await pay('20.00'), await pay('20.00')]
    await on(coin, day, tx => removePayment(tx, wrong))
    expect(await told()).toEqual([`payment ${waiting} > invoice ${invoice}: 20.00`])
  })
})

describe('money that goes back', () => {
  test('what is not allocated goes first, then the newest that was covered is open again', async () => {
    const [first, second] = [await issue('20.00'), await issue('20.00')]
    const payment = await pay('50.00')
    const back = await on(coin, day, tx => refund(tx, { paymentId: payment, amount: '15.00' }))
    expect(await told()).toEqual([
      `payment ${payment} > invoice ${first}: 20.00`,
      `payment ${payment} > invoice ${second}: 15.00`,
      `payment ${payment} > payment ${back}: 15.00`,
    ])
    expect(await invoiceOf(second)).toEqual({ allocated: '15.00', settled: null })
  })

  test('a direct debit that the bank returns leaves its invoices unpaid, those chosen by hand too', async () => {
    const [first, second] = [await issue('20.00'), await issue('20.00')]
    const payment = await pay('20.00', { method: 'direct_debit' })
    await on(coin, day, tx => allocateByHand(tx, { fromPayment: payment, toInvoice: second }))
    expect(await told()).toEqual([`payment ${payment} > invoice ${second}: 20.00 by hand`])
    const back = await on(coin, '2026-04-20', tx => returnDirectDebit(tx, { paymentId: payment }))
    expect(await told()).toEqual([`payment ${payment} > payment ${back}: 20.00`])
    expect(await invoiceOf(first)).toEqual({ allocated: '0.00', settled: null })
    const { rows } = await sqlOf('SELECT amount, method, received_on::text FROM payment WHERE id = $1', [back])
    expect(rows[0]).toEqual({ amount: '-20.00', method: 'direct_debit', received_on: '2026-04-20' })
  })

  test('no more than was received, less what went back before', async () => {
    const payment = await pay('50.00')
    await on(coin, day, tx => refund(tx, { paymentId: payment, amount: '30.00' }))
    await expect(on(coin, day, tx => refund(tx, { paymentId: payment, amount: '20.01' }))).rejects.toMatchObject({
      fields: [{ field: 'amount', values: { left: '20.00', currency: 'EUR' } }],
    })
    await on(coin, day, tx => refund(tx, { paymentId: payment }))
    await expect(on(coin, day, tx => refund(tx, { paymentId: payment }))).rejects.toMatchObject({ code: 'refused' })
    await expect(on(coin, day, tx => removePayment(tx, payment))).rejects.toMatchObject({ constraint: 'payment_reverses' })
  })

  test('a refund without a payment is covered by what is in credit', async () => {
    const credit = await pay('10.00')
    const back = await pay('-4.00')
    expect(await told()).toEqual([`payment ${credit} > payment ${back}: 4.00`])
  })
})

describe('by hand', () => {
  test('what a person allocates makes room, stays, and the rest follows the rules', async () => {
    const [first, second] = [await issue('20.00'), await issue('20.00')]
    const payment = await pay('25.00')
    await on(coin, day, tx => allocateByHand(tx, { fromPayment: payment, toInvoice: second, amount: '18.00' }))
    const after = [`payment ${payment} > invoice ${first}: 7.00`, `payment ${payment} > invoice ${second}: 18.00 by hand`]
    expect(await told()).toEqual(after)
    await on(coin, day, tx => reallocate(tx, memberId))
    expect(await told()).toEqual(after)
    const more = await pay('15.00')
    expect(await told()).toEqual([...after, ...[`payment ${more} > invoice ${first}: 13.00`, `payment ${more} > invoice ${second}: 2.00`]])
  })

  test('more than there is on either side is refused, with how much there is', async () => {
    const invoice = await issue('20.00')
    const payment = await pay('15.00')
    const attempt = (amount: string) => on(coin, day, tx => allocateByHand(tx, { fromPayment: payment, toInvoice: invoice, amount }))
    await expect(attempt('15.01')).rejects.toMatchObject({ fields: [{ field: 'amount', values: { left: '15.00' } }] })
    await expect(attempt('-1')).rejects.toMatchObject({ fields: [{ field: 'amount', message: 'Give an amount above zero.' }] })
    await expect(attempt('1.001')).rejects.toMatchObject({ fields: [{ field: 'amount' }] })
    const large = await pay('100.00')
    await expect(
      on(coin, day, tx => allocateByHand(tx, { fromPayment: large, toInvoice: invoice, amount: '20.50' })),
    ).rejects.toMatchObject({
      fields: [{ field: 'amount', values: { left: '20.00' } }],
    })
    expect(await told()).toHaveLength(2)
  })

  test('a disputed invoice can be paid by hand, another member’s or a draft cannot', async () => {
    const disputed = await issue('20.00')
    await sqlOf(`UPDATE invoice SET disputed_on = '2026-04-02' WHERE id = $1`, [disputed])
    const payment = await pay('20.00')
    await on(coin, day, tx => allocateByHand(tx, { fromPayment: payment, toInvoice: disputed, amount: '5.00' }))
    expect((await invoiceOf(disputed))?.allocated).toBe('5.00')
    const theirs = await issue('20.00', { memberId: await addMember(coin) })
    await expect(on(coin, day, tx => allocateByHand(tx, { fromPayment: payment, toInvoice: theirs }))).rejects.toMatchObject({
      constraint: 'payment_allocation_fits',
    })
    const draft = await on(coin, day, tx => draftOf(tx, { memberId, amount: '5.00' }))
    await expect(on(coin, day, tx => allocateByHand(tx, { fromPayment: payment, toInvoice: draft }))).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('what is taken back stays open until the next payment or invoice', async () => {
    const invoice = await issue('20.00')
    const payment = await pay('20.00')
    const { rows } = await sqlOf('SELECT id FROM payment_allocation WHERE from_payment = $1', [payment])
    await on(coin, day, tx => takeBackAllocation(tx, Number(rows[0].id)))
    expect(await invoiceOf(invoice)).toEqual({ allocated: '0.00', settled: null })
    await expect(on(coin, day, tx => takeBackAllocation(tx, Number(rows[0].id)))).rejects.toMatchObject({ code: 'not_found' })
    await issue('1.00')
    expect(await told()).toEqual([`payment ${payment} > invoice ${invoice}: 20.00`])
  })
})

describe('a payment that is corrected', () => {
  test('is allocated anew', async () => {
    const [first, second] = [await issue('20.00'), await issue('20.00')]
    const payment = await pay('20.00')
    await on(coin, day, tx => changePayment(tx, payment, { amount: '12.00', invoiceId: second, comment: 'Read again' }))
    expect(await told()).toEqual([`payment ${payment} > invoice ${second}: 12.00`])
    await on(coin, day, tx => changePayment(tx, payment, { amount: '22.00', invoiceId: null }))
    expect(await told()).toEqual([`payment ${payment} > invoice ${first}: 20.00`, `payment ${payment} > invoice ${second}: 2.00`])
    const other = await addMember(coin)
    await on(coin, day, tx => changePayment(tx, payment, { memberId: other }))
    expect(await told()).toEqual([])
    expect((await invoiceOf(first))?.allocated).toBe('0.00')
  })

  test('is not made smaller than what a person allocated of it', async () => {
    const invoice = await issue('20.00')
    const payment = await pay('20.00')
    await on(coin, day, tx => allocateByHand(tx, { fromPayment: payment, toInvoice: invoice }))
    await expect(on(coin, day, tx => changePayment(tx, payment, { amount: '19.00' }))).rejects.toMatchObject({
      fields: [{ field: 'amount', values: { taken: '20.00', currency: 'EUR' } }],
    })
  })
})

describe('what the database refuses, in psql too', () => {
  const refused = async (statement: string, values: unknown[], constraint: string) =>
    expect(sqlOf(statement, values)).rejects.toMatchObject({ constraint })
  const insert = 'INSERT INTO payment_allocation (from_payment, to_invoice, amount) VALUES ($1, $2, $3)'

  test('more than an invoice asks for, or than a payment has', async () => {
    const [invoice, other] = [await issue('20.00'), await issue('5.00')]
    const payment = await pay('30.00')
    await refused(insert, [payment, invoice, 1], 'invoice_allocated')
    await sqlOf('DELETE FROM payment_allocation WHERE to_invoice = $1', [invoice])
    await refused(insert, [payment, invoice, 20.01], 'invoice_allocated')
    await refused(insert, [payment, invoice, 0], 'payment_allocation_amount')
    await sqlOf(`UPDATE invoice SET disputed_on = '2026-04-02' WHERE id = $1`, [invoice])
    const small = await pay('3.00')
    await refused(insert, [small, invoice, 3.5], 'payment_allocated')
    await refused(insert, [small, other, 1], 'invoice_allocated')
    await refused('UPDATE payment SET amount = 1 WHERE id = $1', [payment], 'payment_allocated')
  })

  test('another member’s invoice, another currency, a refund that pays', async () => {
    const theirs = await issue('20.00', { memberId: await addMember(coin) })
    const francs = await issue('20.00', { currency: 'CHF' })
    const payment = await pay('20.00')
    await refused(insert, [payment, theirs, 1], 'payment_allocation_fits')
    await refused(insert, [payment, francs, 1], 'payment_allocation_fits')
    await refused('INSERT INTO payment (member_id, amount, invoice_id) VALUES ($1, 5, $2)', [memberId, theirs], 'payment_invoice_fits')
    await refused('INSERT INTO payment (member_id, amount, invoice_id) VALUES ($1, 5, $2)', [memberId, francs], 'payment_invoice_fits')
    await refused(
      'INSERT INTO payment (member_id, amount, reverses_id) VALUES ($1, -5, $2)',
      [await addMember(coin), payment],
      'payment_reverses_fits',
    )
    await refused(
      'INSERT INTO payment (member_id, amount, reverses_id) VALUES ($1, 5, $2)',
      [memberId, payment],
      'payment_reverses_below_zero',
    )
    await refused(`INSERT INTO payment (member_id, amount, currency) VALUES ($1, 5.50, 'JPY')`, [memberId], 'payment_minor_digits')
  })

  test('an allocation that is changed, and figures that are written by hand', async () => {
    const invoice = await issue('20.00')
    const payment = await pay('10.00')
    await refused('UPDATE payment_allocation SET amount = 5 WHERE from_payment = $1', [payment], 'payment_allocation_stays')
    await refused('UPDATE payment SET allocated = 0 WHERE id = $1', [payment], 'payment_allocated_kept')
    await refused('UPDATE invoice SET allocated = 20 WHERE id = $1', [invoice], 'invoice_allocated_kept')
    await refused('UPDATE payment SET member_id = $2 WHERE id = $1', [payment, await addMember(coin)], 'payment_stays')
  })
})

test('many payments cost one statement, and keep their order', async () => {
  const other = await addMember(coin)
  const ids = await on(coin, day, tx =>
    recordPayments(tx, [
      { memberId, amount: '1.00', reference: 'a' },
      { memberId: other, amount: '2.00', reference: 'b', method: 'cheque', receivedOn: '2026-03-02' },
      { memberId, amount: '-3.00', reference: 'c' },
    ]),
  )
  const { rows } = await sqlOf(
    'SELECT id::int, amount, reference, method, received_on::text FROM payment WHERE id = ANY ($1) ORDER BY id',
    [ids],
  )
  expect(rows).toEqual([
    { id: ids[0], amount: '1.00', reference: 'a', method: 'transfer', received_on: day },
    { id: ids[1], amount: '2.00', reference: 'b', method: 'cheque', received_on: '2026-03-02' },
    { id: ids[2], amount: '-3.00', reference: 'c', method: 'transfer', received_on: day },
  ])
  expect(await on(coin, day, tx => recordPayments(tx, []))).toEqual([])
  for (const amount of ['0', '0.00', '1,5', '1.234', 'NaN', '1e3', ''])
    await expect(pay(amount), amount).rejects.toMatchObject({ code: 'invalid', fields: [{ field: 'amount' }] })
  await expect(pay('1.50', { currency: 'JPY' })).rejects.toMatchObject({ fields: [{ field: 'amount' }] })
  await expect(pay('1.00', { memberId: 999_999_999 })).rejects.toMatchObject({
    constraint: 'payment_member',
    fields: [{ field: 'memberId' }],
  })
  await expect(on(coin, day, tx => tx.execute(sql`SELECT coin.allocate_payments(NULL)`))).resolves.toBeDefined()
})
