import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminSite, staff as chief } from '../admin/fixture.tsx'
import { nobody } from '../app/access.ts'
import { defineApp } from '../app/app.ts'
import type { Actor } from '../app/scope.ts'
import { startWorker } from '../jobs/worker.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { until } from '../testing/until.ts'
import { countQueries, withQueryCount } from '../web/query-count.ts'
import { allocationsOf, issueOf, on } from './fixture.ts'
import { recordPayment } from './rules.ts'

const told: string[] = []
const listener = defineApp(
  { name: 'told_of_payments', verboseName: 'Told', root: new URL('./statement/', import.meta.url).href },
  {
    afterCommit: {
      async payment(id, changes) {
        for (const { op, changed, detail } of changes) told.push([op, id, changed.join(' '), detail.amount].join(' '))
      },
    },
  },
)

let coin: TestCoin
let site: ReturnType<typeof adminSite>
let amina: number
beforeAll(async () => {
  coin = await testCoin({ apps: [listener()] })
  site = adminSite(coin)
  amina = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier' })
})
afterAll(() => coin.close())

const day = '2026-05-04'
const may = (...permissions: string[]): Actor => ({ ...chief, permissions: new Set(permissions) })
const memberOf = (memberId: number): Actor => ({
  kind: 'user',
  label: 'Member',
  userId: 'u9',
  memberId,
  roles: ['member'],
  permissions: new Set(),
})
const issue = (memberId: number, amount: string) => on(coin, day, tx => issueOf(tx, { memberId, amount }))
const pay = (memberId: number, amount: string) => on(coin, day, tx => recordPayment(tx, { memberId, amount, receivedOn: day }))
const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/[\s\u00a0\u202f]+/g, ' ')
const page = async (path: string, actor: Actor = chief) => {
  const answer = await site.get(actor, path)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.text()
}
const numberOf = async (invoice: number): Promise<string> =>
  (await coin.pool.query('SELECT number FROM invoice WHERE id = $1', [invoice])).rows[0].number
const takeBacks = (html: string) => [...html.matchAll(/\/admin\/payment-allocations\/(\d+)\/take-back/g)].map(([, id]) => id)

test('a payment is recorded, shown with what it paid, changed, paid back, and removed', async () => {
  const member = await addMember(coin, { firstName: 'Zoé', lastName: 'Abgrall' })
  const [old, named] = [await issue(member, '20.00'), await issue(member, '10.00')]
  expect(text(await page('/admin/payments/new'))).toContain('For the invoice')
  const added = await site.post(chief, '/admin/payments/new', {
    memberId: `Zoé Abgrall #${member}`,
    amount: '1 015,50'.replace('1 0', ''),
    receivedOn: '04/05/2026',
    method: 'cheque',
    reference: 'N° 0042',
    invoiceId: String(named),
    comment: '',
    currency: '',
  })
  expect(added.status).toBe(303)
  const here = added.headers.get('location') ?? ''
  const shown = text(await page(here))
  for (const words of [
    '€15.50',
    '4 May 2026',
    'Zoé Abgrall',
    'owes €14.50',
    `Invoice ${await numberOf(named)}`,
    '€10.00',
    `Invoice ${await numberOf(old)}`,
    '€5.50',
    'by the rules',
    'Cheque',
    'N° 0042',
  ])
    expect(shown).toContain(words)
  expect(await page(here)).toContain(`href="/admin/invoices/${named}"`)

  const version = /name="version" value="(\d+)"/.exec(await page(`${here}/edit`))?.[1] ?? ''
  const form = {
    memberId: String(member),
    receivedOn: '2026-05-04',
    method: 'cheque',
    reference: 'N° 0042',
    invoiceId: '',
    comment: 'Seen',
  }
  expect((await site.post(chief, `${here}/edit`, { ...form, amount: '35', version })).status).toBe(303)
  const more = text(await page(here))
  for (const words of ['€35.00', '€5.00 in credit', 'Not allocated €5.00']) expect(more).toContain(words)
  expect(text(await page(`${here}/history`))).toContain('Solène changed it.')

  const wrong = await site.post(chief, `${here}/refund`, { kind: 'refund', amount: '35.01', method: 'transfer' })
  expect(wrong.status).toBe(422)
  expect(text(await wrong.text())).toContain('At most 35.00 EUR of this payment is left to pay back.')
  const back = await site.post(chief, `${here}/refund`, {
    kind: 'refund',
    amount: '12',
    receivedOn: '2026-05-06',
    method: 'transfer',
    comment: 'Moved out',
  })
  expect(back.status).toBe(303)
  const refund = text(await page(back.headers.get('location') ?? ''))
  for (const words of ['−€12.00', 'It undoes a payment: the one of 4 May 2026', 'What it was paid from', 'Moved out', 'owes €7.00'])
    expect(refund).toContain(words)

  const stuck = await site.post(chief, `${here}/remove`, {})
  expect(stuck.status).toBe(409)
  expect(text(await stuck.text())).toContain('This payment was paid back or returned. Remove the refund or the return first.')
  expect((await site.post(chief, `${back.headers.get('location')}/remove`, {})).status).toBe(303)
  expect(text(await page(`${here}/remove`))).toContain(`What it covers is open again: ${await numberOf(old)}, ${await numberOf(named)}.`)
  expect((await site.post(chief, `${here}/remove`, {})).status).toBe(303)
  expect(await allocationsOf(coin, member)).toEqual([])
})

test('staff move money by hand, take it back, and have the rules applied again', async () => {
  const member = await addMember(coin, { lastName: 'Handled' })
  const [first, second] = [await issue(member, '20.00'), await issue(member, '30.00')]
  const payment = await pay(member, '25.00')
  const here = `/admin/payments/${payment}`
  const form = text(await page(`${here}/allocate`))
  for (const words of [await numberOf(first), await numberOf(second), '€30.00', 'At most €25.00']) expect(form).toContain(words)
  for (const [amount, words] of [
    ['25.50', 'Only 25.00 EUR of this is left to allocate.'],
    ['0', 'An amount of zero pays nothing.'],
    ['x', 'Give an amount such as 12.50.'],
  ] as const) {
    const refused = await site.post(chief, `${here}/allocate`, { target: `invoice-${second}`, amount })
    expect([amount, refused.status, text(await refused.text())]).toEqual([amount, 422, expect.stringContaining(words)])
  }
  const foreign = await issue(amina, '1.00')
  expect((await site.post(chief, `${here}/allocate`, { target: `invoice-${foreign}`, amount: '1' })).status).toBe(422)
  expect((await site.post(chief, `${here}/allocate`, { target: `invoice-${second}`, amount: '22' })).status).toBe(303)
  const shown = await page(here)
  expect(text(shown)).toMatch(/by hand .*€22\.00/)
  expect(await allocationsOf(coin, member)).toEqual([
    { from: `payment ${payment}`, to: `invoice ${first}`, amount: '3.00', byHand: false },
    { from: `payment ${payment}`, to: `invoice ${second}`, amount: '22.00', byHand: true },
  ])
  for (const id of takeBacks(shown)) {
    const taken = await site.post(chief, `/admin/payment-allocations/${id}/take-back`, {})
    expect([taken.status, taken.headers.get('location')]).toEqual([303, here])
    expect((await site.post(chief, `/admin/payment-allocations/${id}/take-back`, {})).status).toBe(404)
  }
  expect(await allocationsOf(coin, member)).toEqual([])
  const again = await site.post(chief, `/admin/members/${member}/reallocate`, { payment: String(payment) })
  expect(again.headers.get('location')).toBe(here)
  expect((await allocationsOf(coin, member)).map(({ amount }) => amount)).toEqual(['20.00', '5.00'])
})

test('a credit note is allocated by hand too', async () => {
  const member = await addMember(coin)
  const [first, second] = [await issue(member, '20.00'), await issue(member, '20.00')]
  const note = await issue(member, '-8.00')
  expect(text(await page(`/admin/invoices/${note}/allocate`))).toContain('At most €8.00')
  const done = await site.post(chief, `/admin/invoices/${note}/allocate`, { target: `invoice-${second}`, amount: '' })
  expect([done.status, done.headers.get('location')]).toEqual([303, `/admin/invoices/${note}`])
  expect(await allocationsOf(coin, member)).toEqual([
    { from: `credit note ${note}`, to: `invoice ${second}`, amount: '8.00', byHand: true },
  ])
  expect((await site.get(chief, `/admin/invoices/${first}/allocate`)).status).toBe(404)
})

describe('the list', () => {
  test('is searched by member, reference and amount, narrowed by method and view, and costs the same however long', async () => {
    const member = await addMember(coin, { firstName: 'Ulysse', lastName: 'Kervella' })
    await coin.pool.query(
      `INSERT INTO payment (member_id, amount, reference, method) SELECT $1, 77.70 + n, 'ADH ' || n, 'cash' FROM generate_series(1, 3) n`,
      [member],
    )
    await coin.pool.query(`INSERT INTO payment (member_id, amount, reference) VALUES ($1, -3, 'Back')`, [member])
    for (const [query, found, missing] of [
      ['q=kervella', 'ADH 1', 'Zoé'],
      ['q=ADH%202', 'ADH 2', 'ADH 3'],
      ['q=80.70', 'ADH 3', 'ADH 2'],
      ['q=80,70', 'ADH 3', 'ADH 2'],
      ['view=refunds', 'Back', 'ADH 1'],
      ['view=open&q=Ulysse', 'ADH 2', 'Back'],
      ['method=cash', 'ADH 1', 'Back'],
    ] as const) {
      const rows = text((await page(`/admin/payments?${query}`)).replace(/^[\s\S]*<tbody>/, ''))
      expect([query, rows]).toEqual([query, expect.stringContaining(found)])
      expect([query, rows]).toEqual([query, expect.not.stringContaining(missing)])
    }
    countQueries(coin.database.pool)
    const cost = async () => (await withQueryCount(() => page('/admin/payments'))).statements()
    const before = await cost()
    await coin.pool.query('INSERT INTO payment (member_id, amount) SELECT $1, n FROM generate_series(1, 40) n', [member])
    expect(await cost()).toBe(before)
  })
})

describe('who may', () => {
  test('see and change payments: staff with the right alone', async () => {
    const payment = await pay(amina, '5.00')
    const gets = [
      '/admin/payments',
      '/admin/payments/new',
      `/admin/payments/${payment}`,
      `/admin/payments/${payment}/edit`,
      `/admin/payments/${payment}/history`,
      `/admin/payments/${payment}/remove`,
      `/admin/payments/${payment}/allocate`,
      `/admin/payments/${payment}/refund`,
    ]
    for (const path of gets) {
      const statuses = []
      for (const actor of [nobody, memberOf(amina), memberOf(await addMember(coin)), may('invoice.view'), chief])
        statuses.push((await site.get(actor, path)).status)
      expect([path, statuses]).toEqual([path, [302, 403, 403, 403, 200]])
    }
    const reader = may('payment.view')
    const shown = await page(`/admin/payments/${payment}`, reader)
    for (const words of ['Take back', 'Allocate by hand', 'Pay back', 'Apply the rules again']) expect(text(shown)).not.toContain(words)
    const [id] = takeBacks(await page(`/admin/payments/${payment}`))
    const posts = [
      `/admin/payments/${payment}/edit`,
      `/admin/payments/${payment}/remove`,
      `/admin/payments/${payment}/allocate`,
      `/admin/payments/${payment}/refund`,
      `/admin/payment-allocations/${id}/take-back`,
      `/admin/members/${amina}/reallocate`,
    ]
    const before = await allocationsOf(coin, amina)
    for (const path of posts) {
      const statuses = []
      for (const actor of [nobody, memberOf(amina), memberOf(await addMember(coin)), reader])
        statuses.push((await site.post(actor, path, { amount: '1' })).status)
      expect([path, statuses.slice(1)]).toEqual([path, [403, 403, 403]])
      expect([path, [302, 303, 401].includes(statuses[0] ?? 0)]).toEqual([path, true])
    }
    expect(await allocationsOf(coin, amina)).toEqual(before)
    expect((await site.get(chief, '/admin/payments/99999999/allocate')).status).toBe(404)
    expect((await site.post(chief, '/admin/payments/99999999/refund', { amount: '1' })).status).toBe(404)
  })
})

test('apps are told of payments, whoever wrote them', async () => {
  const member = await addMember(coin)
  await issue(member, '4.00')
  const { rows } = await coin.pool.query('INSERT INTO payment (member_id, amount) VALUES ($1, 4) RETURNING id', [member])
  const worker = await startWorker(coin, { log: { info: () => {}, warn: () => {} } })
  try {
    await until(() => told.some(line => line.startsWith(`changed ${rows[0].id} `)))
    expect(told.filter(line => line.includes(` ${rows[0].id} `))).toEqual([
      expect.stringMatching(/^added .* amount .* 4$/),
      `changed ${rows[0].id} allocated 4`,
    ])
  } finally {
    await worker.stop()
  }
})
