import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tx } from '../db/database.ts'
import * as subscriptions from '../subscriptions/rules.ts'
import { addMember, type TestCoin, testCoin } from '../testing/index.ts'
import { removeDraft, removeLine } from './draft.ts'
import { advanceRun, startRun } from './run.ts'

// What a late or back-dated change bills, worked by hand: a month of €20.00 unless said otherwise.
let coin: TestCoin
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
})
afterAll(() => coin.close())

const on = <R>(day: string, work: (tx: Tx) => Promise<R>): Promise<R> =>
  coin.asSystem('test', () =>
    coin.write(async tx => {
      await tx.execute(sql`SELECT set_config('coin.today', ${day}, true)`)
      return work(tx)
    }),
  )

const bill = async (day: string, { issues = true } = {}): Promise<number> => {
  const run = await on(day, tx => startRun(tx, { date: day, issues }))
  while (await on(day, tx => advanceRun(tx, run)));
  return run
}

const rows = async <T>(statement: string, ...values: unknown[]): Promise<T[]> => (await coin.pool.query(statement, values)).rows as T[]

/** What a run billed a member: each invoice with its total and lines, as printed, with ordinary spaces. */
async function billedBy(run: number, member: number): Promise<readonly (readonly string[])[]> {
  const found = await rows<{ head: string; lines: string[] }>(
    `SELECT i.kind || ' ' || i.currency || ' ' || i.total AS head, array_agg(l.net || ' ' || l.description || coalesce(' – ' || nullif(l.explanation, ''), '') ORDER BY l.position) AS lines
     FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id WHERE i.run_id = $1 AND i.member_id = $2 GROUP BY i.id ORDER BY i.currency, i.id`,
    run,
    member,
  )
  return found.map(({ head, lines }) => [head, ...lines.map(line => line.replaceAll(/[\u202f\u00a0]/g, ' '))])
}

let number = 0
interface Given {
  readonly fee?: string
  readonly initialFee?: string
  readonly months?: number
  readonly currency?: string
  readonly vatRate?: string
  readonly strategy?: string
}
const addOffer = (name: string, { fee = '20', initialFee = '0', months = 1, currency = 'EUR', vatRate = '0', strategy = 'in_advance' }: Given = {}) =>
  on('2026-01-01', tx =>
    subscriptions.addOffer(tx, {
      name,
      reference: `offer-${++number}`,
      billingStrategy: strategy,
      periodMonths: months,
      periodFee: fee,
      initialFee,
      effectiveFrom: '2025-01-01',
      currency,
      vatRate,
    }),
  )

const subscribe = (memberId: number, offerId: number, startedOn = '2026-01-01') =>
  on('2026-01-01', tx => subscriptions.addSubscription(tx, { memberId, offerId, startedOn }))

async function french(): Promise<number> {
  const id = await addMember(coin)
  await coin.pool.query(`UPDATE member SET language = 'fr' WHERE id = $1`, [id])
  return id
}

describe('who leaves', () => {
  test('a yearly offer early gets back what was billed beyond, in their language', async () => {
    const offer = await addOffer('Year', { fee: '120', months: 12 })
    const [ada, zoe] = [await addMember(coin), await french()]
    const [one, two] = [await subscribe(ada, offer), await subscribe(zoe, offer)]
    expect(await billedBy(await bill('2026-01-01'), ada)).toEqual([['invoice EUR 120.00', '120.00 Year, 1 January – 31 December 2026']])
    await on('2026-03-20', async tx => {
      await subscriptions.resign(tx, one, '2026-03-31')
      await subscriptions.resign(tx, two, '2026-03-31')
    })
    const run = await bill('2026-04-01')
    expect(await billedBy(run, ada)).toEqual(["?"])
    expect(await billedBy(run, zoe)).toEqual(["?"])
  })

  test('after all was billed as if before it', async () => {
    const [offer, member] = [await addOffer('DSL'), await addMember(coin)]
    const id = await subscribe(member, offer)
    await bill('2026-01-01')
    await bill('2026-02-01')
    await on('2026-02-05', tx => subscriptions.resign(tx, id, '2026-01-10'))
    const run = await bill('2026-02-06')
    expect(await billedBy(run, member)).toEqual(["?"])
    await on('2026-02-07', tx => subscriptions.resign(tx, id, null))
    expect(await billedBy(await bill('2026-02-07'), member)).toEqual(["?"])
  })
})

test('a start that moved', async () => {
  const [offer, member] = [await addOffer('VPN', { fee: '4', initialFee: '10' }), await addMember(coin)]
  const id = await subscribe(member, offer, '2026-01-09')
  expect(await billedBy(await bill('2026-01-09'), member)).toEqual(["?"])
  await on('2026-01-20', tx => subscriptions.moveStart(tx, id, '2026-01-01'))
  expect(await billedBy(await bill('2026-01-20'), member)).toEqual(["?"])
  await on('2026-01-21', tx => subscriptions.moveStart(tx, id, '2026-01-16'))
  expect(await billedBy(await bill('2026-01-21'), member)).toEqual(["?"])
})

test('price back-dated', async () => {
  const [offer, ada, zoe] = [await addOffer('Fibre'), await addMember(coin), await french()]
  await subscribe(ada, offer)
  await subscribe(zoe, offer)
  await bill('2026-01-01')
  await bill('2026-02-01')
  await on('2026-02-10', tx => subscriptions.addOfferPrice(tx, { offerId: offer, periodFee: '25', effectiveFrom: '2026-02-01' }))
  const run = await bill('2026-03-01')
  expect(await billedBy(run, ada)).toEqual(["?"])
  expect(await billedBy(run, zoe)).toEqual(["?"])
})

test('offer changed back-dated', async () => {
  const [slow, fast, member] = [await addOffer('Slow'), await addOffer('Fast', { fee: '30' }), await addMember(coin)]
  const id = await subscribe(member, slow)
  await bill('2026-02-01')
  await on('2026-02-20', tx => subscriptions.changeOffer(tx, id, fast, '2026-02-10'))
  expect(await billedBy(await bill('2026-02-20'), member)).toEqual(["?"])
})

test('VAT', async () => {
  const [offer, member] = [await addOffer('Taxed', { vatRate: '20' }), await addMember(coin)]
  await subscribe(member, offer)
  await bill('2026-01-01')
  await on('2026-01-10', async tx => {
    await tx.execute(sql`UPDATE offer SET vat_rate = 5.5 WHERE id = ${offer}`)
    await subscriptions.addOfferPrice(tx, { offerId: offer, periodFee: '25', effectiveFrom: '2026-01-01' })
  })
  const run = await bill('2026-02-01')
  expect(await billedBy(run, member)).toEqual(["?"])
  expect(await rows(`SELECT l.net, l.vat_rate FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id WHERE i.run_id = $1 AND i.member_id = $2`, run, member)).toEqual(["?"])
})

test('moved to another member', async () => {
  const [offer, ada, bob] = [await addOffer('Shared', { months: 3, fee: '90' }), await addMember(coin), await addMember(coin)]
  const id = await subscribe(ada, offer)
  await bill('2026-01-01')
  await coin.pool.query('UPDATE subscription SET member_id = $1 WHERE id = $2', [bob, id])
  await on('2026-02-10', tx => subscriptions.addOfferPrice(tx, { offerId: offer, periodFee: '81', effectiveFrom: '2026-01-01' }))
  const run = await bill('2026-04-01')
  expect(await billedBy(run, ada)).toEqual(["?"])
  expect(await billedBy(run, bob)).toEqual(["?"])
})

test('currency', async () => {
  const [euro, franc, member] = [await addOffer('Euro'), await addOffer('Franc', { fee: '30', currency: 'CHF' }), await addMember(coin)]
  const id = await subscribe(member, euro)
  await bill('2026-02-01')
  await on('2026-02-20', tx => subscriptions.changeOffer(tx, id, franc, '2026-02-10'))
  expect(await billedBy(await bill('2026-02-20'), member)).toEqual(["?"])
})

test('XPF', async () => {
  const [pacific, euro, member] = [await addOffer('Lagon', { fee: '999', currency: 'XPF', vatRate: '13' }), await addOffer('Metropole'), await addMember(coin)]
  await subscribe(member, pacific, '2026-01-09')
  const id = await subscribe(member, pacific, '2026-01-01')
  await subscribe(member, euro, '2026-01-01')
  await subscribe(member, euro, '2026-01-09')
  expect(await billedBy(await bill('2026-01-10'), member)).toEqual(["?"])
  await on('2026-01-11', tx => subscriptions.resign(tx, id, '2026-01-11'))
  expect(await billedBy(await bill('2026-01-12'), member)).toEqual(["?"])
})

test('drafts', async () => {
  const [offer, member] = [await addOffer('Draft'), await addMember(coin)]
  await subscribe(member, offer)
  const first = await bill('2026-01-01', { issues: false })
  expect(await billedBy(first, member)).toEqual(["?"])
  await on('2026-01-02', tx => subscriptions.addOfferPrice(tx, { offerId: offer, periodFee: '25', effectiveFrom: '2026-01-01' }))
  const second = await bill('2026-01-02', { issues: false })
  expect(await billedBy(second, member)).toEqual(["?"])
  const draft = async (run: number) => (await rows<{ id: number }>('SELECT id FROM invoice WHERE run_id = $1 AND member_id = $2', run, member))[0]?.id as number
  const [early, late] = [await draft(first), await draft(second)]
  expect(await on('2026-01-03', tx => removeDraft(tx, early)).catch(e => [e.message, e.hint, e.code])).toEqual(["?"])
  const [line] = await rows<{ id: number }>('SELECT id FROM invoice_line WHERE invoice_id = $1', early)
  expect(await on('2026-01-03', tx => removeLine(tx, early, line?.id as number)).catch(e => [e.message, e.hint, e.code])).toEqual(["?"])
  await on('2026-01-03', tx => removeDraft(tx, late))
  expect(await billedBy(await bill('2026-01-03', { issues: false }), member)).toEqual(["?"])
})
