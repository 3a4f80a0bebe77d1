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
const addOffer = (
  name: string,
  { fee = '20', initialFee = '0', months = 1, currency = 'EUR', vatRate = '0', strategy = 'in_advance' }: Given = {},
) =>
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
    const year = await bill('2026-01-01')
    expect(await billedBy(year, ada)).toEqual([['invoice EUR 120.00', '120.00 Year, January – December 2026']])
    expect(await billedBy(year, zoe)).toEqual([['invoice EUR 120.00', '120.00 Year, janvier à décembre 2026']])
    await on('2026-03-20', async tx => {
      await subscriptions.resign(tx, one, '2026-03-31')
      await subscriptions.resign(tx, two, '2026-03-31')
    })
    const run = await bill('2026-04-01')
    // 90 of 365 days, 0.25: 30.00
    expect(await billedBy(run, ada)).toEqual([
      [
        'credit_note EUR -90.00',
        '-90.00 Year, January – March 2026: correction – €120.00 was billed, €30.00 is due. 90 of 365 days, so 0.25 of the period',
      ],
    ])
    expect(await billedBy(run, zoe)).toEqual([
      [
        'credit_note EUR -90.00',
        '-90.00 Year, janvier à mars 2026 : correction – 120,00 € facturés, 30,00 € dus. 90 jours sur 365, soit 0,25 de la période',
      ],
    ])
    expect(await billedBy(await bill('2026-05-01'), ada)).toEqual([])
  })

  test('with a day that has passed gets back what came after it, and owes it again when the resignation is taken back', async () => {
    const [offer, member] = [await addOffer('DSL'), await addMember(coin)]
    const id = await subscribe(member, offer)
    await bill('2026-01-01')
    await bill('2026-02-01')
    await on('2026-02-05', tx => subscriptions.resign(tx, id, '2026-01-10'))
    expect(await billedBy(await bill('2026-02-06'), member)).toEqual([
      [
        'credit_note EUR -33.60',
        '-13.60 DSL, 1–10 January 2026: correction – €20.00 was billed, €6.40 is due. 10 of 31 days, so 0.32 of the period',
        '-20.00 DSL, February 2026: given back – €20.00 was billed, nothing is due.',
      ],
    ])
    await on('2026-02-07', tx => subscriptions.resign(tx, id, null))
    expect(await billedBy(await bill('2026-02-07'), member)).toEqual([
      [
        'invoice EUR 33.60',
        '13.60 DSL, January 2026: correction – €6.40 was billed, €20.00 is due',
        '20.00 DSL, February 2026: correction – €0.00 was billed, €20.00 is due',
      ],
    ])
  })
})

test('a start that moved adds its days or takes them off, and its opening stays one', async () => {
  const [offer, member] = [await addOffer('VPN', { fee: '4', initialFee: '10' }), await addMember(coin)]
  const id = await subscribe(member, offer, '2026-01-09')
  expect(await billedBy(await bill('2026-01-09'), member)).toEqual([
    ['invoice EUR 12.96', '10.00 VPN, opening', '2.96 VPN, 9–31 January 2026 – 23 of 31 days, so 0.74 of the period'],
  ])
  await on('2026-01-20', tx => subscriptions.moveStart(tx, id, '2026-01-01'))
  expect(await billedBy(await bill('2026-01-20'), member)).toEqual([
    ['invoice EUR 1.04', '1.04 VPN, January 2026: correction – €2.96 was billed, €4.00 is due'],
  ])
  await on('2026-01-21', tx => subscriptions.moveStart(tx, id, '2026-01-16'))
  expect(await billedBy(await bill('2026-01-21'), member)).toEqual([
    [
      'credit_note EUR -1.92',
      '-1.92 VPN, 16–31 January 2026: correction – €4.00 was billed, €2.08 is due. 16 of 31 days, so 0.52 of the period',
    ],
  ])
})

test('a price that is back-dated leaves what was issued, and comes as a line with the next run', async () => {
  const [offer, ada, zoe] = [await addOffer('Fibre'), await addMember(coin), await french()]
  await subscribe(ada, offer)
  await subscribe(zoe, offer)
  const january = await bill('2026-01-01')
  await bill('2026-02-01')
  await on('2026-02-10', tx => subscriptions.addOfferPrice(tx, { offerId: offer, periodFee: '25', effectiveFrom: '2026-02-01' }))
  const run = await bill('2026-03-01')
  expect(await billedBy(run, ada)).toEqual([
    ['invoice EUR 30.00', '5.00 Fibre, February 2026: correction – €20.00 was billed, €25.00 is due', '25.00 Fibre, March 2026'],
  ])
  expect(await billedBy(run, zoe)).toEqual([
    ['invoice EUR 30.00', '5.00 Fibre, février 2026 : correction – 20,00 € facturés, 25,00 € dus', '25.00 Fibre, mars 2026'],
  ])
  expect(await billedBy(january, ada)).toEqual([['invoice EUR 20.00', '20.00 Fibre, January 2026']])
})

test('an offer that changed on a day that is billed: the days of each', async () => {
  const [slow, fast, member] = [await addOffer('Slow'), await addOffer('Fast', { fee: '30' }), await addMember(coin)]
  const id = await subscribe(member, slow, '2026-02-01')
  await bill('2026-02-01')
  await on('2026-02-20', tx => subscriptions.changeOffer(tx, id, fast, '2026-02-10'))
  expect(await billedBy(await bill('2026-02-20'), member)).toEqual([
    [
      'invoice EUR 6.80',
      '-13.60 Slow, 1–9 February 2026: correction – €20.00 was billed, €6.40 is due. 9 of 28 days, so 0.32 of the period',
      '20.40 Fast, 10–28 February 2026 – 19 of 28 days, so 0.68 of the period',
    ],
  ])
})

test('what was billed at one rate of VAT is corrected at it, though the offer has another since', async () => {
  const [offer, member] = [await addOffer('Taxed', { vatRate: '20' }), await addMember(coin)]
  await subscribe(member, offer)
  await bill('2026-01-01')
  await on('2026-01-10', tx => tx.execute(sql`UPDATE offer SET vat_rate = 5.5 WHERE id = ${offer}`))
  expect(await billedBy(await bill('2026-01-10'), member)).toEqual([])
  await on('2026-01-11', tx => subscriptions.addOfferPrice(tx, { offerId: offer, periodFee: '25', effectiveFrom: '2026-01-01' }))
  const run = await bill('2026-02-01')
  // 5.00 + 20 % and 25.00 + 5.5 %, each VAT rounded once: 1.00 and 1.38
  expect(await billedBy(run, member)).toEqual([
    ['invoice EUR 32.38', '5.00 Taxed, January 2026: correction – €20.00 was billed, €25.00 is due', '25.00 Taxed, February 2026'],
  ])
  expect(
    await rows(
      `SELECT l.net, l.vat_rate FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id WHERE i.run_id = $1 AND i.member_id = $2`,
      run,
      member,
    ),
  ).toEqual([
    { net: '5.00', vat_rate: '20.00' },
    { net: '25.00', vat_rate: '5.50' },
  ])
})

test('a subscription that moved: corrections go to who was billed, what follows to who has it', async () => {
  const [offer, ada, bob] = [await addOffer('Shared', { months: 3, fee: '90' }), await addMember(coin), await addMember(coin)]
  const id = await subscribe(ada, offer)
  await bill('2026-01-01')
  await coin.pool.query('UPDATE subscription SET member_id = $1 WHERE id = $2', [bob, id])
  await on('2026-02-10', tx => subscriptions.addOfferPrice(tx, { offerId: offer, periodFee: '81', effectiveFrom: '2026-01-01' }))
  const run = await bill('2026-04-01')
  expect(await billedBy(run, ada)).toEqual([
    ['credit_note EUR -9.00', '-9.00 Shared, January – March 2026: correction – €90.00 was billed, €81.00 is due'],
  ])
  expect(await billedBy(run, bob)).toEqual([['invoice EUR 81.00', '81.00 Shared, April – June 2026']])
})

describe('currencies', () => {
  test('an offer in another one is billed in it, and what it takes the place of given back in its own', async () => {
    const [euro, franc, member] = [await addOffer('Euro'), await addOffer('Franc', { fee: '30', currency: 'CHF' }), await addMember(coin)]
    const id = await subscribe(member, euro, '2026-02-01')
    await bill('2026-02-01')
    await on('2026-02-20', tx => subscriptions.changeOffer(tx, id, franc, '2026-02-10'))
    expect(await billedBy(await bill('2026-02-20'), member)).toEqual([
      ['invoice CHF 20.40', '20.40 Franc, 10–28 February 2026 – 19 of 28 days, so 0.68 of the period'],
      [
        'credit_note EUR -13.60',
        '-13.60 Euro, 1–9 February 2026: correction – €20.00 was billed, €6.40 is due. 9 of 28 days, so 0.32 of the period',
      ],
    ])
  })

  test('one without cents is billed in whole amounts, and a run makes one invoice per member and currency', async () => {
    const lagoon = await addOffer('Lagoon', { fee: '999', currency: 'XPF', vatRate: '13' })
    const [euro, member] = [await addOffer('Mainland'), await addMember(coin)]
    await subscribe(member, lagoon, '2026-01-09')
    const id = await subscribe(member, lagoon, '2026-01-01')
    await subscribe(member, euro, '2026-01-01')
    await subscribe(member, euro, '2026-01-09')
    // 0.74 × 999 = 739.26; VAT 13 % of 1738 = 225.94
    expect(await billedBy(await bill('2026-01-10'), member)).toEqual([
      ['invoice EUR 34.80', '20.00 Mainland, January 2026', '14.80 Mainland, 9–31 January 2026 – 23 of 31 days, so 0.74 of the period'],
      ['invoice XPF 1964.00', '739.00 Lagoon, 9–31 January 2026 – 23 of 31 days, so 0.74 of the period', '999.00 Lagoon, January 2026'],
    ])
    await on('2026-01-11', tx => subscriptions.resign(tx, id, '2026-01-11'))
    // 0.35 × 999 = 349.65; VAT 13 % of 649 = 84.37
    expect(await billedBy(await bill('2026-01-12'), member)).toEqual([
      [
        'credit_note XPF -733.00',
        '-649.00 Lagoon, 1–11 January 2026: correction – CFPF 999 was billed, CFPF 350 is due. 11 of 31 days, so 0.35 of the period',
      ],
    ])
  })
})

describe('drafts', () => {
  const draftOf = async (run: number, member: number) =>
    (await rows<{ id: number }>('SELECT id FROM invoice WHERE run_id = $1 AND member_id = $2', run, member))[0]?.id as number
  const remove = (id: number) => on('2026-01-25', tx => removeDraft(tx, id))
  const lineOf = async (id: number) =>
    (await rows<{ id: number }>('SELECT id FROM invoice_line WHERE invoice_id = $1 ORDER BY position', id))[0]?.id as number

  test('count as billed; one that a later one corrects stays until that is deleted; then all of it is due again', async () => {
    const [offer, member] = [await addOffer('Drafted'), await addMember(coin)]
    await subscribe(member, offer)
    const early = await draftOf(await bill('2026-01-01', { issues: false }), member)
    await on('2026-01-02', tx => subscriptions.addOfferPrice(tx, { offerId: offer, periodFee: '25', effectiveFrom: '2026-01-01' }))
    const run = await bill('2026-01-02', { issues: false })
    const correction = [['invoice EUR 5.00', '5.00 Drafted, January 2026: correction – €20.00 was billed, €25.00 is due']]
    expect(await billedBy(run, member)).toEqual(correction)
    const late = await draftOf(run, member)

    const words = {
      code: 'refused',
      message: 'A later invoice corrects what this draft bills.',
      hint: 'Delete the later draft first, or issue both.',
    }
    await expect(remove(early)).rejects.toMatchObject(words)
    await expect(lineOf(early).then(line => on('2026-01-25', tx => removeLine(tx, early, line)))).rejects.toMatchObject(words)
    await remove(late)
    const again = await bill('2026-01-03', { issues: false })
    expect(await billedBy(again, member)).toEqual(correction)

    // a line that is taken off is due again as well
    const third = await draftOf(again, member)
    await on('2026-01-25', async tx => removeLine(tx, third, await lineOf(third)))
    await remove(third)
    await remove(early)
    expect(await billedBy(await bill('2026-01-04', { issues: false }), member)).toEqual([
      ['invoice EUR 25.00', '25.00 Drafted, January 2026'],
    ])
  })

  test('are deleted though what they bill was divided otherwise since, at the same cost', async () => {
    const [offer, member] = [await addOffer('Moved', { strategy: 'whole_periods', initialFee: '10' }), await addMember(coin)]
    const id = await subscribe(member, offer, '2026-01-09')
    const draft = await draftOf(await bill('2026-01-09', { issues: false }), member)
    await on('2026-01-10', tx => subscriptions.moveStart(tx, id, '2026-01-05'))
    expect(await billedBy(await bill('2026-01-10', { issues: false }), member)).toEqual([])
    await on('2026-01-11', tx => subscriptions.moveStart(tx, id, '2026-01-03'))
    expect(await billedBy(await bill('2026-01-11', { issues: false }), member)).toEqual([])
    await remove(draft)
    expect(await rows('SELECT id FROM charge WHERE subscription_id = $1', id)).toEqual([])
    expect(await billedBy(await bill('2026-01-12', { issues: false }), member)).toEqual([
      ['invoice EUR 30.00', '10.00 Moved, opening', '20.00 Moved, 3–31 January 2026'],
    ])
  })

  test('that give back and bill anew go one after the other', async () => {
    const [euro, franc, member] = [await addOffer('Old'), await addOffer('New', { fee: '30', currency: 'CHF' }), await addMember(coin)]
    const id = await subscribe(member, euro)
    await bill('2026-01-01')
    await on('2026-01-02', tx => subscriptions.changeOffer(tx, id, franc, '2026-01-01'))
    const run = await bill('2026-01-02', { issues: false })
    const both = [
      ['invoice CHF 30.00', '30.00 New, January 2026'],
      ['credit_note EUR -20.00', '-20.00 Old, January 2026: given back – €20.00 was billed, nothing is due.'],
    ]
    expect(await billedBy(run, member)).toEqual(both)
    const [anew, back] = await rows<{ id: number }>(
      'SELECT id FROM invoice WHERE run_id = $1 AND member_id = $2 ORDER BY currency',
      run,
      member,
    )
    await expect(remove(back?.id as number)).rejects.toMatchObject({ constraint: 'charge_corrected' })
    await remove(anew?.id as number)
    await remove(back?.id as number)
    expect(await billedBy(await bill('2026-01-03', { issues: false }), member)).toEqual(both)
  })
})
