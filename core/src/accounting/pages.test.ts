import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { adminSite, staff as chief } from '../admin/fixture.tsx'
import { nobody } from '../app/access.ts'
import type { Actor } from '../app/scope.ts'
import { recordPayment, refund } from '../payments/rules.ts'
import { datedCoin } from '../reminders/fixture.ts'
import { addSubscription } from '../testing/factories.ts'
import { siteOf, type Visitor } from '../testing/site.ts'
import { countQueries, withQueryCount } from '../web/query-count.ts'
import { readFec } from './fec-checker.fixture.ts'
import { income, received } from './money-queries.ts'

let it: Awaited<ReturnType<typeof datedCoin>>
let site: ReturnType<typeof adminSite>
let member: number
let french: Visitor
const today = Temporal.Now.plainDateISO('Europe/Paris')
const daysAgo = (days: number) => today.subtract({ days }).toString()
beforeAll(async () => {
  it = await datedCoin({ provider: { name: 'Coin', identity: { siren: '123456782' } } })
  site = adminSite(it.coin)
  member = await it.member()
  french = await siteOf(it.coin).staff('fr')
  for (const [days, amount] of [
    [100, '20'],
    [70, '7'],
    [40, '5'],
    [10, '3'],
    [0, '1'],
  ] as const)
    await it.invoice(member, amount, daysAgo(days))
  await it.on(daysAgo(5), tx => recordPayment(tx, { memberId: member, amount: '2' }))
})
afterAll(() => it.close())
afterEach(() => void vi.unstubAllEnvs())

const may = (...permissions: string[]): Actor => ({ ...chief, permissions: new Set(permissions) })
const memberOf = (memberId: number): Actor => ({
  kind: 'user',
  label: 'Member',
  userId: 'u9',
  memberId,
  roles: ['member'],
  permissions: new Set(),
})
const words = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/[\s\u00a0\u202f]+/g, ' ')
const page = async (path: string) => {
  const answer = await site.get(chief, path)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.text()
}

test('each page and file is for whom it is for', async () => {
  const actors = [nobody, memberOf(member), may('payment.view'), may('accounting.export'), chief]
  const statuses = async (path: string) => {
    const found: number[] = []
    for (const actor of actors) found.push((await site.get(actor, path)).status)
    return found
  }
  expect(await statuses('/admin/accounting')).toEqual([302, 403, 403, 200, 200])
  for (const path of ['invoices.csv', 'invoices.json', 'payments.csv', 'payments.json', 'fec.txt'])
    expect([path, await statuses(`/accounting/${path}?from=${daysAgo(200).slice(0, 4)}-01-01&to=${daysAgo(200)}`)]).toEqual([
      path,
      [401, 403, 403, 200, 200],
    ])
  expect(await statuses('/admin/money')).toEqual([302, 403, 403, 403, 200])
  expect((await site.get(may('invoice.view'), '/admin/money')).status).toBe(200)
})

test('a program pulls with its token, and with no other', async () => {
  const visitor = siteOf(it.coin).nobody()
  const pull = (headers: Record<string, string>) => visitor.get(`/accounting/invoices.json?from=${daysAgo(365)}`, headers)
  expect((await pull({ authorization: 'Bearer anything' })).status).toBe(401)
  vi.stubEnv('COIN_ACCOUNTING_TOKEN', 'a-long-token')
  for (const authorization of ['Bearer wrong', 'Bearer ', 'Basic a-long-token']) expect((await pull({ authorization })).status).toBe(401)
  const answer = await pull({ authorization: 'Bearer a-long-token' })
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
    200,
    'application/json; charset=utf-8',
    'no-store',
  ])
  expect((await answer.json()).map(({ total, lines }: { total: string; lines: unknown[] }) => [total, lines.length])).toEqual([
    ['20.00', 1],
    ['7.00', 1],
    ['5.00', 1],
    ['3.00', 1],
    ['1.00', 1],
  ])
  expect((await visitor.get('/accounting/invoices.json?from=soon', { authorization: 'Bearer a-long-token' })).status).toBe(422)
})

test('the page adds up the period and gives its files; a wrong day is told, and so is what cannot be booked', async () => {
  const year = daysAgo(0).slice(0, 4)
  const path = `/admin/accounting?from=${year}-01-01&to=${year}-12-31`
  const html = await page(path)
  for (const text of ['Billed without VAT', 'Members owe', `123456782FEC${year}1231.txt`, 'Download the entries', 'COIN_ACCOUNTING_TOKEN'])
    expect(words(html)).toContain(text)
  const href = /href="(\/accounting\/fec\.txt[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const file = await site.get(chief, href)
  expect(file.headers.get('content-disposition')).toBe(`attachment; filename="123456782FEC${year}1231.txt"`)
  expect(readFec(await file.text()).broken).toEqual([])
  const wrong = await site.get(chief, '/admin/accounting?from=30/02/2026')
  expect([wrong.status, words(await wrong.text()).includes('February has 28 days')]).toEqual([422, true])
  expect(words(await page(`/admin/accounting?from=2020-01-01&to=${year}-12-31`))).toContain(
    'A FEC is of one financial year: this one ends on',
  )
  expect((await site.get(chief, `/accounting/fec.txt?from=2020-01-01&to=${year}-12-31`)).status).toBe(422)
  await it.ask(`INSERT INTO payment (member_id, amount, currency, received_on) VALUES ($1, 5, 'USD', '2021-05-05')`, [member])
  const odd = '/admin/accounting?from=2021-05-01&to=2021-05-31'
  expect(words(await page(odd))).toContain('in another currency than the books: P')
  expect(words(await french.page(odd))).toContain('dans une autre devise que la comptabilité')
  const refused = await site.get(chief, '/accounting/fec.txt?from=2021-05-01&to=2021-05-31')
  expect([refused.status, refused.headers.get('content-disposition')]).toEqual([409, null])
})

test('money over time: ages of debts, months, who owes most, each picture with its sentence and its table', async () => {
  const html = await page('/admin/money')
  const told = words(html)
  for (const text of [
    'Money over time',
    'Not due yet 1 €1.00',
    '1–30 days 1 €3.00',
    '31–60 days 1 €5.00',
    '61–90 days 1 €7.00',
    'Over 90 days 1 €18.00',
    'Who owes the most',
  ])
    expect(told).toContain(text)
  const sentences = [...html.matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, sentence]) => sentence)
  expect(sentences).toEqual([
    '€34.00 is open; €33.00 of it is overdue, €18.00 for more than 90 days.',
    expect.stringMatching(/^Billed in twelve months: €36\.00; the most in /),
    expect.stringMatching(/^Received in twelve months: €2\.00; the most in /),
  ])
  expect(html).not.toMatch(/ style=/)
  expect(words(await french.page('/admin/money'))).toContain('Ancienneté des créances')
  const other = await it.member()
  countQueries(it.coin.database.pool)
  const cost = async () => (await withQueryCount(() => page('/admin/money'))).statements()
  const before = await cost()
  for (let i = 0; i < 3; i++) await it.invoice(other, '4', daysAgo(50))
  expect(await cost()).toBe(before)
})

test('income is by the offer that was billed, credit notes and all; what came in is apart from what went back', async () => {
  const own = await datedCoin()
  try {
    const who = await own.member()
    const subscriptionId = await addSubscription(own.coin, { member: who })
    const [{ offer }] = await own.ask(`SELECT offer_id::int AS offer FROM subscription_offer WHERE subscription_id = $1`, [subscriptionId])
    await own.ask(
      `WITH c AS (INSERT INTO charge (subscription_id, member_id, kind, period, offer_id, quantity, unit_price, amount, currency, vat_rate, calculation)
         VALUES ($1, $2, 'period', '[2026-02-01,2026-03-01)', $3, 1, 20, 20, 'EUR', 0, '{}') RETURNING id),
       i AS (INSERT INTO invoice (member_id) VALUES ($2) RETURNING id)
       INSERT INTO invoice_line (invoice_id, position, description, subscription_id, charge_id, unit_price, net) SELECT i.id, 1, 'Access', $1, c.id, 20, 20 FROM i, c`,
      [subscriptionId, who, offer],
    )
    await own.on('2026-02-03', tx => tx.execute(`UPDATE invoice SET state = 'issued'`))
    await own.invoice(who, '15', '2026-02-05', { kind: 'fee' })
    await own.on('2026-02-07', async tx =>
      refund(tx, { paymentId: await recordPayment(tx, { memberId: who, amount: '30' }), amount: '10' }),
    )
    const [rows, money] = await own.on(
      '2026-03-01',
      async tx => [await income(tx, '2026-01-01', 'EUR'), await received(tx, '2026-01-01', 'EUR')] as const,
    )
    expect(rows).toMatchObject([
      { month: '2026-02-01', offerId: offer, amount: '20.00' },
      { month: '2026-02-01', source: 'fee', amount: '15.00' },
    ])
    expect(money).toEqual([{ month: '2026-02-01', received: '30.00', paidBack: '10.00' }])
  } finally {
    await own.close()
  }
})
