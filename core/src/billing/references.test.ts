import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addMember, addSubscription, type TestCoin, testCoin } from '../testing/index.ts'

// What the triggers of 0002_sets.sql say instead of foreign keys and an exclusion constraint, of psql and of two clients at once.
let coin: TestCoin
let one: pg.PoolClient
let other: pg.PoolClient
let member: number
let subscription: number
let draft: number
let charge: number
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  one = await coin.pool.connect()
  other = await coin.pool.connect()
})
afterAll(async () => {
  one.release(true)
  other.release(true)
  await coin.close()
})
beforeEach(async () => {
  for (const client of [one, other]) await client.query('ROLLBACK')
  member = await addMember(coin)
  subscription = await addSubscription(coin, { member: await addMember(coin) })
  draft = await idOf(`INSERT INTO invoice (member_id) VALUES (${member}) RETURNING id`)
  charge = await idOf(chargeOf('[2026-01-01,2026-02-01)'))
  await coin.pool.query(`DELETE FROM invoice_line WHERE invoice_id = ${draft}`)
})

const nobody = 999_999_999
const idOf = async (statement: string) => Number((await coin.pool.query(statement)).rows[0].id)
const chargeOf = (period: string, of = subscription) =>
  `INSERT INTO charge (subscription_id, member_id, kind, period, offer_id, quantity, unit_price, amount, currency, vat_rate, calculation)
   VALUES (${of}, 1, 'period', '${period}', 1, 1, 20, 20, 'EUR', 0, '{}') RETURNING id`
const lineOf = (of: number, billed: number | null, price = 20) =>
  `INSERT INTO invoice_line (invoice_id, position, description, charge_id, unit_price, net) SELECT ${of}, coalesce(max(position), 0) + 1, 'A line', ${billed}, ${price}, ${price}
   FROM invoice_line WHERE invoice_id = ${of}`
const invoiceOf = (of: number, run: number | null = null) => `INSERT INTO invoice (member_id, run_id) VALUES (${of}, ${run}) RETURNING id`
const addRun = () => idOf(`INSERT INTO billing_run (date, time_zone, started_by) VALUES ('2026-01-01', 'UTC', 'test') RETURNING id`)

/** The name of what refuses a statement, or `done`. */
const outcome = (statement: string, client: Pick<pg.ClientBase, 'query'> = coin.pool): Promise<string> =>
  client.query(statement).then(
    () => 'done',
    error => String(error.constraint ?? error.code),
  )

test('what is referred to is there', async () => {
  expect(await outcome(chargeOf('[2026-01-01,2026-02-01)', nobody))).toBe('charge_subscription')
  expect(await outcome(lineOf(nobody, null))).toBe('invoice_line_invoice')
  expect(await outcome(lineOf(draft, nobody))).toBe('invoice_line_charge')
  expect(await outcome(invoiceOf(nobody))).toBe('invoice_member')
  expect(await outcome(invoiceOf(member, nobody))).toBe('invoice_run_id_fkey')
  expect(await outcome(`UPDATE invoice SET member_id = ${nobody} WHERE id = ${draft}`)).toBe('invoice_member')
  expect(await outcome(`UPDATE invoice SET run_id = ${nobody} WHERE id = ${draft}`)).toBe('invoice_run_id_fkey')
  // one that is not there among many that are
  expect(
    await outcome(`INSERT INTO invoice (member_id) SELECT CASE n WHEN 50 THEN ${nobody} ELSE ${member} END FROM generate_series(1, 100) n`),
  ).toBe('invoice_member')
})

test('what something refers to stays, and keeps its number', async () => {
  const run = await addRun()
  await coin.pool.query(invoiceOf(member, run))
  await coin.pool.query(lineOf(draft, charge))
  const refused: [string, string][] = [
    [`DELETE FROM billing_run WHERE id = ${run}`, 'invoice_run_id_fkey'],
    [`UPDATE billing_run SET id = ${nobody} WHERE id = ${run}`, 'invoice_run_id_fkey'],
    [`DELETE FROM member WHERE id = ${member}`, 'invoice_member'],
    [`UPDATE member SET id = ${nobody} WHERE id = ${member}`, 'invoice_member'],
    [`UPDATE invoice SET id = ${nobody} WHERE id = ${draft}`, 'id_stays'],
    [`DELETE FROM charge WHERE id = ${charge}`, 'charge_stays'],
    [`UPDATE billing_state SET subscription_id = ${nobody} WHERE subscription_id = ${subscription}`, 'billing_state_stays'],
    [`DELETE FROM billing_state WHERE subscription_id = ${subscription}`, 'billing_state_stays'],
  ]
  for (const [statement, constraint] of refused) expect([statement, await outcome(statement)]).toEqual([statement, constraint])
  expect(await outcome(`DELETE FROM subscription WHERE id = ${subscription}`)).toBe('charge_subscription')

  // a draft takes its lines with it, and what they bill
  expect(await outcome(`DELETE FROM invoice WHERE id = ${draft}`)).toBe('done')
  expect((await coin.pool.query(`SELECT id FROM invoice_line WHERE invoice_id = ${draft}`)).rows).toEqual([])
  expect((await coin.pool.query(`SELECT id FROM charge WHERE id = ${charge}`)).rows).toEqual([])
  expect(await outcome(`DELETE FROM subscription WHERE id = ${subscription}`)).toBe('done')
})

describe('two clients at once: one refers to what the other removes', () => {
  const cases: [string, () => Promise<{ write: string; remove: string; refused: string }>][] = [
    [
      'a charge and its subscription',
      async () => {
        const of = await addSubscription(coin, { member })
        return {
          write: chargeOf('[2026-05-01,2026-06-01)', of),
          remove: `DELETE FROM subscription WHERE id = ${of}`,
          refused: 'charge_subscription',
        }
      },
    ],
    [
      'an invoice and its member',
      async () => {
        const of = await addMember(coin)
        return { write: invoiceOf(of), remove: `DELETE FROM member WHERE id = ${of}`, refused: 'invoice_member' }
      },
    ],
    [
      'an invoice and its run',
      async () => {
        const run = await addRun()
        return {
          write: invoiceOf(member, run),
          remove: `DELETE FROM billing_run WHERE id = ${run}`,
          refused: 'invoice_run_id_fkey',
        }
      },
    ],
  ]
  test.each(cases)('%s', async (_, prepare) => {
    const kept = await prepare()
    await one.query('BEGIN')
    expect(await outcome(kept.remove, one)).toBe('done')
    const waiting = outcome(kept.write, other)
    await waits()
    await one.query('ROLLBACK')
    expect(await waiting).toBe('done')

    const removed = await prepare()
    await one.query('BEGIN')
    expect(await outcome(removed.remove, one)).toBe('done')
    const writing = outcome(removed.write, other)
    await waits()
    await one.query('COMMIT')
    expect(await writing).toBe(removed.refused)

    const written = await prepare()
    await one.query('BEGIN')
    expect(await outcome(written.write, one)).toBe('done')
    const removing = outcome(written.remove, other)
    await waits()
    await one.query('COMMIT')
    expect(await removing).toBe(written.refused)
  })

  test('a line and its charge', async () => {
    await one.query('BEGIN')
    expect(await outcome(`DELETE FROM charge WHERE id = ${charge}`, one)).toBe('done')
    const writing = outcome(lineOf(draft, charge), other)
    await waits()
    await one.query('COMMIT')
    expect(await writing).toBe('invoice_line_charge')

    const next = await idOf(chargeOf('[2026-03-01,2026-04-01)'))
    await one.query('BEGIN')
    expect(await outcome(lineOf(draft, next), one)).toBe('done')
    const removing = outcome(`DELETE FROM charge WHERE id = ${next}`, other)
    await waits()
    await one.query('COMMIT')
    expect(await removing).toBe('charge_stays')
  })

  test('a line and its draft', async () => {
    await one.query('BEGIN')
    expect(await outcome(lineOf(draft, null), one)).toBe('done')
    const removing = outcome(`DELETE FROM invoice WHERE id = ${draft}`, other)
    await waits()
    await one.query('COMMIT')
    expect(await removing).toBe('done')
    expect((await coin.pool.query(`SELECT id FROM invoice_line WHERE invoice_id = ${draft}`)).rows).toEqual([])

    const next = await idOf(invoiceOf(member))
    await one.query('BEGIN')
    expect(await outcome(`DELETE FROM invoice WHERE id = ${next}`, one)).toBe('done')
    const writing = outcome(lineOf(next, null), other)
    await waits()
    await one.query('COMMIT')
    expect(await writing).toBe('invoice_line_invoice')
  })

  test('a line of nothing and who issues its draft', async () => {
    await coin.pool.query(lineOf(draft, null))
    await one.query('BEGIN')
    expect(await outcome(`UPDATE invoice SET state = 'issued' WHERE id = ${draft}`, one)).toBe('done')
    const writing = outcome(lineOf(draft, null, 0), other)
    await waits()
    await one.query('COMMIT')
    expect(await writing).toBe('invoice_frozen')
  })
})

/** Until the other client waits for a lock. */
async function waits(): Promise<void> {
  for (;;) {
    const { rows } = await coin.pool.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`)
    if (rows.length > 0) return
  }
}

test('who reads as of the beginning of a transaction does none of it', async () => {
  const free = await addMember(coin)
  const statements = [
    chargeOf('[2026-07-01,2026-08-01)'),
    `DELETE FROM invoice WHERE id = ${draft}`,
    `DELETE FROM member WHERE id = ${free}`,
    `DELETE FROM charge WHERE id = ${charge}`,
  ]
  for (const level of ['REPEATABLE READ', 'SERIALIZABLE'])
    for (const statement of statements) {
      await one.query(`BEGIN ISOLATION LEVEL ${level}`)
      expect([statement, await outcome(statement, one)]).toEqual([statement, 'billing_isolation'])
      await one.query('ROLLBACK')
    }
})

test('whatever is written at once, the database takes it when and only when no two that stand overlap', async () => {
  const span = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 }))
  const write = fc.array(span, { minLength: 1, maxLength: 4 })
  const step = fc.oneof({ weight: 4, arbitrary: write }, { weight: 1, arbitrary: fc.constant('supersede' as const) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async steps => {
      const of = await addSubscription(coin, { member })
      let standing: { id: number; first: number; end: number }[] = []
      for (const each of steps) {
        if (each === 'supersede') {
          const [gone] = standing
          if (!gone) continue
          // its successor has the same days: the first is set apart before the second stands
          await one.query('BEGIN')
          const [{ id }] = (await one.query(`SELECT nextval('charge_id_seq')::int AS id`)).rows
          await one.query(`UPDATE charge SET superseded_by = ${id} WHERE id = ${gone.id}`)
          await one.query(
            chargeOf(days(gone), of).replace('(subscription_id', '(id, subscription_id').replace('VALUES (', `VALUES (${id}, `),
          )
          await one.query('COMMIT')
          standing = [...standing.slice(1), { ...gone, id }]
          continue
        }
        const fresh = each.map(([first, length]) => ({ first, end: first + length }))
        const all = [...standing, ...fresh]
        const overlap = all.some((a, i) => all.some((b, j) => j > i && a.first < b.end && b.first < a.end))
        const values = fresh.map(span => `(${of}, 1, 'period', '${days(span)}'::daterange, 1, 1, 20, 20, 'EUR', 0, '{}'::jsonb)`).join(', ')
        const insert = `INSERT INTO charge (subscription_id, member_id, kind, period, offer_id, quantity, unit_price, amount, currency, vat_rate, calculation) VALUES ${values} RETURNING id::int`
        const made = await coin.pool.query(insert).then(
          ({ rows }) => rows,
          error => String(error.constraint),
        )
        expect(typeof made === 'string' ? made : 'done').toBe(overlap ? 'charge_billed_once' : 'done')
        if (typeof made !== 'string') standing.push(...fresh.map((span, index) => ({ ...span, id: made[index].id })))
      }
    }),
    { numRuns: 40 },
  )
})

function days({ first, end }: { readonly first: number; readonly end: number }): string {
  const from = Temporal.PlainDate.from('2026-01-01')
  return `[${from.add({ days: first })},${from.add({ days: end })})`
}
