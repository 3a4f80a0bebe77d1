import { readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issueInvoices } from '../../billing/issue.ts'
import { type TestCoin, testCoin } from '../../testing/coin.ts'
import { addMember, addSubscription } from '../../testing/factories.ts'
import { changePayment, removePayment } from '../change-payment.ts'
import { contradictions, draftOf, issueOf, on } from '../fixture.ts'
import { refund } from '../rules.ts'
import { addAccount, apply, type Booking, csv, importFile, owed, preview, today, told } from './fixture.ts'
import { importOf, overlapsOf } from './import-queries.ts'
import { applyImport, dropImport } from './imports.ts'
import { ignoreLine, settleLine, takeBackLine } from './settle.ts'
import { redoImport, undoImport } from './undo.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())

const issue = (memberId: number, amount: string) => on(coin, '2026-02-01', tx => issueOf(tx, { memberId, amount }))
const count = async (of: string) => Number((await coin.pool.query(`SELECT count(*) FROM ${of}`)).rows[0].count)
/** A member with a subscription, and its reference. */
async function subscriber(lastName: string) {
  const id = await addMember(coin, { firstName: 'Ada', lastName })
  const subscription = await addSubscription(coin, { member: id })
  const { rows } = await coin.pool.query('SELECT reference FROM subscription WHERE id = $1', [subscription])
  return { id, reference: rows[0].reference as string }
}
const live = (account: number) => `bank_line WHERE account_id = ${account} AND state IN ('matched', 'unmatched', 'ignored')`

test('a file is shown before anything is done; the same file again changes nothing', async () => {
  const { id, reference } = await subscriber('Again')
  await issue(id, '24.00')
  const account = await addAccount(coin, 'Again')
  const file = csv([
    { amount: '24.00', label: reference },
    { amount: '24.00', label: reference },
    { amount: '9.00', label: 'qui donc' },
    { amount: '0.00', label: 'rien' },
  ])
  const before = await count('payment')
  const shown = await preview(coin, account, file)
  expect(told(shown.lines)).toEqual(['match Ada Again reference', 'match Ada Again reference', 'none - -'])
  expect(shown.row).toMatchObject({ state: 'previewed', format: 'csv', from: '2026-02-10', counts: { lines: 4, zero: 1 } })
  expect((await preview(coin, account, file)).row.id).toBe(shown.row.id)
  expect(await count('payment')).toBe(before)
  expect(await apply(coin, shown)).toBe('applied')
  expect(await apply(coin, shown)).toBe('applied')
  expect(await count('payment')).toBe(before + 2)
  expect((await owed(coin))[id]).toBe('-24.00')
  const again = await importFile(coin, account, file)
  expect(again.row).toMatchObject({ state: 'applied', lines: [], counts: { known: 3 } })
  expect(await count('payment')).toBe(before + 2)
})

test('what is imported is what was shown: when the world moved it is shown again', async () => {
  const { id, reference } = await subscriber('Moved')
  const account = await addAccount(coin, 'Moved')
  const shown = await preview(
    coin,
    account,
    csv([
      { amount: '24.00', label: reference, name: 'Somebody' },
      { amount: '3.00', label: 'x', name: 'Payer Unknown' },
    ]),
  )
  await coin.pool.query(`INSERT INTO bank_rule (kind, value, member_id) VALUES ('name', 'payer unknown', $1)`, [id])
  expect(await apply(coin, shown)).toBe('moved')
  expect(await count(live(account))).toBe(0)
  const now = await on(coin, today, tx => importOf(tx, shown.row.id))
  expect(now.digest).not.toBe(shown.row.digest)
  expect(await apply(coin, { row: now })).toBe('applied')
  expect((await owed(coin))[id]).toBe('-27.00')
})

test('a file that was shown can be forgotten, and then leaves no line', async () => {
  const account = await addAccount(coin, 'Dropped')
  const { row } = await preview(coin, account, csv([{ amount: '24.00', label: 'x' }]))
  await on(coin, today, tx => dropImport(tx, row.id))
  expect(await count(`bank_line WHERE import_id = ${row.id}`)).toBe(0)
  await expect(apply(coin, { row })).rejects.toMatchObject({ code: 'refused' })
})

test('re-exports of overlapping days, in any order, count each booking once', async () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor((seed / 2147483648) * below)
  }
  const account = await addAccount(coin, 'Overlaps')
  const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}`
  // few texts and amounts, so that many bookings are the same
  const bookings: Booking[] = Array.from({ length: 120 }, () => ({
    day: day(1 + random(20)),
    amount: ['20.00', '-3.00', '7.50'][random(3)] as string,
    label: ['virement', 'frais'][random(2)] as string,
  }))
  const seen = new Set<string>()
  for (let round = 0; round < 14; round++) {
    const first = 1 + random(20)
    const last = first + random(21 - first)
    const chosen = bookings.filter(booking => booking.day && booking.day >= day(first) && booking.day <= day(last))
    for (const booking of chosen) seen.add(booking.day ?? '')
    if (chosen.length === 0) continue
    await importFile(coin, account, csv(round % 2 ? chosen.toReversed() : chosen), `export-${round}.csv`)
    expect(await count(live(account))).toBe(bookings.filter(booking => seen.has(booking.day ?? '')).length)
  }
})

test('an import is undone with its payments, and can be done again', async () => {
  const { id, reference } = await subscriber('Undone')
  const invoice = await issue(id, '50.00')
  const account = await addAccount(coin, 'Undone')
  const { row, lines } = await importFile(
    coin,
    account,
    csv([
      { amount: '50.00', label: reference },
      { amount: '4.00', label: 'hand' },
    ]),
  )
  await on(coin, today, tx => settleLine(tx, lines[1]?.id ?? 0, [{ memberId: id, amount: '4.00' }], false))
  const payments = await count('payment')
  const state = async () => (await coin.pool.query('SELECT allocated::text, settled_on FROM invoice WHERE id = $1', [invoice])).rows[0]
  expect(await state()).toMatchObject({ allocated: '50.00' })
  await on(coin, today, tx => undoImport(tx, row.id))
  expect(await state()).toEqual({ allocated: '0.00', settled_on: null })
  expect(await count('payment')).toBe(payments - 2)
  expect(await count(live(account))).toBe(0)
  await expect(on(coin, today, tx => undoImport(tx, row.id))).rejects.toMatchObject({ code: 'refused' })
  await on(coin, today, tx => redoImport(tx, row.id))
  expect(await apply(coin, { row: await on(coin, today, tx => importOf(tx, row.id)) })).toBe('applied')
  expect(await state()).toMatchObject({ allocated: '50.00' })
  expect(await contradictions(coin)).toEqual([])
})

test('an import whose money was paid back since is not undone, and says so', async () => {
  const { id, reference } = await subscriber('Refunded')
  const account = await addAccount(coin, 'Refunded')
  const { row, lines } = await importFile(coin, account, csv([{ amount: '50.00', label: reference }]))
  const paymentId = lines[0]?.payers[0]?.paymentId ?? 0
  await on(coin, today, tx => refund(tx, { paymentId, amount: '10.00' }))
  await expect(on(coin, today, tx => undoImport(tx, row.id))).rejects.toMatchObject({
    code: 'refused',
    values: { names: 'Ada Refunded (€50.00)' },
  })
  await expect(on(coin, today, tx => takeBackLine(tx, lines[0]?.id ?? 0))).rejects.toMatchObject({ code: 'refused' })
  expect((await owed(coin))[id]).toBe('-40.00')
})

test('a payment of a bank line keeps its amount and day, and goes only with the line', async () => {
  const { reference } = await subscriber('Kept')
  const account = await addAccount(coin, 'Kept')
  const { lines } = await importFile(coin, account, csv([{ amount: '50.00', label: reference }]))
  const id = lines[0]?.payers[0]?.paymentId ?? 0
  await expect(on(coin, today, tx => changePayment(tx, id, { amount: '49.00' }))).rejects.toMatchObject({
    constraint: 'payment_of_bank_stays',
  })
  await expect(on(coin, today, tx => changePayment(tx, id, { receivedOn: '2026-01-01' }))).rejects.toMatchObject({
    constraint: 'payment_of_bank_stays',
  })
  await on(coin, today, tx => changePayment(tx, id, { comment: 'seen' }))
  await expect(on(coin, today, tx => removePayment(tx, id))).rejects.toMatchObject({ code: 'refused' })
  await on(coin, today, tx => takeBackLine(tx, lines[0]?.id ?? 0))
  expect(await count(`payment WHERE id = ${id}`)).toBe(0)
  expect(await count(`bank_line WHERE id = ${lines[0]?.id} AND state = 'unmatched'`)).toBe(1)
})

test('a line is shared out whole, by one person only', async () => {
  const [one, two] = [await subscriber('One'), await subscriber('Two')]
  const account = await addAccount(coin, 'Shared')
  const { lines } = await importFile(
    coin,
    account,
    csv([
      { amount: '50.00', label: 'famille' },
      { amount: '8.00', label: 'autre' },
    ]),
  )
  const id = lines[0]?.id ?? 0
  const settle = (first: string, second: string) =>
    on(coin, today, tx =>
      settleLine(
        tx,
        id,
        [
          { memberId: one.id, amount: first },
          { memberId: two.id, amount: second },
        ],
        true,
      ),
    )
  await expect(settle('20.00', '20.00')).rejects.toMatchObject({ code: 'invalid', values: { sum: '40.00', amount: '50.00' } })
  await expect(settle('60.00', '-10.00')).rejects.toMatchObject({ code: 'invalid' })
  const results = await Promise.allSettled([
    settle('20.00', '30.00'),
    settle('25.00', '25.00'),
    on(coin, today, tx => ignoreLine(tx, id, 'x')),
  ])
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await count(`bank_line_payment WHERE line_id = ${id}`)).not.toBe(1)
})

test('the database itself refuses what contradicts the bank', async () => {
  const { id, reference } = await subscriber('Psql')
  const account = await addAccount(coin, 'Psql')
  const { row, lines } = await importFile(
    coin,
    account,
    csv([
      { amount: '50.00', label: reference },
      { amount: '8.00', label: 'autre' },
    ]),
  )
  const [matched, open] = lines.map(line => line.id)
  const { rows } = await coin.pool.query(`INSERT INTO payment (member_id, amount) VALUES ($1, 7) RETURNING id`, [id])
  const refused: [string, string][] = [
    [`UPDATE bank_line SET amount = 9 WHERE id = ${open}`, 'bank_line_stays'],
    [`UPDATE bank_line SET state = 'matched' WHERE id = ${open}`, 'bank_line_follows'],
    [`UPDATE bank_line SET state = 'ignored' WHERE id = ${matched}`, 'bank_line_follows'],
    [`DELETE FROM bank_line WHERE id = ${open}`, 'bank_line_kept'],
    [`INSERT INTO bank_line_payment VALUES (${rows[0].id}, ${open})`, 'bank_line_split'],
    [`UPDATE bank_line_payment SET line_id = ${open} WHERE line_id = ${matched}`, 'bank_line_payment_stays'],
    [`DELETE FROM payment WHERE id = (SELECT payment_id FROM bank_line_payment WHERE line_id = ${matched})`, 'bank_line_payment_payment'],
    [`UPDATE bank_import SET state = 'previewed' WHERE id = ${row.id}`, 'bank_import_stays'],
    [`INSERT INTO bank_rule (kind, value) VALUES ('iban', 'nonsense')`, 'bank_rule_value'],
    [`TRUNCATE bank_line_payment`, ''],
    [
      `INSERT INTO bank_line (import_id, account_id, position, file_line, fingerprint, booked_on, amount, currency, label, state)
        SELECT import_id, account_id, 99, 1, fingerprint, booked_on, amount, currency, label, 'unmatched' FROM bank_line WHERE id = ${open}`,
      'bank_line_begins_proposed',
    ],
  ]
  for (const [statement, constraint] of refused) {
    const failure = await coin.pool.query(statement).then(
      () => 'nothing',
      (error: { constraint?: string }) => error.constraint ?? '',
    )
    if (constraint) expect([statement, failure]).toEqual([statement, constraint])
    else expect(failure).not.toBe('nothing')
  }
})

test('another format of days that were imported is warned of, and waits for a person', async () => {
  const account = await addAccount(coin, 'Formats', { iban: 'FR1420041010050500013M02606' })
  await importFile(
    coin,
    account,
    csv([
      { day: '2026-01-05', amount: '24.00', label: 'ADH' },
      { day: '2026-01-20', amount: '5.00', label: 'x' },
    ]),
  )
  const camt = readFileSync(new URL('../statement/fixtures/camt.053.001.02.xml', import.meta.url))
  const shown = await preview(coin, account, camt, 'camt.xml')
  expect(await on(coin, today, tx => overlapsOf(tx, shown.row.id))).toMatchObject([{ format: 'csv', same: 1 }])
  await expect(apply(coin, shown)).rejects.toMatchObject({ code: 'refused' })
  expect(await apply(coin, shown, true)).toBe('applied')
})

test('a file of another account, or with one bad line, is refused whole', async () => {
  const account = await addAccount(coin, 'Other account', { iban: 'BE68539007547034' })
  const camt = readFileSync(new URL('../statement/fixtures/camt.053.001.02.xml', import.meta.url))
  await expect(preview(coin, account, camt)).rejects.toThrow('This file is of the account')
  const good = Array.from({ length: 9 }, () => ({ amount: '24.00', label: 'x' }))
  const bad = `${csv(good)}\n2026-02-31;y;abc;;`
  await expect(preview(coin, account, bad)).rejects.toThrow('"line":11')
  expect(await count(`bank_line WHERE account_id = ${account}`)).toBe(0)
})

test('an import that is killed in the middle leaves nothing, and can be done again', async () => {
  const { id, reference } = await subscriber('Killed')
  const account = await addAccount(coin, 'Killed')
  const shown = await preview(coin, account, csv([{ amount: '50.00', label: reference }]))
  const killed = on(coin, today, async tx => {
    await applyImport(tx, { importId: shown.row.id, digest: shown.row.digest ?? '' })
    await tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`)
  })
  await expect(killed).rejects.toThrow()
  expect(await count(live(account))).toBe(0)
  expect((await owed(coin))[id]).toBeUndefined()
  expect(await apply(coin, shown)).toBe('applied')
})

test('an import while invoices are issued pays them once, and everything adds up', async () => {
  const many = await Promise.all(Array.from({ length: 12 }, (_, n) => subscriber(`Busy ${n}`)))
  const drafts = await on(coin, today, async tx => {
    const ids: number[] = []
    for (const { id } of many) ids.push(await draftOf(tx, { memberId: id, amount: '20.00' }))
    return ids
  })
  const account = await addAccount(coin, 'Busy')
  const shown = await preview(
    coin,
    account,
    csv(
      many.flatMap(({ reference }) => [
        { amount: '15.00', label: reference },
        { amount: '5.00', label: reference },
      ]),
    ),
  )
  await Promise.all([on(coin, today, tx => issueInvoices(tx, drafts)), apply(coin, shown)])
  expect(await count(`invoice WHERE id = ANY ('{${drafts}}') AND allocated = 20`)).toBe(12)
  expect(await contradictions(coin)).toEqual([])
})
