import jsqr from 'jsqr'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSite, staff as chief } from '../../admin/fixture.tsx'
import { nobody } from '../../app/access.ts'
import type { Actor } from '../../app/scope.ts'
import type { TestCoin } from '../../testing/coin.ts'
import { addMember } from '../../testing/factories.ts'
import { issueOf, on } from '../fixture.ts'
import { executeBatch } from './batches.ts'
import { collectableOn } from './collectable.ts'
import { debtor, memberIban, owed, sepaCoin } from './fixture.ts'

let coin: TestCoin
let site: ReturnType<typeof adminSite>
beforeAll(async () => {
  coin = await sepaCoin({ prenotificationDays: 1 })
  site = adminSite(coin)
})
afterAll(() => coin.close())

const may = (...permissions: string[]): Actor => ({ ...chief, permissions: new Set(permissions) })
const as = (memberId: number): Actor => ({
  kind: 'user',
  label: 'Member',
  userId: 'u9',
  memberId,
  roles: ['member'],
  permissions: new Set(),
})
const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/[\s\u00a0\u202f]+/g, ' ')
const page = async (path: string, actor: Actor) => {
  const answer = await site.get(actor, path)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.text()
}
const issue = (memberId: number, amount: string, currency = 'EUR') =>
  coin.asSystem('test', () => coin.write(tx => issueOf(tx, { memberId, amount, currency })))
const numberOf = async (invoice: number): Promise<string> =>
  (await coin.pool.query('SELECT number FROM invoice WHERE id = $1', [invoice])).rows[0].number

/** What a camera reads of the first QR code of a page. */
function scan(html: string): string | undefined {
  const svg = /<svg class="qr"[\s\S]*?<\/svg>/.exec(html)?.[0]
  if (!svg) return undefined
  const [, from = 0, , width = 0] = (/viewBox="(-?\d+) (-?\d+) (\d+)/.exec(svg) ?? []).map(Number)
  const scale = 4
  const pixels = new Uint8ClampedArray(width * width * scale * scale * 4).fill(255)
  const paths = [...svg.matchAll(/<path[^>]* d="([^"]*)"/g)]
  for (const [, x = '', y = '', length = ''] of (paths.at(-1)?.[1] ?? '').matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let py = (Number(y) - from) * scale; py < (Number(y) - from + 1) * scale; py++)
      for (let px = (Number(x) - from) * scale; px < (Number(x) - from + Number(length)) * scale; px++)
        pixels.fill(0, (py * width * scale + px) * 4, (py * width * scale + px) * 4 + 3)
  }
  return jsqr.default(pixels, width * scale, width * scale)?.data
}

test('a member pays one bill, or all, by what stands there or by what the QR code says', async () => {
  const member = await addMember(coin)
  const [one, two] = [await issue(member, '20.00'), await issue(member, '4.90')]
  const html = await page(`/money/${one}/pay`, as(member))
  for (const words of [
    '€20.00',
    'FR76 3000 6000 0112 3456 7890 189',
    'AGRIFRPP',
    'Réseau des Collines',
    await numberOf(one),
    'Pay all that is open',
  ])
    expect(text(html)).toContain(words)
  expect(html).toContain('data-copy="FR7630006000011234567890189"')
  expect(html).toMatch(/<svg class="qr" role="img" aria-label="QR code[^"]*€20\.00"/)
  const payload = (amount: string, reference: string) =>
    ['BCD', '002', '1', 'SCT', 'AGRIFRPP', 'Réseau des Collines', 'FR7630006000011234567890189', `EUR${amount}`, '', '', reference].join(
      '\n',
    )
  expect(scan(html)).toBe(payload('20.00', await numberOf(one)))
  const all = await page('/money/pay', as(member))
  expect(scan(all)).toBe(payload('24.90', `${await numberOf(one)} ${await numberOf(two)}`))
  const francs = await issue(member, '9.00', 'CHF')
  const swiss = await page(`/money/${francs}/pay`, as(member))
  expect([scan(swiss), text(swiss).includes('CHF')]).toEqual([undefined, true])
  await coin.pool.query('INSERT INTO payment (member_id, amount, invoice_id) VALUES ($1, 20, $2)', [member, one])
  const paid = await page(`/money/${one}/pay`, as(member))
  expect([text(paid).includes('It is paid'), paid.includes('class="qr"')]).toEqual([true, false])

  const statuses = []
  for (const actor of [nobody, as(await addMember(coin)), chief, as(member)])
    statuses.push((await site.get(actor, `/money/${two}/pay`)).status)
  expect(statuses).toEqual([302, 404, 403, 200])
  for (const path of ['/money/pay', '/money/direct-debit']) {
    expect([path, (await site.get(nobody, path)).status, (await site.get(chief, path)).status]).toEqual([path, 302, 403])
    expect(await page(path, as(await addMember(coin)))).not.toContain(await numberOf(two))
  }
  expect((await site.get(as(member), '/money/99999999999999999999/pay')).status).toBe(404)
})

test('a batch from the day to the payment, by the pages; what is collected is not paid by transfer', async () => {
  const { member } = await debtor(coin, { lastName: 'Kervella' })
  const invoice = await issue(member, '20.00')
  await coin.pool.query('ALTER TABLE invoice DISABLE TRIGGER invoice_frozen')
  await coin.pool.query('UPDATE invoice SET due_on = issued_on')
  await coin.pool.query('ALTER TABLE invoice ENABLE TRIGGER invoice_frozen')
  const before = await page(`/money/${invoice}/pay`, as(member))
  expect([text(before).includes('next time'), before.includes('class="qr"')]).toEqual([true, false])

  const start = await page('/admin/direct-debits', chief)
  const day = /name="collectOn"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="collectOn"/.exec(start)?.slice(1).find(Boolean) ?? ''
  const preview = await page(`/admin/direct-debits/new?collectOn=${encodeURIComponent(day)}`, chief)
  for (const words of ['Kervella', '€20.00', `UMR-${member}`]) expect(text(preview)).toContain(words)
  for (const wrong of ['', 'x', '2020-01-06']) {
    const answer = await site.get(chief, `/admin/direct-debits/new?collectOn=${wrong}`)
    expect([wrong, answer.status]).toEqual([wrong, 422])
  }
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(preview)?.[1] ?? ''
  const moved = await site.post(chief, '/admin/direct-debits/new', { collectOn: hidden('collectOn'), token: 'another' })
  expect([moved.status, text(await moved.text()).includes('Something changed')]).toEqual([409, true])
  const made = await site.post(chief, '/admin/direct-debits/new', { collectOn: hidden('collectOn'), token: hidden('token') })
  expect(made.status).toBe(303)
  const here = made.headers.get('location') ?? ''
  expect(text(await page(here, chief))).toContain('To send to the bank')

  const file = await site.get(chief, `${here}/file.xml`)
  expect([file.headers.get('cache-control'), file.headers.get('content-disposition')]).toEqual([
    'no-store',
    expect.stringContaining('.xml"'),
  ])
  expect(await file.text()).toContain(`<IBAN>${memberIban}</IBAN>`)
  expect((await site.post(chief, `${here}/sent`, {})).status).toBe(303)
  const waiting = text(await page(`/money/${invoice}/pay`, as(member)))
  expect(waiting).toMatch(/On \d+ \w+ \d{4} we collect €20\.00/)
  expect(text(await page('/money/direct-debit', as(member)))).toContain('DE89 … 3000')
  expect(text(await page(`${here}/cancel`, chief))).toContain('Cancel the collection')
  await site.post(chief, `${here}/cancel`, {})
  expect(text(await page(here, chief))).toContain('With the bank')

  await on(coin, hidden('collectOn'), tx => executeBatch(tx, Number(here.split('/').at(-1))))
  expect(await owed(coin, member)).toBe('0.00')
  const back = /href="([^"]*collections\/\d+\/return)"/.exec(await page(here, chief))?.[1] ?? ''
  expect(text(await page(back, chief))).toContain('AM04 – There is not enough money')
  expect((await site.post(chief, back, { code: 'NONE', on: '' })).status).toBe(422)
  expect((await site.post(chief, back, { code: 'AM04', on: '' })).status).toBe(303)
  expect(await owed(coin, member)).toBe('20.00')
  expect((await site.post(chief, back, { code: 'AM04', on: '' })).status).toBe(422)
  const list = await page('/admin/direct-debits', chief)
  expect(text(list)).toContain('Came back')
  expect(text(list)).toContain('There is not enough money on the account. (AM04)')
  // after a return the member may pay by transfer
  expect(scan(await page(`/money/${invoice}/pay`, as(member)))).toContain('EUR20.00')
  const done = /action="([^"]*collections\/\d+\/done)"/.exec(list)?.[1] ?? ''
  expect((await site.post(chief, done, {})).status).toBe(303)
  expect(text(await page('/admin/direct-debits', chief))).not.toContain('Came back')
  expect((await on(coin, hidden('collectOn'), tx => collectableOn(tx, hidden('collectOn')))).rows).toHaveLength(1)
})

test('a mandate is recorded, with a reference of its own; its account is whole only for who collects', async () => {
  const member = await addMember(coin, { firstName: 'Zoé', lastName: 'Abgrall' })
  const form = { memberId: String(member), bic: '', name: '', signedOn: '2026-01-05', reference: '', sequence: 'FRST' }
  for (const [iban, words] of [
    ['FR76 3000 6000 0112 3456 7890 188', 'This is no IBAN'],
    ['', 'iban'],
  ] as const) {
    const refused = await site.post(chief, '/admin/mandates/new', { ...form, iban })
    expect([iban, refused.status, (await refused.text()).includes(words)]).toEqual([iban, 422, true])
  }
  const added = await site.post(chief, '/admin/mandates/new', { ...form, iban: 'fr76 3000 6000 0112 3456 7890 189' })
  expect(added.status).toBe(303)
  const here = added.headers.get('location') ?? ''
  const whole = text(await page(here, chief))
  for (const words of ['FR76 3000 6000 0112 3456 7890 189', 'Zoé Abgrall', 'MANDATE-0000']) expect(whole).toContain(words)
  for (const path of [here, `${here}/edit`, `${here}/history`, '/admin/mandates']) {
    const shown = (await page(path, may('mandate.view', 'mandate.change', 'member.view'))).replace(/[\s\u00a0]/g, '')
    expect([path, shown.includes('7630006000011234567890189')]).toEqual([path, false])
  }
  const twice = await site.post(chief, '/admin/mandates/new', { ...form, iban: memberIban })
  expect([twice.status, text(await twice.text()).includes('This member has an active mandate.')]).toEqual([422, true])
  expect((await site.post(chief, `${here}/end`, {})).status).toBe(303)
  expect(text(await page(here, chief))).toContain('Ended')
  expect((await site.post(chief, '/admin/mandates/new', { ...form, iban: memberIban })).status).toBe(303)
  const { rows } = await coin.pool.query(
    `SELECT count(*)::int AS n FROM coin.history WHERE table_name = 'sepa_mandate' AND changes::text LIKE '%${memberIban}%'`,
  )
  expect(rows).toEqual([{ n: 0 }])
})

test('who may: staff with the right alone', async () => {
  const { member, mandate } = await debtor(coin)
  const [{ id: batch }] = (await coin.pool.query('SELECT id::int FROM sepa_batch ORDER BY id LIMIT 1')).rows
  const [{ id: collection }] = (await coin.pool.query('SELECT id::int FROM sepa_collection ORDER BY id LIMIT 1')).rows
  const gets = [
    '/admin/direct-debits',
    '/admin/direct-debits/new?collectOn=2020-01-06',
    `/admin/direct-debits/${batch}`,
    `/admin/direct-debits/${batch}/file.xml`,
    `/admin/direct-debits/${batch}/cancel`,
    `/admin/direct-debits/collections/${collection}/return`,
    '/admin/mandates',
    `/admin/mandates/${mandate}`,
  ]
  for (const path of gets) {
    const statuses = []
    for (const actor of [nobody, as(member), as(await addMember(coin)), may('payment.view', 'bank.import')])
      statuses.push((await site.get(actor, path)).status)
    expect([path, statuses]).toEqual([path, [302, 403, 403, 403]])
    expect([path, [200, 422].includes((await site.get(may('direct_debit.manage', 'mandate.view'), path)).status)]).toEqual([path, true])
  }
  const posts = [
    '/admin/direct-debits/new',
    '/admin/direct-debits/report',
    ...['sent', 'execute', 'cancel'].map(verb => `/admin/direct-debits/${batch}/${verb}`),
    `/admin/direct-debits/collections/${collection}/return`,
    `/admin/direct-debits/collections/${collection}/done`,
    `/admin/mandates/${mandate}/end`,
  ]
  for (const path of posts) {
    const statuses = []
    for (const actor of [as(member), may('mandate.view', 'payment.change')]) statuses.push((await site.post(actor, path, {})).status)
    expect([path, statuses, [302, 303, 401].includes((await site.post(nobody, path, {})).status)]).toEqual([path, [403, 403], true])
  }
  for (const path of [
    '/admin/direct-debits/99999999',
    '/admin/direct-debits/99999999999999999999',
    '/admin/direct-debits/collections/99999999/return',
  ])
    expect([path, (await site.get(chief, path)).status]).toEqual([path, 404])
})
