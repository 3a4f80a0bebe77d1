import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminSite, staff as chief } from '../admin/fixture.tsx'
import { nobody } from '../app/access.ts'
import type { Actor } from '../app/scope.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember, addSubscription } from '../testing/factories.ts'
import { countQueries, withQueryCount } from '../web/query-count.ts'
import { addDraft } from './draft.ts'
import { issueInvoices } from './issue.ts'

let coin: TestCoin
let site: ReturnType<typeof adminSite>
let amina: number
let subscription: number
beforeAll(async () => {
  coin = await testCoin({
    apps: [],
    provider: { identity: { siren: '732829320', city: 'Crest' } },
    billing: { document: { attach: ['cii', 'ubl'] } },
  })
  site = adminSite(coin)
  amina = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier', email: 'amina@example.org' })
  subscription = await addSubscription(coin, { member: amina })
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
const inScope = <R>(work: Parameters<TestCoin['write']>[0]) => coin.asSystem('test', () => coin.write(work)) as Promise<R>
const page = async (actor: Actor, path: string) => {
  const answer = await site.get(actor, path)
  expect([path, answer.status]).toEqual([path, 200])
  return (await answer.text()).replaceAll('\u202f', ' ').replaceAll('\u00a0', ' ')
}
const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
const versionIn = (html: string) => /name="version" value="(\d+)"/.exec(html)?.[1] ?? ''
const one = async (statement: string) => (await coin.pool.query(statement)).rows[0]
const draftFor = (
  memberId: number,
  lines = [{ description: 'VPN, November', unitPrice: '4', quantity: '0.74', explanation: '23 of 31 days' }],
) => inScope<number>(tx => addDraft(tx, { memberId, lines: lines.map(line => ({ ...line, subscriptionId: subscription })) }))
const issuedFor = async (memberId: number) => {
  const id = await draftFor(memberId)
  await inScope(tx => issueInvoices(tx, [id]))
  return id
}

test('a draft by hand gets lines, loses them, is issued, and stays', async () => {
  const added = await site.post(chief, '/admin/invoices/new', {
    memberId: `Amina Berthier #${amina}`,
    kind: 'invoice',
    description: 'Router',
    quantity: '2',
    unitPrice: '39,5',
    vatRate: '20',
    note: 'Thank you',
  })
  expect(added.status).toBe(303)
  const here = added.headers.get('location') ?? ''
  expect(
    (await site.post(chief, `${here}/lines`, { description: 'Delivery', quantity: '1', unitPrice: '5', explanation: 'By bicycle' })).status,
  ).toBe(303)
  const wrong = await site.post(chief, `${here}/lines`, { description: '', quantity: '0', unitPrice: '-1' })
  expect(wrong.status).toBe(422)
  expect(await wrong.text()).toContain('Give a quantity other than zero.')
  const negative = await site.post(chief, `${here}/lines`, { description: 'Cheap', quantity: '1', unitPrice: '-1' })
  expect([negative.status, await negative.text()]).toEqual([422, expect.stringContaining('A price is not below zero.')])

  const draft = text(await page(chief, here))
  for (const words of ['Router', 'By bicycle', '€79.00', 'VAT 20%', 'Without VAT', '€84.00', '€15.80', '€99.80', 'Thank you', 'Draft'])
    expect(draft).toContain(words)
  const [, line] = /lines\/(\d+)\/remove/.exec(await page(chief, here)) ?? []
  expect((await site.post(chief, `${here}/lines/${line}/remove`, {})).status).toBe(303)
  expect(text(await page(chief, here))).not.toContain('€99.80')

  const asked = await page(chief, `${here}/issue`)
  expect(text(asked)).toContain('This cannot be taken back')
  // somebody adds a line between the question and the answer
  await site.post(chief, `${here}/lines`, { description: 'Cable', quantity: '1', unitPrice: '3' })
  expect((await site.post(chief, `${here}/issue`, { version: versionIn(asked) })).status).toBe(409)
  expect((await site.post(chief, `${here}/issue`, { version: versionIn(await page(chief, `${here}/issue`)) })).status).toBe(303)
  const issued = text(await page(chief, here))
  expect(issued).toMatch(/Invoice \d{4}-\d{2}-\d{6}/)
  for (const words of ['Frozen since it was issued', 'Issued by Solène', 'Due', 'Its PDF is being made']) expect(issued).toContain(words)
  expect(issued).not.toContain('Add a line')

  // nothing of it changes any more, by whatever page
  for (const [path, form] of [
    ['lines', { description: 'More', quantity: '1', unitPrice: '1' }],
    [`lines/${line}/remove`, {}],
    ['kind', { kind: 'credit_note' }],
    ['remove', {}],
  ] as const)
    expect([path, (await site.post(chief, `${here}/${path}`, form)).status]).toEqual([path, 409])
  expect((await site.post(chief, `${here}/edit`, { note: 'Changed' })).status).toBe(422)
  await expect(coin.pool.query(`UPDATE invoice SET total = 1, net = 1 WHERE id = ${here.split('/').at(-1)}`)).rejects.toThrow(
    'stays as it is',
  )
})

test('a credit note by hand gives back; one on an invoice gives no more than is left, and the balance follows', async () => {
  const id = await issuedFor(await addMember(coin, { lastName: 'Creditor' }))
  const lineId = Number((await one(`SELECT id FROM invoice_line WHERE invoice_id = ${id}`)).id)
  const here = `/admin/invoices/${id}`
  expect(text(await page(chief, `${here}/credit`))).toContain('€2.96 without VAT is left')
  const none = await site.post(chief, `${here}/credit`, { what: 'some' })
  expect([none.status, await none.text()]).toEqual([422, expect.stringContaining('Give the amount of one line at least.')])
  const much = await site.post(chief, `${here}/credit`, { what: 'some', [`amount-${lineId}`]: '3' })
  expect([much.status, await much.text()]).toEqual([422, expect.stringContaining('is left to give back')])
  const made = await site.post(chief, `${here}/credit`, { what: 'some', [`amount-${lineId}`]: '1', note: 'Three days without service' })
  const credit = made.headers.get('location') ?? ''
  const draft = text(await page(chief, credit))
  for (const words of ['Draft', 'credit note', '−€1.00', 'Three days without service', 'Corrects']) expect(draft).toContain(words)
  await site.post(chief, `${credit}/issue`, {})
  const corrected = text(await page(chief, here))
  for (const words of ['Credit notes', '€1.00 given back by credit notes', 'owes €1.96']) expect(corrected).toContain(words)
  expect(text(await page(chief, credit))).toMatch(/Credit note \d{4}-/)

  // typed as it was billed, given back
  const typed = await site.post(chief, '/admin/invoices/new', {
    memberId: String(amina),
    kind: 'credit_note',
    description: 'Goodwill',
    quantity: '1',
    unitPrice: '5',
  })
  expect(text(await page(chief, typed.headers.get('location') ?? ''))).toContain('−€5.00')
  // the other side of zero
  const turned = `${typed.headers.get('location')}`
  await site.post(chief, `${turned}/kind`, { kind: 'invoice' })
  expect(text(await page(chief, turned))).toContain('it can be issued only as a credit note')
  expect((await site.post(chief, `${turned}/issue`, {})).status).toBe(409)
})

test('what was paid is told line by line', async () => {
  const member = await addMember(coin, { lastName: 'Payer' })
  const id = await issuedFor(member)
  await coin.pool.query(`INSERT INTO payment (member_id, amount, method, reference) VALUES (${member}, 2, 'transfer', 'VIR PAYER')`)
  const paid = text(await page(chief, `/admin/invoices/${id}`))
  for (const words of ['Partly paid', 'Transfer received', 'VIR PAYER', '−€2.00', 'Still owed', '€0.96', 'owes €0.96'])
    expect(paid).toContain(words)
  await coin.pool.query(`INSERT INTO payment (member_id, amount, method) VALUES (${member}, 0.96, 'cash')`)
  const settled = text(await page(chief, `/admin/invoices/${id}`))
  for (const words of ['Paid', 'Cash received', 'Settled']) expect(settled).toContain(words)
  expect(settled).not.toContain('Record a payment')
})

test('a dispute has a reason, is shown, and ends', async () => {
  const id = await issuedFor(amina)
  const here = `/admin/invoices/${id}`
  expect((await site.post(chief, `${here}/dispute`, { disputed: 'no', reason: ' ' })).status).toBe(422)
  await site.post(chief, `${here}/dispute`, { disputed: 'no', reason: 'The line was cut' })
  const disputed = text(await page(chief, here))
  for (const words of ['In dispute', 'The line was cut', 'Put in dispute by Solène']) expect(disputed).toContain(words)
  // somebody whose page is old does not end it by mistake
  expect((await site.post(chief, `${here}/dispute`, { disputed: 'no', reason: 'Again' })).status).toBe(409)
  await site.post(chief, `${here}/dispute`, { disputed: 'yes', reason: 'Agreed on the phone' })
  const over = text(await page(chief, here))
  expect(over).toContain('Agreed on the phone')
  expect(over).not.toContain('In dispute:')
})

test('deleting a draft says what is released', async () => {
  const id = await draftFor(amina)
  await coin.pool.query(`
    WITH c AS (INSERT INTO charge (subscription_id, member_id, kind, period, offer_id, quantity, unit_price, amount, currency, vat_rate, calculation)
      SELECT ${subscription}, ${amina}, 'period', '[2026-10-09,2026-11-01)', offer_id, 1, 2.96, 2.96, 'EUR', 0, '{}' FROM subscription_offer WHERE subscription_id = ${subscription} RETURNING id)
    INSERT INTO invoice_line (invoice_id, position, description, subscription_id, charge_id, unit_price, net) SELECT ${id}, 2, 'VPN, October', ${subscription}, c.id, 2.96, 2.96 FROM c`)
  const asked = await page(chief, `/admin/invoices/${id}/remove`)
  expect(text(asked)).toMatch(/TEST-\d+: 9–31 October 2026/)
  expect((await site.post(chief, `/admin/invoices/${id}/remove`, { version: versionIn(asked) })).status).toBe(303)
  expect(await one(`SELECT count(*)::int AS n FROM charge WHERE subscription_id = ${subscription}`)).toEqual({ n: 0 })
})

describe('chosen drafts', () => {
  const form = (html: string) =>
    Object.fromEntries(
      [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']),
    )

  test('are issued together after a look, and only as they were looked at', async () => {
    const [fit, empty] = [await draftFor(amina), await inScope<number>(tx => addDraft(tx, { memberId: amina, lines: [] }))]
    const review = await site.post(chief, '/admin/invoices/chosen', { do: 'issue', id: String(fit) })
    const html = await review.text()
    expect(text(html)).toContain('Issue 1 draft?')
    expect(await one(`SELECT state FROM invoice WHERE id = ${fit}`)).toEqual({ state: 'draft' })
    await site.post(chief, `/admin/invoices/${fit}/lines`, { description: 'Late', quantity: '1', unitPrice: '1' })
    const moved = await site.post(chief, '/admin/invoices/chosen', form(html))
    expect([moved.status, await one(`SELECT state FROM invoice WHERE id = ${fit}`)]).toEqual([409, { state: 'draft' }])
    expect((await site.post(chief, '/admin/invoices/chosen', form(await moved.text()))).status).toBe(303)
    expect(await one(`SELECT state FROM invoice WHERE id = ${fit}`)).toEqual({ state: 'issued' })

    await draftFor(amina)
    const all = await (await site.post(chief, '/admin/invoices/chosen', { do: 'issue-all' })).text()
    expect(text(all)).toMatch(/\d+ more cannot be issued/)
    expect((await site.post(chief, '/admin/invoices/chosen', form(all))).status).toBe(303)
    expect((await coin.pool.query(`SELECT id FROM invoice WHERE state = 'draft' AND total > 0`)).rows).toEqual([])

    const remove = await (await site.post(chief, '/admin/invoices/chosen', { do: 'remove', id: String(empty) })).text()
    expect((await site.post(chief, '/admin/invoices/chosen', form(remove))).status).toBe(303)
    expect(await one(`SELECT id FROM invoice WHERE id = ${empty}`)).toBeUndefined()
  })

  test('need the right of what is done, and sense', async () => {
    const id = String(await draftFor(amina))
    const sent = async (actor: Actor, form: Record<string, string>) => (await site.post(actor, '/admin/invoices/chosen', form)).status
    expect(await sent(may('invoice.view', 'invoice.remove'), { do: 'issue', id })).toBe(403)
    expect(await sent(may('invoice.view', 'invoice.issue'), { do: 'remove', id })).toBe(403)
    expect(await sent(chief, { do: 'dance', id })).toBe(422)
    expect(await sent(chief, { do: 'issue', id: 'x' })).toBe(422)
    expect(await sent(chief, { do: 'issue' })).toBe(303)
  })
})

test('the list finds, filters and counts, at the same number of statements however long it is', async () => {
  countQueries(coin.database.pool)
  const count = async () => (await withQueryCount(() => page(chief, '/admin/invoices'))).statements()
  const before = await count()
  const other = await addMember(coin, { firstName: 'Zoé', lastName: 'Zimmer' })
  for (let n = 0; n < 5; n++) await issuedFor(other)
  await inScope(tx =>
    tx.execute(
      sql`UPDATE invoice SET document_error = 'no font', document_retry_at = now() + interval '1 hour' WHERE member_id = ${other}`,
    ),
  )
  expect(await count()).toBe(before)

  const found = text(await page(chief, '/admin/invoices?q=zimmer'))
  expect(found).toContain('Zoé Zimmer')
  expect(found).not.toContain('Amina Berthier')
  expect(found).toContain('Its PDF could not be made')
  const { number } = await one(`SELECT number FROM invoice WHERE member_id = ${other} ORDER BY id LIMIT 1`)
  expect(text(await page(chief, `/admin/invoices?q=${number}`))).toContain(number)
  const { reference } = await one(`SELECT reference FROM subscription WHERE id = ${subscription}`)
  expect(text(await page(chief, `/admin/invoices?q=${reference}`))).toContain('Amina Berthier')
  for (const view of ['drafts', 'to_pay', 'overdue', 'disputed', 'credit_notes', 'fees', 'unsent'])
    await page(chief, `/admin/invoices?view=${view}`)
  expect(await page(chief, '/admin/invoices?view=drafts')).toContain('value="issue-all"')
  expect(await page(may('invoice.view'), '/admin/invoices?view=drafts')).not.toContain('issue-all')
  expect(await page(chief, '/admin/invoices?view=unsent')).toContain('value="retry"')
  expect(text(await page(chief, `/admin/invoices?kind=credit_note&month=${number.slice(0, 7)}`))).not.toContain('Zoé Zimmer')
  // put right from the list
  await site.post(chief, '/admin/invoices/chosen', {
    do: 'retry',
    id: String((await one(`SELECT min(id) AS id FROM invoice WHERE member_id = ${other}`)).id),
  })
  expect(await one(`SELECT count(*)::int AS n FROM invoice WHERE member_id = ${other} AND document_error IS NULL`)).toEqual({ n: 1 })
})

test('who may open and do what', async () => {
  const [draft, issued] = [await draftFor(amina), await issuedFor(amina)]
  const gets: readonly (readonly [string, string, number?])[] = [
    ['/admin/invoices', 'invoice.view'],
    ['/admin/invoices/new', 'invoice.add'],
    [`/admin/invoices/${draft}`, 'invoice.view'],
    [`/admin/invoices/${draft}/edit`, 'invoice.change'],
    [`/admin/invoices/${draft}/history`, 'invoice.view'],
    [`/admin/invoices/${draft}/remove`, 'invoice.remove'],
    [`/admin/invoices/${draft}/issue`, 'invoice.issue'],
    [`/admin/invoices/${draft}/lines`, 'invoice.change'],
    [`/admin/invoices/${issued}/credit`, 'invoice.add'],
    [`/admin/invoices/${issued}/dispute`, 'invoice.change'],
    [`/admin/invoices/${issued}/xml`, 'invoice.view'],
    [`/admin/invoices/${issued}/xml?format=ubl`, 'invoice.view'],
    // its PDF is not made yet
    [`/admin/invoices/${issued}/pdf`, 'invoice.view', 409],
  ]
  const others = ['invoice.view', 'invoice.add', 'invoice.change', 'invoice.remove', 'invoice.issue']
  const without = (permission: string) => may(...others.filter(name => name !== permission))
  for (const [path, permission, status = 200] of gets) {
    expect([path, (await site.get(nobody, path)).status]).toEqual([path, 302])
    expect([path, (await site.get(memberOf(amina), path)).status]).toEqual([path, 403])
    expect([path, (await site.get(without(permission), path)).status]).toEqual([path, 403])
    expect([path, (await site.get(may('invoice.view', permission), path)).status]).toEqual([path, status])
  }
  const posts: readonly (readonly [string, string])[] = [
    ['/admin/invoices/new', 'invoice.add'],
    ['/admin/invoices/chosen', 'invoice.view'],
    [`/admin/invoices/${draft}/edit`, 'invoice.change'],
    [`/admin/invoices/${draft}/remove`, 'invoice.remove'],
    [`/admin/invoices/${draft}/issue`, 'invoice.issue'],
    [`/admin/invoices/${draft}/lines`, 'invoice.change'],
    [`/admin/invoices/${draft}/lines/1/remove`, 'invoice.change'],
    [`/admin/invoices/${draft}/kind`, 'invoice.change'],
    [`/admin/invoices/${issued}/credit`, 'invoice.add'],
    [`/admin/invoices/${issued}/dispute`, 'invoice.change'],
    [`/admin/invoices/${issued}/send`, 'invoice.change'],
    [`/admin/invoices/${issued}/retry`, 'invoice.change'],
  ]
  const before = await one('SELECT sum(version)::int AS sum, count(*)::int AS n FROM invoice')
  for (const [path, permission] of posts) {
    expect([path, (await site.post(nobody, path, {})).status]).toEqual([path, 401])
    expect([path, (await site.post(memberOf(amina), path, {})).status]).toEqual([path, 403])
    expect([path, (await site.post(without(permission), path, {})).status]).toEqual([path, 403])
  }
  expect(await one('SELECT sum(version)::int AS sum, count(*)::int AS n FROM invoice')).toEqual(before)

  const other = await addMember(coin)
  for (const file of ['pdf', 'xml']) {
    expect((await site.get(nobody, `/invoices/${issued}/${file}`)).status).toBe(302)
    expect((await site.get(memberOf(other), `/invoices/${issued}/${file}`)).status).toBe(404)
    expect((await site.get(memberOf(amina), `/invoices/${draft}/${file}`)).status).toBe(404)
    expect((await site.get(chief, `/invoices/${issued}/${file}`)).status).toBe(403)
    expect((await site.get(memberOf(amina), `/invoices/${issued}/${file}`)).status).toBe(file === 'xml' ? 200 : 409)
    expect((await site.get(memberOf(amina), `/invoices/99999999999999999999/${file}`)).status).toBe(404)
  }
})

test('the data of an invoice is a file with its number, the same each time', async () => {
  const id = await issuedFor(amina)
  const { number } = await one(`SELECT number FROM invoice WHERE id = ${id}`)
  const first = await site.get(memberOf(amina), `/invoices/${id}/xml`)
  expect(first.headers.get('content-type')).toBe('application/xml')
  expect(first.headers.get('content-disposition')).toBe(`attachment; filename="${number}-cii.xml"`)
  expect(first.headers.get('cache-control')).toBe('private, no-cache')
  const xml = await first.text()
  expect(xml).toContain(number)
  expect(xml).toContain('Amina Berthier')
  await coin.pool.query(`INSERT INTO payment (member_id, amount, received_on) VALUES (${amina}, 1, coin.today() + 3)`)
  expect(await (await site.get(memberOf(amina), `/invoices/${id}/xml`)).text()).toBe(xml)
  expect((await site.get(chief, `/admin/invoices/${id}/xml?format=docx`)).status).toBe(404)
})
