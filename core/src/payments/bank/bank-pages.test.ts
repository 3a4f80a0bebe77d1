import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSite, staff as chief } from '../../admin/fixture.tsx'
import type { Actor } from '../../app/scope.ts'
import { addMember, addSubscription } from '../../testing/factories.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../../testing/web.ts'
import { issueOf, on } from '../fixture.ts'
import { addAccount, csv, importFile } from './fixture.ts'

let web: TestWeb
let staff: TestClient
let ada: number
let reference: string
beforeAll(async () => {
  web = await testWeb()
  staff = await web.signIn('staff')
  ada = await addMember(web.coin, { firstName: 'Ada', lastName: 'Lovelace' })
  const subscription = await addSubscription(web.coin, { member: ada })
  reference = (await web.coin.pool.query('SELECT reference FROM subscription WHERE id = $1', [subscription])).rows[0].reference
})
afterAll(() => web.close())

const upload = (client: TestClient, account: number | string, content: string | Uint8Array<ArrayBuffer>, name = 'releve.csv') => {
  const form = new FormData()
  form.set('account', String(account))
  form.set('file', new File([content], name))
  return client.request('/admin/bank/upload', { method: 'POST', body: form, headers: { Origin: 'http://coin.test' } })
}
const text = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/[\s\u00a0\u202f]+/g, ' ')
const value = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? ''
const pathOf = (answer: Response) => answer.headers.get('Location') ?? String(answer.status)
const file = () =>
  csv([
    { amount: '24.00', label: `VIR ${reference} fibre` },
    { amount: '30.00', label: 'cotisation', name: 'Lovelace Ada', iban: 'DE89370400440532013000' },
    { amount: '-3.20', label: 'FRAIS DE TENUE DE COMPTE' },
  ])

test('a CSV: its columns are confirmed once, what it does is shown, done, settled, explained and undone', async () => {
  await on(web.coin, '2026-02-01', tx => issueOf(tx, { memberId: ada, amount: '24.00' }))
  expect(await staff.page('/admin/bank')).toContain('No bank account yet')
  const account = await addAccount(web.coin, 'Pages')
  const columns = pathOf(await upload(staff, account, file()))
  expect(columns).toMatch(/^\/admin\/bank\/imports\/\d+\/columns$/)
  const form = await staff.page(columns)
  expect(text(form)).toContain('As these columns are read')
  const chosen = {
    delimiter: ';',
    decimal: ',',
    dateFormat: 'yyyy-mm-dd',
    header: 'true',
    skipLines: '0',
    bookedOn: '1',
    label1: '2',
    amount: '3',
    counterpartyName: '4',
    counterpartyIban: '5',
  }
  const { amount: _, ...lacking } = chosen
  const wrong = await staff.post(columns, { ...lacking, do: 'keep' })
  expect(wrong.status).toBe(422)
  expect(text(await wrong.text())).toContain('Choose either the column of the amount, or those of debit and of credit.')
  const badly = await staff.post(columns, { ...chosen, dateFormat: 'dd/mm/yyyy', do: 'keep' })
  expect([badly.status, text(await badly.text())]).toEqual([422, expect.stringContaining('written as dd/mm/yyyy')])
  const shownPath = pathOf(await staff.post(columns, { ...chosen, do: 'keep' }))
  const shown = await staff.page(shownPath)
  expect(text(shown)).toContain(`Matched Ada Lovelace . By the reference ${reference}`)
  expect(text(shown)).toContain('1 payment is recorded, and pays what is open at once. 2 lines wait for a person.')
  expect(await payments()).toBe(0)
  const moved = await staff.post(shownPath, { do: 'import', digest: 'other' })
  expect([moved.status, text(await moved.text())]).toEqual([409, expect.stringContaining('Something changed since this was shown')])
  expect(pathOf(await staff.post(shownPath, { do: 'import', digest: value(shown, 'digest') }))).toBe(shownPath)
  expect(await payments()).toBe(1)
  // the same file needs no columns any more, and has nothing new
  const again = await staff.page(pathOf(await upload(staff, account, file())))
  expect(text(again)).toContain('Every line of this file was imported before.')
  const today = text(await staff.page('/admin'))
  expect(today).toContain('2 bank lines wait to be settled.')
  const unmatched = await staff.page('/admin/bank/unmatched')
  expect(text(unmatched)).toContain('Confirm Ada Lovelace same name')
  const line = /action="(\/admin\/bank\/lines\/\d+)"/.exec(unmatched)?.[1] ?? ''
  const settled = await staff.post(line, { member: value(unmatched, 'member'), remember: 'true', do: 'confirm' })
  expect(pathOf(settled)).toBe('/admin/bank/unmatched')
  expect(await staff.page('/admin/bank-rules')).toContain('DE89370400440532013000')
  const { rows } = await web.coin.pool.query('SELECT id FROM payment ORDER BY id')
  const explained = text(await staff.page(`/admin/payments/${rows[0].id}`))
  expect(explained).toContain(`Why By the reference ${reference}`)
  expect(explained).toContain('From releve.csv, line 2')
  const undo = text(await staff.page(`${shownPath}/undo`))
  expect(undo).toContain('2 matched lines lose their payments')
  await staff.post(`${shownPath}/undo`)
  expect(await payments()).toBe(0)
  expect(pathOf(await staff.post(`${shownPath}/redo`))).toBe(shownPath)
  expect(text(await staff.page(shownPath))).toContain('Matched Ada Lovelace . By the IBAN DE89370400440532013000, which staff confirmed')
  await staff.post(shownPath, { do: 'drop' })
})

const payments = async () => Number((await web.coin.pool.query('SELECT count(*) FROM payment')).rows[0].count)

test('a bad file: nothing is imported, each problem is said with its line and field, also in French', async () => {
  const account = await addAccount(web.coin, 'Bad files')
  const camt = readFileSync(new URL('../statement/fixtures/camt.053.001.02.xml', import.meta.url), 'utf8')
  const bad = await upload(
    staff,
    account,
    camt.replace('24.00</Amt>', '24,x0</Amt>').replace('2026-01-05</Dt></BookgDt>', '2026-02-31</Dt></BookgDt>'),
    'bad.xml',
  )
  const said = text(await bad.text())
  expect(bad.status).toBe(422)
  expect(said).toContain('“24,x0” is not an amount. Amt 11')
  expect(said).toContain('“2026-02-31” is not a date of the calendar.')
  const french = await web.signIn('staff')
  const form = new FormData()
  form.set('account', String(account))
  form.set('file', new File(['%PDF-1.7'], 'releve.pdf'))
  const pdf = await french.request('/admin/bank/upload', {
    method: 'POST',
    body: form,
    headers: { Origin: 'http://coin.test', 'Accept-Language': 'fr' },
  })
  expect(text(await pdf.text())).toContain('C’est un PDF')
  expect((await upload(staff, '', 'x')).status).toBe(422)
  expect((await upload(staff, account, '')).status).toBe(422)
  expect((await upload(staff, 987654, 'x;y')).status).toBeGreaterThanOrEqual(400)
  expect((await web.coin.pool.query('SELECT count(*) FROM bank_line WHERE account_id = $1', [account])).rows[0].count).toBe(0)
})

test('a large file is taken from staff; nobody else may send one', async () => {
  const account = await addAccount(web.coin, 'Large')
  const rows = Array.from({ length: 18_000 }, (_, n) => ({ amount: '1.00', label: `ligne ${n} ${'x'.repeat(60)}` }))
  const content = csv(rows)
  expect(content.length).toBeGreaterThan(1.5 * 1024 * 1024)
  const member = await web.member(ada)
  const nobody = web.client()
  expect((await upload(member, account, content)).status).toBe(403)
  expect([302, 401]).toContain((await upload(nobody, account, content)).status)
  expect(pathOf(await upload(staff, account, content))).toContain('/columns')
})

test('each route: nobody, a member, staff without the right, staff with it', async () => {
  const site = adminSite(web.coin)
  const account = await addAccount(web.coin, 'Rights')
  const { row, lines } = await importFile(web.coin, account, csv([{ day: '2026-02-12', amount: '5.00', label: 'qui' }]))
  const line = `/admin/bank/lines/${lines[0]?.id}`
  const base = `/admin/bank/imports/${row.id}`
  const gets = ['/admin/bank', base, `${base}/undo`, '/admin/bank/unmatched', line]
  const posts = [
    '/admin/bank/upload',
    base,
    `${base}/undo`,
    `${base}/redo`,
    `${base}/columns`,
    line,
    `${line}/return`,
    `${line}/ignore`,
    `${line}/take-back`,
  ]
  const may = (...permissions: string[]): Actor => ({ ...chief, permissions: new Set(permissions) })
  const memberActor: Actor = { kind: 'user', label: 'Ada', userId: 'u1', memberId: ada, roles: ['member'], permissions: new Set() }
  const none = web.client()
  for (const path of gets) {
    expect([path, (await none.get(path)).status]).toEqual([path, 302])
    expect([path, (await site.get(memberActor, path)).status]).toEqual([path, 403])
    expect([path, (await site.get(may('payment.view', 'payment.change'), path)).status]).toEqual([path, 403])
    expect([path, (await site.get(may('bank.import'), path)).status]).toEqual([path, 200])
  }
  for (const path of posts) {
    expect([path, [302, 401]]).toEqual([path, expect.arrayContaining([(await none.post(path)).status])])
    expect([path, (await site.post(memberActor, path, {})).status]).toEqual([path, 403])
    expect([path, (await site.post(may('payment.view', 'payment.change'), path, {})).status]).toEqual([path, 403])
  }
  expect((await site.get(may('bank.import'), '/admin/bank/lines/999999')).status).toBe(404)
  expect((await site.get(may('bank.import'), '/admin/bank/imports/999999')).status).toBe(404)
  expect((await site.post(may('bank.import'), `${line}/take-back`, {})).status).toBe(303)
  const ignored = await site.post(may('bank.import'), `${line}/ignore`, { reason: '' })
  expect([ignored.status, text(await ignored.text())]).toEqual([422, expect.stringContaining('Say why, for whoever looks at it later.')])
  expect((await site.post(may('bank.import'), `${line}/ignore`, { reason: 'grant' })).status).toBe(303)
})

test('a line is shared out, left alone when the parts do not add up, and a refund is settled as what undoes a payment', async () => {
  const account = await addAccount(web.coin, 'By hand')
  const bob = await addMember(web.coin, { firstName: 'Bob', lastName: 'Binet', email: 'bob@example.org' })
  const { lines } = await importFile(
    web.coin,
    account,
    csv([
      { amount: '50.00', label: 'famille' },
      { amount: '-20.00', label: 'trop percu' },
    ]),
  )
  const [shared, out] = lines.map(({ id }) => `/admin/bank/lines/${id}`)
  const split = { do: 'split', member1: `Ada #${ada}`, amount1: '20', member2: 'bob@example.org' }
  const wrong = await staff.post(String(shared), { ...split, amount2: '31' })
  expect([wrong.status, text(await wrong.text())]).toEqual([
    422,
    expect.stringContaining('The parts come to 51.00, the line is 50.00 EUR.'),
  ])
  expect((await staff.post(String(shared), { ...split, amount2: '30' })).status).toBe(303)
  expect(text(await staff.page(String(shared)))).toContain('Ada Lovelace (€20.00), Bob Binet (€30.00)')
  const unknown = await staff.post(String(out), { do: 'settle', member: 'nobody at all' })
  expect(unknown.status).toBe(422)
  const { rows } = await web.coin.pool.query('SELECT id FROM payment WHERE member_id = $1', [bob])
  expect(text(await staff.page(`${out}?member=bob@example.org`))).toContain('It undoes this payment')
  expect((await staff.post(`${out}/return`, { payment: String(rows[0].id) })).status).toBe(303)
  const balance = await web.coin.pool.query('SELECT owed::text FROM member_balance WHERE member_id = $1', [bob])
  expect(balance.rows[0].owed).toBe('-10.00')
})

test('the list of lines to settle and an import cost the same number of statements, however many lines there are', async () => {
  const account = await addAccount(web.coin, 'Counted')
  const some = (n: number) =>
    csv(Array.from({ length: n }, (_, i) => ({ day: '2026-02-14', amount: '2.00', label: `ligne ${n} ${i}`, name: `Payer ${i}` })))
  const few = await importFile(web.coin, account, some(2))
  const cost = async (path: string) => statementsOf(await staff.get(path))
  const before = await cost('/admin/bank/unmatched')
  const many = await importFile(web.coin, account, some(40))
  expect(await cost('/admin/bank/unmatched')).toBe(before)
  expect(await cost(`/admin/bank/imports/${many.row.id}`)).toBe(await cost(`/admin/bank/imports/${few.row.id}`))
})
