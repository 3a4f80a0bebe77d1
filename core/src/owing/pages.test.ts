import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminSite, staff as chief } from '../admin/fixture.tsx'
import { nobody } from '../app/access.ts'
import type { Actor } from '../app/scope.ts'
import { addDraft } from '../billing/draft.ts'
import { issueInvoices, makeCreditNote } from '../billing/issue.ts'
import { advanceRun, startRun } from '../billing/run.ts'
import { addAccount, csv, importFile } from '../payments/bank/fixture.ts'
import { recordPayment } from '../payments/rules.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { countQueries, withQueryCount } from '../web/query-count.ts'
import { billsOf, billUpTo, offerOf, on, subscribe } from './fixture.ts'
import { nextBillOf } from './next-bill.ts'

let coin: TestCoin
let site: ReturnType<typeof adminSite>
let amina: number
let bill: number
let payment: number
let corrected: number
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  site = adminSite(coin)
  const vpn = await offerOf(coin, { name: 'VPN', fee: '4', initial: '10', vatRate: '20' })
  amina = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier' })
  const subscription = await subscribe(coin, amina, vpn, '2023-10-09')
  await coin.pool.query(`UPDATE subscription SET resigned_on = '2023-11-30' WHERE id = $1`, [subscription])
  await coin.pool.query(
    `INSERT INTO subscription_discount (subscription_id, during, label, percent) VALUES ($1, '[2023-11-01,2023-12-01)', 'Solidarity', 12.5)`,
    [subscription],
  )
  await billUpTo(coin, '2023-11-01')
  payment = await on(coin, '2023-11-06', tx =>
    recordPayment(tx, { memberId: amina, amount: '8', receivedOn: '2023-11-06', reference: 'COL-0182' }),
  )
  await on(coin, '2023-11-07', tx =>
    tx.execute(sql`INSERT INTO offer_price (offer_id, effective_from, period_fee, initial_fee) VALUES (${vpn}, '2023-11-01', 6, 0)`),
  )
  await billUpTo(coin, '2023-11-08')
  const [first = 0, second = 0] = await billsOf(coin, amina)
  bill = first
  corrected = second
})
afterAll(() => coin.close())

const may = (...permissions: string[]): Actor => ({ ...chief, permissions: new Set(permissions) })
const memberOf = (memberId: number): Actor => ({
  kind: 'user',
  label: 'Member',
  userId: 'u9',
  memberId,
  roles: ['member'],
  permissions: new Set(),
})
const text = (html: string) =>
  html
    .replaceAll(/[\u202f\u00a0]/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
const page = async (actor: Actor, path: string) => {
  const answer = await site.get(actor, path)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.text()
}
const said = async (actor: Actor, path: string) => text(await page(actor, path))

test('a member reads what is owed, by when, and for every cent why', async () => {
  // (10 + 2.96 + 3.50) × 1.2 = 19.75, and 8 of it are paid; then 5.25 instead of 3.50 for November
  const money = await page(memberOf(amina), '/money')
  for (const words of [
    'You owe',
    '€13.85',
    'It was to be paid by 1 December 2023.',
    'Owed since 1 November 2023.',
    'Overdue',
    'Why €13.85?',
    '€19.75, of which €8.00 is paid',
    '€2.10',
  ])
    expect(text(money)).toContain(words)
  expect(money).toContain(`href="/money/${bill}/pay"`)
  expect(text(money)).toMatch(/Transfer received “COL-0182” .* −€8\.00 €11\.75/)

  const why = await said(memberOf(amina), `/money/${bill}`)
  for (const words of [
    'VPN, opening Once, to begin with VPN. €10.00',
    '€4.00 a month: the price of VPN since 1 January 2020. It began on 9 October 2023, so 23 of the 31 days are billed. €4.00 a month × 0.74 23 of 31 days = €2.96 €2.96',
    '12.5% less: Solidarity. €4.00 a month − €0.50 Solidarity, 12.5% = €3.50 Corrected since, on 2023-11-000002 (8 Nov 2023) €3.50',
    'Without VAT €16.46 VAT, 20% of €16.46 €3.29',
    'of 1 November 2023 €19.75 Transfer received 6 November 2023, “COL-0182” −€8.00 Still to pay €11.75',
  ])
    expect(why).toContain(words)

  const second = await said(memberOf(amina), `/money/${corrected}`)
  expect(second).toMatch(
    /VPN, November 2023: correction €6\.00 a month: the price of VPN since 1 November 2023\. 12\.5% less: Solidarity\. Billed before: €3\.50 on 2023-11-000001/,
  )
  expect(second).toContain('€5.25 is due − €3.50 billed before = €1.75 €1.75')

  const paid = await said(memberOf(amina), `/money/payments/${payment}`)
  expect(paid).toMatch(/What it paid What Amount Invoice 2023-11-000001 1 November 2023 €8\.00 All of it €8\.00/)
  expect(await said(memberOf(amina), '/')).toMatch(/You owe €13\.85 Overdue/)
})

test('one open bill is explained at once; a credit note, a payment too much and a dispute read as they are', async () => {
  const bo = await addMember(coin, { lastName: 'Bo' })
  const id = await on(coin, '2023-12-01', async tx => {
    const draft = await addDraft(tx, {
      memberId: bo,
      note: 'Thank you for waiting',
      lines: [{ description: 'Router', unitPrice: '39.5', quantity: '2', explanation: 'Two of them' }],
    })
    await issueInvoices(tx, [draft])
    return draft
  })
  expect(await said(memberOf(bo), '/money')).toMatch(/Why €79\.00\? .* Router Two of them €39\.50 × 2 = €79\.00/)
  await on(coin, '2023-12-02', tx =>
    tx.execute(sql`UPDATE invoice SET disputed_on = '2023-12-02', dispute_reason = 'broken' WHERE id = ${id}`),
  )
  const disputed = await said(memberOf(bo), '/money')
  expect(disputed).toContain('It is in dispute: it can wait until that is settled.')
  expect(disputed).not.toContain('Overdue')
  await on(coin, '2023-12-03', async tx => {
    await tx.execute(sql`UPDATE invoice SET disputed_on = NULL WHERE id = ${id}`)
    await issueInvoices(tx, [await makeCreditNote(tx, id, 'all')])
    await recordPayment(tx, { memberId: bo, amount: '12.34', method: 'cheque', receivedOn: '2023-12-03' })
  })
  const [, credit = 0] = await billsOf(coin, bo)
  const favour = await said(memberOf(bo), '/money')
  expect(favour).toMatch(/In your favour €12\.34 It goes towards your next bills\. Your last payment: €12\.34 on 3 December 2023\./)
  expect(favour).toMatch(/Cheque received 3 Dec 2023 .* −€12\.34 €12\.34 in credit/)
  const note = await said(memberOf(bo), `/money/${credit}`)
  expect(note).toMatch(/gives back some of 2023-12-000001/)
  expect(note).toMatch(
    /Router .* Gives back a line of 2023-12-000001 .* −€79\.00 .* Invoice 2023-12-000001 1 December 2023 €79\.00 Left for other bills €0\.00/,
  )
  expect(await said(memberOf(bo), `/money/${id}`)).toMatch(/€79\.00 given back by 2023-12-000002 .* Thank you for waiting/)
})

test('what was corrected twice names every bill that asked for it before, and shows a rounded price as it was counted', async () => {
  const eve = await addMember(coin, { lastName: 'Eve' })
  const offer = await offerOf(coin, { name: 'Radio', fee: '4' })
  const subscription = await subscribe(coin, eve, offer, '2024-05-01')
  await coin.pool.query(
    `INSERT INTO subscription_discount (subscription_id, during, label, percent) VALUES ($1, '[2024-01-01,)', 'Solidarity', 12.5)`,
    [subscription],
  )
  for (const [day, fee] of [
    ['2024-05-01', '4'],
    ['2024-05-02', '6'],
    ['2024-05-03', '7'],
  ] as const) {
    await coin.pool.query('UPDATE offer_price SET period_fee = $2 WHERE offer_id = $1', [offer, fee])
    await billUpTo(coin, day)
  }
  const third = (await billsOf(coin, eve)).at(-1)
  const why = await said(memberOf(eve), `/money/${third}`)
  expect(why).toMatch(/Billed before: €3\.50 on 2024-05-00000\d \(1 May 2024\) Billed before: €1\.75 on 2024-05-00000\d \(2 May 2024\)/)
  expect(why).toContain('€7.00 a month − €0.875 Solidarity, 12.5% = €6.125 €6.13 is due − €5.25 billed before = €0.88 €0.88')
})

test('what comes next is worked out by the schedule; what a run drafted is said, and what a person drafts is not', async () => {
  const dee = await addMember(coin, { lastName: 'Dee' })
  await subscribe(coin, dee, await offerOf(coin, { name: 'Fibre', fee: '30' }), '2024-03-20')
  const next = () => on(coin, '2024-03-25', db => nextBillOf(db, dee))
  expect(await next()).toMatchObject({
    on: '2024-04-01',
    bills: [{ currency: 'EUR', total: '41.70', lines: [{ net: '11.70' }, { net: '30.00' }] }],
  })
  await on(coin, '2024-03-25', async tx => {
    await addDraft(tx, { memberId: dee, lines: [{ description: 'Secret', unitPrice: '123' }] })
    const run = await startRun(tx, { date: '2024-03-25' })
    while (await advanceRun(tx, run));
  })
  expect(await next()).toMatchObject({ on: '2024-04-01', bills: [{ total: '30.00' }] })
  const money = await said(memberOf(dee), '/money')
  expect(money).toContain('A bill of €11.70 is being prepared.')
  expect(money).not.toContain('Secret')
  await coin.pool.query(`UPDATE subscription SET resigned_on = '2024-03-31' WHERE member_id = $1`, [dee])
  expect(await next()).toBeUndefined()
})

test('nobody, another member, the owner and staff each see their own', async () => {
  const stranger = memberOf(await addMember(coin))
  const draft = await coin.asSystem('test', () =>
    coin.write(tx => addDraft(tx, { memberId: amina, lines: [{ description: 'Secret', unitPrice: '1' }] })),
  )
  for (const path of ['/money', `/money/${bill}`, `/money/payments/${payment}`]) {
    expect([path, [302, 303, 401]]).toEqual([path, expect.arrayContaining([(await site.get(nobody, path)).status])])
    expect([path, (await site.get(may('invoice.view'), path)).status]).toEqual([path, 403])
    expect([path, (await site.get(memberOf(amina), path)).status]).toEqual([path, 200])
    if (path !== '/money') expect([path, (await site.get(stranger, path)).status]).toEqual([path, 404])
  }
  expect(await said(stranger, '/money')).toContain('Nothing to pay')
  for (const path of [`/money/${draft}`, '/money/999999999', '/money/99999999999999999999', '/money/payments/999999999'])
    expect([path, (await site.get(memberOf(amina), path)).status]).toEqual([path, 404])

  for (const path of [`/admin/members/${amina}/money`, `/admin/members/${amina}/money/${bill}`]) {
    expect([path, [302, 303, 401]]).toEqual([path, expect.arrayContaining([(await site.get(nobody, path)).status])])
    for (const actor of [stranger, memberOf(amina), may('member.view', 'payment.view')])
      expect([path, (await site.get(actor, path)).status]).toEqual([path, 403])
    expect([path, (await site.get(may('invoice.view'), path)).status]).toEqual([path, 200])
  }
  for (const path of [
    '/admin/members/999999/money',
    `/admin/members/${stranger.memberId}/money/${bill}`,
    `/admin/members/${amina}/money/${draft}`,
  ])
    expect([path, (await site.get(chief, path)).status]).toEqual([path, 404])
})

test('staff see the same with their links, how late it is, and a card on the member’s page', async () => {
  const ledger = await page(may('invoice.view', 'payment.view'), `/admin/members/${amina}/money`)
  expect(text(ledger)).toMatch(/Owed in EUR €13\.85 More than 90 days late €13\.85 All together €13\.85/)
  expect(ledger).toContain(`href="/admin/members/${amina}/money/${bill}"`)
  expect(ledger).toContain(`href="/admin/payments/${payment}"`)
  // without the right to payments they are read, and lead nowhere
  const narrow = await page(may('invoice.view'), `/admin/members/${amina}/money`)
  expect(text(narrow)).toContain('Transfer received')
  expect(narrow).not.toContain('/admin/payments')
  const why = await page(may('invoice.view'), `/admin/members/${amina}/money/${bill}`)
  expect(why).toContain(`href="/admin/invoices/${bill}"`)
  expect(text(why)).toContain('23 of the 31 days are billed.')
  const card = await page(chief, `/admin/members/${amina}`)
  expect(text(card)).toMatch(/Money Overdue Balance €13\.85 Late €13\.85, since 1 December 2023 Last payment €8\.00 on 6 November 2023/)
  expect(card).toContain(`href="/admin/members/${amina}/money"`)
  expect(await page(may('member.view'), `/admin/members/${amina}`)).not.toContain(`/admin/members/${amina}/money`)
})

test('a payment of a bank statement shows its line and why it was taken for the member’s; only staff who may are led there', async () => {
  const cleo = await addMember(coin, { lastName: 'Cleo' })
  const id = await on(coin, '2026-02-01', async tx => {
    const draft = await addDraft(tx, { memberId: cleo, lines: [{ description: 'Cable', unitPrice: '9' }] })
    await issueInvoices(tx, [draft])
    return draft
  })
  const { rows } = await coin.pool.query('SELECT number FROM invoice WHERE id = $1', [id])
  const number = String(rows[0].number)
  await importFile(coin, await addAccount(coin, 'Main'), csv([{ amount: '9.00', label: `VIR CLEO ${number}` }]))
  const known = `Bank line of 10 February 2026: “VIR CLEO ${number}” By the reference ${number}`
  const own = await page(memberOf(cleo), `/money/${id}`)
  expect(text(own)).toContain(known)
  expect(own).not.toContain('/admin/bank')
  expect(await said(memberOf(cleo), /href="(\/money\/payments\/\d+)"/.exec(own)?.[1] ?? '')).toContain(
    `On our bank statement VIR CLEO ${number} How we knew it By the reference ${number}`,
  )
  const path = `/admin/members/${cleo}/money/${id}`
  expect(await page(may('invoice.view', 'bank.import'), path)).toMatch(/href="\/admin\/bank\/lines\/\d+"/)
  const without = await page(may('invoice.view'), path)
  expect(text(without)).toContain(known)
  expect(without).not.toContain('/admin/bank')
})

describe('the cost of a page', () => {
  const costOf = async (actor: Actor, path: string) => {
    countQueries(coin.pool)
    countQueries(coin.database.pool)
    const { statements } = await withQueryCount(() => page(actor, path))
    expect(statements()).toBeGreaterThan(0)
    return statements()
  }

  test('stays the same with a hundred times as many bills', async () => {
    const many = await addMember(coin, { lastName: 'Many' })
    const few = await addMember(coin, { lastName: 'Few' })
    for (const [memberId, count] of [
      [few, 3],
      [many, 300],
    ] as const)
      await on(coin, '2024-01-02', async tx => {
        await tx.execute(sql`INSERT INTO invoice (member_id) SELECT ${memberId} FROM generate_series(1, ${count})`)
        await tx.execute(sql`INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, net)
          SELECT id, n, 'Line ' || n, 1, 5, 5 FROM invoice, generate_series(1, ${count}) n WHERE member_id = ${memberId} AND (n < 4 OR id = (SELECT max(id) FROM invoice))`)
        const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM invoice WHERE member_id = ${memberId}`)
        await issueInvoices(
          tx,
          rows.map(({ id }) => id),
        )
        await tx.execute(
          sql`INSERT INTO payment (member_id, amount, received_on) SELECT ${memberId}, 0.01, '2024-01-03' FROM generate_series(1, ${count})`,
        )
      })
    const last = async (memberId: number) => (await billsOf(coin, memberId)).at(-1)
    for (const [actor, path] of [
      [memberOf, () => '/money'],
      [memberOf, () => '/'],
      [memberOf, async (id: number) => `/money/${await last(id)}`],
      [() => chief, (id: number) => `/admin/members/${id}/money`],
      [() => chief, (id: number) => `/admin/members/${id}`],
    ] as const)
      expect(await costOf(actor(many), await path(many))).toBe(await costOf(actor(few), await path(few)))
    const second = await said(memberOf(many), '/money?page=2')
    expect(second).toContain('26–50 of 600')
    expect(await said(memberOf(many), '/money?page=9999')).toContain('576–600 of 600')
    expect(await said(memberOf(many), '/money?page=nonsense')).toContain('1–25 of 600')
  })
})
