import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember, addOffer, addSubscription, type TestCoin, testCoin } from '../testing/index.ts'
import { addDraft } from './draft.ts'
import { issueInvoices } from './issue.ts'

// What the database refuses of psql: statements past Coin.
let coin: TestCoin
let member: number
let subscription: number
let issued: number
let draft: number
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  member = await addMember(coin)
  subscription = await addSubscription(coin, { member })
  issued = await drafted()
  await coin.asSystem('test', () => coin.write(tx => issueInvoices(tx, [issued])))
  draft = await drafted()
})
afterAll(() => coin.close())

const drafted = () =>
  coin.asSystem('test', () =>
    coin.write(tx => addDraft(tx, { memberId: member, lines: [{ description: 'Router', unitPrice: '10', vatRate: '20' }] })),
  )

const psql = async (text: string, values: unknown[] = []) => (await coin.pool.query(text, values)).rows
/** The name of what refuses a statement. */
const refusal = async (text: string, values: unknown[] = []): Promise<string> => {
  const error: unknown = await psql(text, values).then(
    () => 'nothing',
    each => each,
  )
  return typeof error === 'object' && error !== null && 'constraint' in error ? String(error.constraint) : String(error)
}
const refusals = async (statements: readonly string[]) =>
  Object.fromEntries(await Array.fromAsync(statements, async statement => [statement, await refusal(statement)]))
const all = (statements: readonly string[], constraint: string) => Object.fromEntries(statements.map(statement => [statement, constraint]))

const charge = (period: string, kind = 'period') =>
  psql(
    `INSERT INTO charge (subscription_id, member_id, kind, period, offer_id, quantity, unit_price, amount, currency, vat_rate, calculation)
     SELECT $1, $2, $3, $4::daterange, offer_id, 1, 20, 20, 'EUR', 0, '{}' FROM subscription_offer WHERE subscription_id = $1 RETURNING id`,
    [subscription, member, kind, period],
  ).then(
    ([row]) => Number(row.id),
    error => String(error.constraint),
  )

test('a day that is billed twice, and a charge that changes or goes while something stands on it', async () => {
  const id = await charge('[2026-01-01,2026-02-01)')
  expect(id).toEqual(expect.any(Number))
  expect(await charge('[2026-01-01,2026-02-01)')).toBe('charge_billed_once')
  expect(await charge('[2026-01-31,2026-03-01)')).toBe('charge_billed_once')
  expect(await charge('[2025-12-01,2026-01-02)')).toBe('charge_billed_once')
  expect(await charge('[2026-01-01,2026-01-02)', 'initial')).toEqual(expect.any(Number))
  expect(await charge('[2026-02-01,2026-03-01)')).toEqual(expect.any(Number))
  expect(await charge('(,2026-01-01)')).toBe('charge_period')

  const line = `INSERT INTO invoice_line (invoice_id, position, description, subscription_id, charge_id, unit_price, net) VALUES ($1, $2, 'January', ${subscription}, ${id}, 20, 20)`
  await psql(line, [draft, 2])
  expect(await refusal(line, [draft, 3])).toBe('invoice_line_charge_once')
  const changes = [
    `UPDATE charge SET amount = 1 WHERE id = ${id}`,
    `UPDATE charge SET period = '[2027-01-01,2027-02-01)' WHERE id = ${id}`,
    `DELETE FROM charge WHERE id = ${id}`,
  ]
  expect(await refusals(changes)).toEqual(all(changes, 'charge_stays'))
  expect(await refusal(`UPDATE charge SET superseded_by = id WHERE id = ${id}`)).toBe('charge_not_by_itself')
  const opening = await charge('[2026-01-02,2026-01-03)', 'initial')
  expect(await refusal(`UPDATE charge SET superseded_by = ${opening} WHERE id = ${id}`)).toBe('charge_superseded_fits')
  expect(await refusal(`DELETE FROM billing_state WHERE subscription_id = ${subscription}`)).toBe('billing_state_stays')
  await psql(`DELETE FROM invoice_line WHERE charge_id = ${id}`)
  expect(await psql(`SELECT id FROM charge WHERE id = ${id}`)).toEqual([])
})

test('two clients that bill one period at once: one of them is told', async () => {
  const months = ['[2026-04-01,2026-05-01)', '[2026-04-15,2026-06-01)', '[2026-03-20,2026-04-02)', '[2026-04-30,2026-05-02)']
  const made = await Promise.all(months.map(month => charge(month)))
  const stand = await psql(
    `SELECT a.id FROM charge a JOIN charge b ON b.id > a.id AND a.subscription_id = b.subscription_id AND a.kind = b.kind AND a.period && b.period`,
  )
  expect([made.filter(each => each === 'charge_billed_once').length >= 2, stand]).toEqual([true, []])
})

test('an issued invoice or line that changes or goes', async () => {
  const changes = [
    `UPDATE invoice SET total = 1, net = 1, vat = 0 WHERE id = ${issued}`,
    `UPDATE invoice SET sequence = 7 WHERE id = ${issued}`,
    `UPDATE invoice SET number = '2026-01-000007' WHERE id = ${issued}`,
    `UPDATE invoice SET issued_on = issued_on - 1 WHERE id = ${issued}`,
    `UPDATE invoice SET due_on = due_on + 1 WHERE id = ${issued}`,
    `UPDATE invoice SET member_snapshot = '{}' WHERE id = ${issued}`,
    `UPDATE invoice SET state = 'draft' WHERE id = ${issued}`,
    `UPDATE invoice SET note = 'Otherwise' WHERE id = ${issued}`,
    `DELETE FROM invoice WHERE id = ${issued}`,
    `INSERT INTO invoice_line (invoice_id, position, description, unit_price, net) VALUES (${issued}, 9, 'More', 1, 1)`,
    `DELETE FROM invoice_line WHERE invoice_id = ${issued}`,
  ]
  expect(await refusals(changes)).toEqual(all(changes, 'invoice_frozen'))
  const lines = [
    `UPDATE invoice_line SET net = 20, quantity = 2 WHERE invoice_id = ${issued}`,
    `UPDATE invoice_line SET description = 'Something else' WHERE invoice_id = ${issued}`,
    `UPDATE invoice_line SET invoice_id = ${draft}, position = 8 WHERE invoice_id = ${issued}`,
  ]
  expect(await refusals(lines)).toEqual(all(lines, 'invoice_line_stays'))
  const paid = [`UPDATE invoice SET allocated = 12 WHERE id = ${issued}`, `UPDATE invoice SET settled_on = issued_on WHERE id = ${issued}`]
  expect(await refusals(paid)).toEqual(all(paid, 'invoice_allocated_kept'))
})

test('a number that is written by hand, given twice or left out', async () => {
  const begin = `INSERT INTO invoice (member_id, state, series, month, sequence, number, issued_on, due_on, issued_at, member_snapshot)`
  expect(
    await refusal(
      `${begin} VALUES (${member}, 'issued', 'invoice', '2026-01-01', 1, '2026-01-000001', '2026-01-01', '2026-01-31', now(), '{}')`,
    ),
  ).toBe('invoice_begins_as_draft')
  const numbered = [
    `INSERT INTO invoice (member_id, series, month, sequence, number) VALUES (${member}, 'invoice', '2026-01-01', 1, '2026-01-000001')`,
    `UPDATE invoice SET sequence = 5 WHERE id = ${draft}`,
    `UPDATE invoice SET number = '2026-01-000005' WHERE id = ${draft}`,
  ]
  expect(await refusals(numbered)).toEqual(all(numbered, 'invoice_draft_unnumbered'))
  const counters = [
    'UPDATE invoice_counter SET last_sequence = last_sequence + 1',
    'UPDATE invoice_counter SET last_sequence = 0',
    'DELETE FROM invoice_counter',
    `INSERT INTO invoice_counter VALUES ('donation', '2026-01-01', 4, '2026-01-01')`,
  ]
  expect(await refusals(counters)).toEqual(all(counters, 'invoice_counter_kept'))

  // a session that counts for itself
  const client = await coin.pool.connect()
  try {
    const [{ month, last_sequence: last }] = (
      await client.query(`SELECT month::text, last_sequence FROM invoice_counter WHERE series = 'invoice'`)
    ).rows
    await client.query(`SELECT set_config('coin.counter_invoice_${month.slice(0, 7).replace('-', '')}', '${last + 5} ${month}', false)`)
    await expect(client.query(`UPDATE invoice SET state = 'issued' WHERE id = ${draft}`)).rejects.toMatchObject({
      constraint: 'invoice_counter_kept',
    })
  } finally {
    client.release(true)
  }
  // whatever number somebody writes while issuing, it is the next
  const next = await drafted()
  await psql(`UPDATE invoice SET state = 'issued', sequence = 40, number = 'MINE', series = 'donation' WHERE id = ${next}`)
  expect(await psql(`SELECT series, sequence, number FROM invoice WHERE id = ${next}`)).toEqual([
    { series: 'invoice', sequence: 2, number: expect.stringMatching(/^\d{4}-\d{2}-000002$/) },
  ])
})

test('a draft that comes to something else than its lines, or has none', async () => {
  const totals = [
    `UPDATE invoice SET net = 1, total = 3 WHERE id = ${draft}`,
    `UPDATE invoice SET net = 1, total = 3, state = 'issued' WHERE id = ${draft}`,
  ]
  expect(await refusals(totals)).toEqual(all(totals, 'invoice_draft_totals'))
  const others = [
    `UPDATE invoice SET currency = 'JPY' WHERE id = ${draft}`,
    `UPDATE invoice SET member_id = ${await addMember(coin)} WHERE id = ${draft}`,
  ]
  expect(await refusals(others)).toEqual(all(others, 'invoice_draft_whose'))
  expect(await refusal(`WITH i AS (INSERT INTO invoice (member_id) VALUES (${member}) RETURNING id) SELECT id FROM i`)).toBe('nothing')
  expect(
    await refusal(`UPDATE invoice SET state = 'issued' WHERE NOT EXISTS (SELECT FROM invoice_line WHERE invoice_id = invoice.id)`),
  ).toBe('invoice_empty')
  const lines = [
    `INSERT INTO invoice_line (invoice_id, position, description, unit_price, net) VALUES (${draft}, 9, 'Wrong', 3, 4)`,
    `INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, net) VALUES (${draft}, 9, 'Wrong', 0.335, 1, 0.33)`,
  ]
  expect(await refusals(lines)).toEqual(all(lines, 'invoice_line_net'))
})

test('terms that were billed, prices below the minimum, and emptying a table', async () => {
  const offer = await addOffer(coin)
  const other = await addSubscription(coin, { offer })
  await psql(`UPDATE offer SET minimum_fee = 5 WHERE id = ${offer}`)
  expect(
    await refusal(`INSERT INTO subscription_free_price (subscription_id, during, period_fee) VALUES (${other}, '[2026-01-01,)', 4.99)`),
  ).toBe('free_price_minimum')
  const [{ offer_id: billed }] = await psql(`SELECT offer_id FROM subscription_offer WHERE subscription_id = ${subscription}`)
  await charge('[2026-08-01,2026-09-01)')
  const terms = [
    `UPDATE offer SET period_months = 3 WHERE id = ${billed}`,
    `UPDATE offer SET currency = 'CHF' WHERE id = ${billed}`,
    `UPDATE offer SET billable = false WHERE id = ${billed}`,
    `UPDATE offer SET billing_strategy = 'in_arrears' WHERE id = ${billed}`,
  ]
  expect(await refusals(terms)).toEqual(all(terms, 'offer_terms_stay'))
  const tables = [
    'billing_run',
    'billing_state',
    'charge',
    'invoice',
    'invoice_line',
    'invoice_counter',
    'subscription_usage',
    'payment',
    'payment_allocation',
  ]
  const truncates = tables.map(table => `TRUNCATE ${table} CASCADE`)
  expect(await refusals(truncates)).toEqual(all(truncates, 'no_truncate'))
})
