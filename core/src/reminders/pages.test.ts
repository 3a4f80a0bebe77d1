import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSite, staff as chief } from '../admin/fixture.tsx'
import { nobody } from '../app/access.ts'
import type { Actor } from '../app/scope.ts'
import { recordPayment } from '../payments/rules.ts'
import { addSubscription } from '../testing/factories.ts'
import { siteOf } from '../testing/site.ts'
import { countQueries, withQueryCount } from '../web/query-count.ts'
import { among, debtors } from './due.ts'
import { datedCoin } from './fixture.ts'
import { sendDue } from './send.ts'

let it: Awaited<ReturnType<typeof datedCoin>>
let site: ReturnType<typeof adminSite>
beforeAll(async () => {
  it = await datedCoin()
  site = adminSite(it.coin)
})
afterAll(() => it.close())

const may = (...permissions: string[]): Actor => ({ ...chief, permissions: new Set(permissions) })
const memberOf = (memberId: number): Actor => ({
  kind: 'user',
  label: 'Member',
  userId: 'u9',
  memberId,
  roles: ['member'],
  permissions: new Set(),
})
const daysAgo = (days: number) => Temporal.Now.plainDateISO('Europe/Paris').subtract({ days }).toString()
const words = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/[\s\u00a0\u202f]+/g, ' ')
const page = async (path: string, actor: Actor = chief) => {
  const answer = await site.get(actor, path)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.text()
}
/** A member who is late by so many days. */
const late = async (days: number, columns: Record<string, unknown> = {}) => {
  const member = await it.member(columns)
  const bill = await it.invoice(member, '30', daysAgo(200), { dueOn: daysAgo(days) })
  return { member, bill }
}
const shownOf = (html: string) =>
  new Map([...html.matchAll(/name="shown" value="((\d+):[0-9a-f]+)"/g)].map(([, value, id]) => [Number(id), value as string]))
const remindersOf = (member: number) => it.ask('SELECT stage, subject FROM reminder WHERE member_id = $1', [member])

test('each page is for whom it is for', async () => {
  const { member } = await late(10)
  const actors = [nobody, memberOf(member), memberOf(await it.member()), may('payment.view'), chief]
  for (const [path, reader] of [
    ['/admin/reminders', 200],
    [`/admin/reminders/members/${member}`, 403],
  ] as const) {
    const found: number[] = []
    for (const actor of actors) found.push((await site.get(actor, path)).status)
    expect([path, found]).toEqual([path, [302, 403, 403, 403, 200]])
    expect([path, (await site.get(may('invoice.view'), path)).status]).toEqual([path, reader])
  }
  const posts = [
    '/admin/reminders/send',
    `/admin/reminders/members/${member}`,
    `/admin/reminders/members/${member}/pause`,
    `/admin/reminders/members/${member}/resume`,
    '/admin/reminders/suspensions/1/suspend',
    '/admin/reminders/suspensions/1/decline',
  ]
  for (const path of posts)
    for (const actor of [memberOf(member), may('invoice.view')]) expect([path, (await site.post(actor, path)).status]).toEqual([path, 403])
  expect(await remindersOf(member)).toEqual([])
  expect(await page('/admin/reminders', may('invoice.view'))).not.toContain('name="shown"')
  expect((await site.get(chief, '/admin/reminders/members/999999')).status).toBe(404)
})

test('the preview is what is sent, to those who were chosen; who pays meanwhile gets none and is told apart', async () => {
  const [chosen, left, pays, french] = [await late(10), await late(10), await late(10), await late(10, { language: 'fr' })]
  const html = await page('/admin/reminders')
  for (const text of ['Reminder 1', '10 days late', '€30.00', 'An invoice of Coin waits for you', '1 facture de Coin vous attend'])
    expect(words(html)).toContain(text)
  const shown = shownOf(html)
  await it.on(daysAgo(0), tx => recordPayment(tx, { memberId: pays.member, amount: '30' }))
  const answer = await site.post(
    chief,
    '/admin/reminders/send',
    [chosen, pays, french].map(({ member }) => ['shown', shown.get(member) ?? '']),
  )
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `/admin/reminders?changed=${pays.member}`])
  expect(words(await page(`/admin/reminders?changed=${pays.member}`))).toContain('What was to be sent to 1 member has changed meanwhile')
  expect([
    (await remindersOf(chosen.member)).length,
    (await remindersOf(left.member)).length,
    (await remindersOf(pays.member)).length,
  ]).toEqual([1, 0, 0])
  const [{ subject, body }] = await it.ask(`SELECT subject, body FROM coin.mail WHERE about_id = $1 AND about_kind = 'member'`, [
    chosen.member,
  ])
  // word for word
  for (const text of [subject, body]) expect(words(html.replaceAll('&#39;', '’'))).toContain(words(text))
  // the same answer sent again does nothing
  await site.post(chief, '/admin/reminders/send', { shown: shown.get(chosen.member) ?? '' })
  expect(await remindersOf(chosen.member)).toHaveLength(1)
  expect(words(await page('/admin/reminders'))).toContain('Not again before')
  expect((await site.post(chief, '/admin/reminders/send', { shown: '1:2' })).status).toBe(422)
  expect((await site.post(chief, '/admin/reminders/send')).headers.get('location')).toBe('/admin/reminders')
})

test('the member’s page tells what was sent; a person writes in their own words, and pauses', async () => {
  const { member } = await late(3)
  const path = `/admin/reminders/members/${member}`
  expect(words(await page(path))).toContain('It may have slipped your mind')
  const empty = await site.post(chief, path, { subject: '', text: ' ' })
  expect([empty.status, words(await empty.text()).includes('Say in one line what it is about.')]).toEqual([422, true])
  expect((await site.post(chief, path, { subject: 'About your invoice', text: 'Hello,\r\n\r\nHow are you?' })).status).toBe(303)
  const told = words(await page(`/admin/members/${member}`))
  for (const text of ['Reminders', 'About your invoice', 'How are you?', 'By hand', '€30.00']) expect(told).toContain(text)
  expect((await site.post(chief, path, { subject: 'Again', text: 'Again' })).headers.get('location')).toBe(path)
  expect(await remindersOf(member)).toHaveLength(1)

  const other = await late(12)
  const pause = `/admin/reminders/members/${other.member}/pause`
  expect((await site.post(chief, pause, { reason: '' })).status).toBe(422)
  expect((await site.post(chief, pause, { reason: 'Pays in parts', until: '30/02/2030' })).status).toBe(422)
  expect((await site.post(chief, pause, { reason: 'Pays in parts', until: '31/12/2090' })).status).toBe(303)
  expect(words(await page('/admin/reminders'))).toContain('Paused until 31 December 2090: Pays in parts')
  expect((await site.post(chief, pause.replace('pause', 'resume'))).status).toBe(303)
  expect(shownOf(await page('/admin/reminders')).has(other.member)).toBe(true)
})

test('a proposed suspension waits on the page, on the first page of staff and on the subscription, until somebody decides', async () => {
  const [one, two] = [await it.member(), await it.member()]
  for (const member of [one, two]) {
    const subscriptionId = await addSubscription(it.coin, { member })
    await it.invoice(member, '30', daysAgo(200), { dueOn: daysAgo(100), subscriptionId })
    for (const days of [70, 49, 28]) await it.on(daysAgo(days), tx => sendDue(tx, [member]))
  }
  const proposals = async () => [...(await page('/admin/reminders')).matchAll(/suspensions\/(\d+)\/suspend"/g)].map(([, id]) => Number(id))
  const [first, second] = await proposals()
  const [{ subscription_id: subscription }] = await it.ask('SELECT subscription_id::int FROM reminder_suspension WHERE id = $1', [first])
  expect(words(await page(`/admin/subscriptions/${subscription}`))).toContain('proposes to suspend it')
  expect(words(await page('/admin'))).toContain('2 suspensions are proposed.')
  expect(words(await (await siteOf(it.coin).staff('fr')).page('/admin'))).toContain('2 suspensions sont proposées.')
  expect((await site.post(chief, `/admin/reminders/suspensions/${first}/suspend`)).status).toBe(303)
  expect((await site.post(chief, `/admin/reminders/suspensions/${second}/decline`)).status).toBe(303)
  expect(await proposals()).toEqual([])
  expect(words(await page(`/admin/subscriptions/${subscription}`))).toContain('Suspended by the reminder of')
  expect((await it.ask('SELECT subscription_id::int FROM subscription_suspension')).map(row => row.subscription_id)).toEqual([subscription])
  // declined for these invoices: not proposed again with the next reminder
  const [debtor] = await it.on(daysAgo(0), tx => debtors(tx, among([two])))
  expect([debtor?.stage, debtor?.suspends]).toEqual([3, []])
})

test('in French, and with the same statements for more members', async () => {
  const french = words(await (await siteOf(it.coin).staff('fr')).page('/admin/reminders'))
  for (const text of ['Relances', 'À relancer maintenant', 'jours de retard', 'Envoyer ces relances']) expect(french).toContain(text)
  countQueries(it.coin.database.pool)
  const cost = async () => (await withQueryCount(() => page('/admin/reminders'))).statements()
  const before = await cost()
  for (let i = 0; i < 3; i++) await late(10)
  expect(await cost()).toBe(before)
})
