import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { until } from '../testing/until.ts'
import { reallocate } from './allocations.ts'
import { contradictions, draftOf, issueOf, on } from './fixture.ts'
import { recordPayments, refund } from './rules.ts'

let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())

const day = '2026-03-01'

test('eight clients that record and issue at once: nothing fails, nothing is covered twice, and nothing that fits is left apart', async () => {
  const members = [await addMember(coin), await addMember(coin), await addMember(coin)]
  const drafts = await on(coin, day, async tx => {
    const ids: number[] = []
    for (let n = 0; n < 24; n++) ids.push(await draftOf(tx, { memberId: members[n % 3] as number, amount: `${(n % 5) * 4 + 3}.00` }))
    return ids
  })
  const client = async (number: number) => {
    for (let round = 0; round < 3; round++) {
      // a batch for all, in another order each time; drafts of all in one statement; and what takes allocations back
      const batch = [0, 1, 2].map(n => ({ memberId: members[(n + number + round) % 3] as number, amount: `${number + round + 1}.50` }))
      const paid = await on(coin, day, tx => recordPayments(tx, batch))
      const mine = drafts.slice(number * 3, number * 3 + 3)
      if (round === 1)
        await on(coin, day, tx => tx.execute(sql`UPDATE invoice SET state = 'issued' WHERE id = ANY (${sql.param(mine)}::bigint[])`))
      if (round === 2) await on(coin, day, tx => refund(tx, { paymentId: paid[0] as number, amount: '1.00' }))
      if (number % 4 === 0) await on(coin, day, tx => reallocate(tx, members[round] as number))
    }
  }
  await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(client))
  expect(await contradictions(coin)).toEqual([])
  const { rows } = await coin.pool.query(`
    SELECT (SELECT count(*)::int FROM payment) AS payments, (SELECT count(*)::int FROM invoice WHERE state = 'issued') AS invoices,
      (SELECT count(*)::int FROM member m WHERE EXISTS (SELECT FROM payment p WHERE p.member_id = m.id AND p.amount > p.allocated AND p.amount > 0)
        AND EXISTS (SELECT FROM invoice i WHERE i.member_id = m.id AND i.state = 'issued' AND i.total > i.allocated)) AS apart`)
  expect(rows[0]).toEqual({ payments: 80, invoices: 24, apart: 0 })
})

test('whoever issues waits for a payment that is not committed yet, and then sees it', async () => {
  const memberId = await addMember(coin)
  const draft = await on(coin, day, tx => draftOf(tx, { memberId, amount: '20.00' }))
  const payer = await coin.pool.connect()
  try {
    await payer.query('BEGIN')
    await payer.query('INSERT INTO payment (member_id, amount) VALUES ($1, 20)', [memberId])
    const issued = on(coin, day, tx => tx.execute(sql`UPDATE invoice SET state = 'issued' WHERE id = ${draft}`))
    await waitsForALock()
    await payer.query('COMMIT')
    await issued
  } finally {
    payer.release()
  }
  const { rows } = await coin.pool.query('SELECT allocated, settled_on::text FROM invoice WHERE id = $1', [draft])
  expect(rows[0]?.allocated).toBe('20.00')
})

test('in psql, two allocations of the same money at once: one is refused, by name', async () => {
  const memberId = await addMember(coin)
  await on(coin, day, tx => tx.execute(sql`INSERT INTO payment (member_id, amount) VALUES (${memberId}, 10)`))
  const { rows } = await coin.pool.query('SELECT id FROM payment WHERE member_id = $1', [memberId])
  const invoices = [
    await on(coin, day, tx => issueOf(tx, { memberId, amount: '10.00' })),
    await on(coin, day, tx => issueOf(tx, { memberId, amount: '10.00' })),
  ]
  await coin.pool.query('DELETE FROM payment_allocation WHERE from_payment = $1', [rows[0].id])
  const results = await Promise.allSettled(
    invoices.map(invoice =>
      coin.pool.query('INSERT INTO payment_allocation (from_payment, to_invoice, amount, by_hand) VALUES ($1, $2, 10, true)', [
        rows[0].id,
        invoice,
      ]),
    ),
  )
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(result => result.status === 'rejected')?.reason).toMatchObject({ constraint: 'payment_allocated' })
  expect(await contradictions(coin)).toEqual([])
})

/** Until somebody on this database waits for a lock. */
const waitsForALock = () =>
  until(async () => {
    const { rows } = await coin.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`,
    )
    return rows.length > 0
  })
