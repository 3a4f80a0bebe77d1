import { parse } from 'csv-parse/sync'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSite, staff as chief } from '../admin/fixture.tsx'
import { nobody } from '../app/access.ts'
import type { Actor } from '../app/scope.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember, addOffer, addSubscription } from '../testing/factories.ts'
import { siteOf } from '../testing/site.ts'
import { countQueries, withQueryCount } from '../web/query-count.ts'
import { advanceRun } from './run.ts'
import { startDueRun } from './run-jobs.ts'

let coin: TestCoin
let site: ReturnType<typeof adminSite>
let offer: number
beforeAll(async () => {
  coin = await testCoin({ apps: [] })
  await coin.pool.query(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET coin.today = ''2026-11-23''', current_database()); END $$`)
  site = adminSite(coin)
  offer = await addOffer(coin)
})
afterAll(() => coin.close())

const may = (...permissions: string[]): Actor => ({ ...chief, permissions: new Set(permissions) })
const biller = may('billing.run', 'invoice.view', 'subscription.view')
const plain = (html: string) => html.replaceAll(/[\u202f\u00a0]/g, ' ')
const text = (html: string) =>
  plain(html)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
const page = async (path: string, actor = biller) => {
  const answer = await site.get(actor, path)
  expect([path, answer.status]).toEqual([path, 200])
  return plain(await answer.text())
}
const rows = async <T = Record<string, unknown>>(statement: string, values: unknown[] = []) =>
  (await coin.pool.query(statement, values)).rows as T[]
const one = async <T = Record<string, unknown>>(statement: string, values: unknown[] = []) => (await rows<T>(statement, values))[0] as T

/** Does what a worker would. */
const advance = async (id: number, size?: number): Promise<void> => {
  while (await coin.asSystem('test', () => coin.write(tx => advanceRun(tx, id, size))));
}
const step = (id: number, size: number) => coin.asSystem('test', () => coin.write(tx => advanceRun(tx, id, size)))

/** Begins a run by its form, and works it out. */
async function begin(look: 'first' | 'now', { issues = 'drafts', date = '01/12/2026' } = {}): Promise<number> {
  const answer = await site.post(biller, '/admin/runs/new', { date, look, issues })
  expect(answer.status).toBe(303)
  return Number(answer.headers.get('location')?.split('/').at(-1))
}
const shownIn = (html: string) => /name="shown" value="([^"]*)"/.exec(html)?.[1] ?? ''
const apply = async (id: number, issues: 'yes' | 'no' = 'no') =>
  site.post(biller, `/admin/runs/${id}/apply`, { shown: shownIn(await page(`/admin/runs/${id}`)), issues })
const someone = async (firstName: string, given: { offer?: number } = {}) => {
  const member = await addMember(coin, { firstName, lastName: 'Berthier' })
  return { member, subscription: await addSubscription(coin, { member, offer: given.offer ?? offer }) }
}
const unpriced = async (name: string) => {
  const { id } = await one<{ id: number }>(`INSERT INTO offer (name, reference) VALUES ($1, $2) RETURNING id`, [
    name,
    name.toLowerCase().replace(' ', '-'),
  ])
  return Number(id)
}
/** Lines of a member, as they were billed. */
const billed = (member: number) =>
  rows<{ description: string; net: string }>(
    'SELECT l.description, l.net FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id WHERE i.member_id = $1 ORDER BY l.id',
    [member],
  )

test('what a dry run shows, and its file, is what applying it bills, to the cent', async () => {
  const { member: amina } = await someone('Amina')
  const { member: bob, subscription } = await someone('Bob')
  await coin.pool.query(
    `INSERT INTO subscription_discount (subscription_id, during, label, percent) VALUES ($1, '[2026-03-01,2026-06-01)', 'Solidarity', 33)`,
    [subscription],
  )
  const id = await begin('first')
  expect(text(await page(`/admin/runs/${id}`))).toMatch(/Being worked out.*0 of 2 members/)
  await advance(id)
  const html = await page(`/admin/runs/${id}`)
  expect(text(html)).toMatch(
    /Waits for you.*Invoices and credit notes 2.*€460\.20.*Nothing to bill 0.*Addresses No change.*Bob Berthier €220\.20.*33% off €20\.00: Solidarity.*€13\.40/,
  )
  expect(await one('SELECT count(*)::int AS n FROM invoice')).toEqual({ n: 0 })

  const file = await site.get(biller, `/admin/runs/${id}/lines.csv`)
  expect(file.headers.get('content-disposition')).toContain(`run-${id}-2026-12-01.csv`)
  const lines = parse(await file.text(), { columns: true }) as Record<string, string>[]
  expect(lines.length).toBe(24)

  expect((await apply(id)).status).toBe(303)
  await advance(id)
  const made = await rows(`
    SELECT i.member_id::text, m.display_name AS member, l.description, l.explanation, lower(l.period)::text AS first_day, (upper(l.period) - 1)::text AS last_day, l.net::text,
      trim_scale(l.quantity)::text AS quantity, trim_scale(l.unit_price)::text AS unit_price, l.vat_rate::text, i.currency, i.total::text AS invoice_total
    FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id JOIN member m ON m.id = i.member_id WHERE i.run_id = ${id} ORDER BY i.member_id, l.id`)
  expect(lines.map(({ unit_price, ...line }) => ({ ...line, unit_price: String(Number(unit_price)) }))).toEqual(made)
  expect(await rows('SELECT member_id::int AS member, total FROM invoice WHERE state = $1 ORDER BY 1', ['draft'])).toEqual([
    { member: amina, total: '240.00' },
    { member: bob, total: '220.20' },
  ])
  expect(text(await page(`/admin/runs/${id}`))).toMatch(/Done.*Issue the 2 drafts.*Invoices of this run.*Bob Berthier.*Amina Berthier/)
  expect((await site.get(biller, `/admin/runs/${id}/lines.csv`)).status).toBe(409)

  expect(text(await page(`/admin/runs/${id}/issue`))).toMatch(/Issue 2 drafts\? .*€460\.20/)
  // one that was changed by hand so that it cannot be issued stays a draft, and holds nobody up
  await coin.pool.query(
    `INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, net) SELECT id, 99, 'Goodwill', -1, 999, -999 FROM invoice WHERE member_id = $1`,
    [bob],
  )
  expect((await site.post(biller, `/admin/runs/${id}/issue`, {})).status).toBe(303)
  await advance(id)
  expect(await rows('SELECT state, number IS NOT NULL AS numbered FROM invoice ORDER BY member_id')).toEqual([
    { state: 'issued', numbered: true },
    { state: 'draft', numbered: false },
  ])

  const second = await begin('first')
  await advance(second)
  const empty = await page(`/admin/runs/${second}`)
  expect(text(empty)).toContain('Everybody is billed up to this day already.')
  expect((await site.post(biller, `/admin/runs/${second}/drop`, {})).status).toBe(303)
  expect(text(await page(`/admin/runs/${second}`))).toMatch(/Dropped.*nothing was billed/)
  await coin.pool.query('DELETE FROM invoice WHERE state = $1', ['draft'])
  await advance(await begin('now'))
})

test('who changed after the run was shown is left out, shown again, and billed as shown then; the others are billed', async () => {
  const { member: chloe, subscription } = await someone('Chloé')
  const { member: denis } = await someone('Denis')
  const id = await begin('first')
  await advance(id)
  await coin.pool.query(`INSERT INTO subscription_free_price (subscription_id, during, period_fee) VALUES ($1, '[2026-12-01,)', 5)`, [
    subscription,
  ])
  await apply(id)
  await advance(id)
  expect((await billed(denis)).length).toBe(12)
  expect(await billed(chloe)).toEqual([])
  expect(text(await page(`/admin/runs/${id}`))).toMatch(
    /No longer as shown.*Bill these as they are now.*Chloé Berthier €225\.00.*€5\.00 for a period, the price chosen/,
  )

  // and once more before it is billed: it is shown again
  await coin.pool.query(`UPDATE subscription_free_price SET period_fee = 6 WHERE subscription_id = $1`, [subscription])
  await site.post(biller, `/admin/runs/${id}/retry`, { which: 'changed' })
  expect(await billed(chloe)).toEqual([])
  expect(text(await page(`/admin/runs/${id}`))).toContain('Chloé Berthier €226.00')
  expect(text(await page('/admin'))).toContain('It set 1 member aside.')
  await site.post(biller, `/admin/runs/${id}/retry`, { which: 'changed' })
  expect((await billed(chloe)).map(({ net }) => Number(net)).reduce((sum, net) => sum + net)).toBe(226)
  expect(text(await page(`/admin/runs/${id}`))).not.toContain('No longer as shown')
})

test('two people who apply at once: it is billed once; who saw it before it was worked out again bills nothing', async () => {
  const noPrice = await unpriced('Fibre')
  await someone('Eve')
  const { member: failing } = await someone('Fanny', { offer: noPrice })
  const id = await begin('first')
  await advance(id)
  const seen = shownIn(await page(`/admin/runs/${id}`))
  await coin.pool.query(`INSERT INTO offer_price (offer_id, effective_from, period_fee) VALUES ($1, '2020-01-01', 30)`, [noPrice])
  await site.post(biller, `/admin/runs/${id}/retry`, { which: 'failed' })
  const late = await site.post(biller, `/admin/runs/${id}/apply`, { shown: seen, issues: 'yes' })
  expect(late.status).toBe(409)
  expect(text(await late.text())).toContain('The run was worked out again meanwhile.')

  const shown = shownIn(await page(`/admin/runs/${id}`))
  const answers = await Promise.all([1, 2].map(() => site.post(biller, `/admin/runs/${id}/apply`, { shown, issues: 'yes' })))
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 409])
  await Promise.all([advance(id), advance(id)])
  expect((await billed(failing)).length).toBe(12)
  expect(await one(`SELECT count(*)::int AS n, count(number)::int AS numbered FROM invoice WHERE run_id = ${id}`)).toEqual({
    n: 2,
    numbered: 2,
  })
})

test('a run stops after the part that is under way, and goes on where it was', async () => {
  const members = [await someone('Gil'), await someone('Hana'), await someone('Ida')]
  const id = await begin('now', { issues: 'issue' })
  await step(id, 1)
  const watched = await page(`/admin/runs/${id}`)
  expect(text(watched)).toMatch(/Running.*1 of \d members/)
  expect(watched).toContain('every 10s')
  expect((await site.post(biller, `/admin/runs/${id}/stop`, {})).status).toBe(303)
  await advance(id)
  const stopped = await page(`/admin/runs/${id}`)
  expect(text(stopped)).toMatch(/Stopped.*Go on.*1 of \d members/)
  expect(stopped).not.toContain('every 10s')
  expect((await site.post(biller, `/admin/runs/${id}/stop`, {})).status).toBe(409)
  expect(text(await page('/admin'))).toContain('It is stopped.')

  await site.post(biller, `/admin/runs/${id}/resume`, {})
  await advance(id)
  for (const { member } of members) expect((await billed(member)).length).toBe(12)

  // stopped while it issues, it bills nobody new when it goes on
  const { member } = await someone('Jo')
  const again = await begin('now', { issues: 'issue' })
  const stateOf = async () => (await one<{ state: string }>(`SELECT state FROM billing_run WHERE id = ${again}`)).state
  while ((await stateOf()) === 'running') await step(again, 1)
  expect(await stateOf()).toBe('issuing')
  await site.post(biller, `/admin/runs/${again}/stop`, {})
  const { member: late } = await someone('Kim')
  await site.post(biller, `/admin/runs/${again}/resume`, {})
  await advance(again)
  expect(await one(`SELECT count(number)::int AS n FROM invoice WHERE member_id = ${member}`)).toEqual({ n: 1 })
  expect(await billed(late)).toEqual([])
  await advance(await begin('now'))
})

test('who cannot be billed is set aside with the reason in the reader’s language, mended and tried again; the others are billed', async () => {
  const noPrice = await unpriced('VPN Pro')
  const { member, subscription } = await someone('Luc', { offer: noPrice })
  const { member: other } = await someone('Mona')
  const id = await begin('now')
  await advance(id)
  expect((await billed(other)).length).toBe(12)
  const html = await page(`/admin/runs/${id}`)
  expect(text(html)).toMatch(
    /Set aside 1 .*Luc Berthier The offer VPN Pro has no price on 1 January 2026\. Add a price that is in force then\./,
  )
  expect(html).toContain(`/admin/offers/${noPrice}`)
  expect(html).toContain(`/admin/members/${member}`)
  const french = await siteOf(coin).staff('fr')
  expect(text(await french.page(`/admin/runs/${id}`))).toMatch(
    /Luc Berthier L’offre VPN Pro n’a pas de prix au 1er janvier 2026\. Ajoutez un prix en vigueur à cette date\./,
  )
  expect(text(await page(`/admin/subscriptions/${subscription}`))).toMatch(
    /It cannot be billed\. The offer VPN Pro has no price on 1 January 2026\..*Set aside by run/,
  )
  expect(text(await page('/admin'))).toContain('It set 1 member aside.')

  await site.post(biller, `/admin/runs/${id}/retry`, { which: 'failed' })
  expect(text(await page(`/admin/runs/${id}`))).toContain('2 tries')
  await coin.pool.query(`INSERT INTO offer_price (offer_id, effective_from, period_fee) VALUES ($1, '2020-01-01', 12.5)`, [noPrice])
  expect(text(await page(`/admin/subscriptions/${subscription}`))).toMatch(
    /The last run could not bill this member.*Next run, up to 1 December 2026.*€12\.50/,
  )
  await site.post(biller, `/admin/runs/${id}/retry`, { which: 'failed' })
  expect((await billed(member)).map(({ net }) => net)).toEqual(Array(12).fill('12.50'))
  expect(text(await page(`/admin/runs/${id}`))).not.toContain('Set aside 1')
  expect(text(await page(`/admin/subscriptions/${subscription}`))).toMatch(
    /Billed until 31 December 2026.*bills nothing for it.*Billed last/,
  )
})

test('who was set aside and is billed by another run is set aside no more', async () => {
  const noPrice = await unpriced('Wireless')
  const { member } = await someone('Nina', { offer: noPrice })
  const id = await begin('now')
  await advance(id)
  await coin.pool.query(`INSERT INTO offer_price (offer_id, effective_from, period_fee) VALUES ($1, '2020-01-01', 9)`, [noPrice])
  await advance(await begin('now'))
  expect((await billed(member)).length).toBe(12)
  await site.post(biller, `/admin/runs/${id}/retry`, { which: 'failed' })
  expect(await one(`SELECT state FROM billing_run_member WHERE run_id = ${id} AND member_id = ${member}`)).toEqual({ state: 'nothing' })
  expect((await billed(member)).length).toBe(12)
})

test('after a downtime of months the schedule makes one run up to today, and none until its time comes again', async () => {
  const due = () => coin.asSystem('schedule', () => coin.write(tx => startDueRun(tx)))
  const runs = async () => (await one<{ n: number }>('SELECT count(*)::int AS n FROM billing_run')).n
  await due()
  const before = await runs()
  await coin.pool.query(`UPDATE billing_schedule SET looked_until = now() - interval '100 days'`)
  await due()
  await due()
  expect(await runs()).toBe(before + 1)
  expect(await one('SELECT date::text, previewed, issues, started_by FROM billing_run ORDER BY id DESC LIMIT 1')).toEqual({
    date: '2026-11-23',
    previewed: false,
    issues: false,
    started_by: 'schedule',
  })
  await advance((await one<{ id: number }>('SELECT max(id)::int AS id FROM billing_run')).id)
})

test('the form says what is wrong with a date, and keeps what was typed', async () => {
  for (const [date, said] of [
    ['31/02/2026', 'February has 28 days.'],
    ['', 'Give a date such as'],
    ['01/01/2099', 'This is more than a year ahead.'],
  ] as const) {
    const answer = await site.post(biller, '/admin/runs/new', { date, look: 'now', issues: 'issue' })
    expect(answer.status).toBe(422)
    const html = await answer.text()
    expect(text(html)).toContain(said)
    expect(html).toContain(`value="${date}"`)
  }
})

test('a list, a page and the lines of a run cost the same however many there are; members are found by name', async () => {
  countQueries(coin.database.pool)
  const cost = async (path: string) => (await withQueryCount(() => page(path))).statements()
  await someone('Only')
  const small = await begin('first')
  await advance(small)
  const [few, lines] = [await cost('/admin/runs'), await cost(`/admin/runs/${small}`)]
  const home = await cost('/admin')
  await site.post(biller, `/admin/runs/${small}/drop`, {})
  for (let n = 0; n < 27; n++) await someone(`Many${n}`)
  const large = await begin('first')
  await advance(large)
  expect(await cost(`/admin/runs/${large}`)).toBe(lines)
  expect(await cost('/admin/runs')).toBe(few)
  expect(await cost('/admin')).toBe(home)

  const html = await page(`/admin/runs/${large}`)
  expect(html.match(/scope="rowgroup"/g)?.length).toBe(25)
  const next = /href="(\?after=\d+)"/.exec(html)?.[1]
  expect(text(await page(`/admin/runs/${large}${next}`))).toContain('Many26 Berthier')
  const found = await page(`/admin/runs/${large}?q=many26`)
  expect(found.match(/scope="rowgroup"/g)?.length).toBe(1)
  expect(text(await page(`/admin/runs/${large}?q=%25`))).toContain('Nothing matches')
  await site.post(biller, `/admin/runs/${large}/drop`, {})
  // who watched while it ran gets the whole page when it has ended
  const last = await siteOf(coin).staff()
  const polled = (id: number) => last.get(`/admin/runs/${id}`, { 'hx-request': 'true', 'hx-target': 'div#run' })
  expect((await polled(large)).headers.get('hx-refresh')).toBe('true')
  const running = await begin('now')
  expect((await polled(running)).headers.get('hx-refresh')).toBeNull()
  await advance(running)
})

test('nobody but who may bill sees a run or touches it', async () => {
  const { member } = await someone('Omar')
  const id = await begin('first')
  await advance(id)
  const gets = ['', '/new', `/${id}`, `/${id}/lines.csv`, `/${id}/issue`]
  const posts = ['/new', ...['apply', 'drop', 'stop', 'resume', 'retry', 'issue'].map(verb => `/${id}/${verb}`)]
  const memberActor: Actor = { kind: 'user', label: 'Omar', userId: 'u1', memberId: member, roles: ['member'], permissions: new Set() }
  const without = may('invoice.view', 'invoice.issue', 'member.view')
  const before = await one('SELECT count(*)::int AS n, sum(version)::int AS v FROM billing_run')
  for (const path of gets) {
    const status = async (actor: Actor) => (await site.get(actor, `/admin/runs${path}`)).status
    expect([path, await status(nobody), await status(memberActor), await status(without)]).toEqual([path, 302, 403, 403])
    expect([path, [200, 303].includes(await status(may('billing.run')))]).toEqual([path, true])
  }
  for (const path of posts) {
    const status = async (actor: Actor) => (await site.post(actor, `/admin/runs${path}`, { which: 'failed' })).status
    expect([path, await status(nobody), await status(memberActor), await status(without)]).toEqual([path, 401, 403, 403])
  }
  expect(await one('SELECT count(*)::int AS n, sum(version)::int AS v FROM billing_run')).toEqual(before)
  expect(text(await page('/admin', may('home.view')))).not.toContain(`Run ${id}`)
  expect(text(await page('/admin', may('billing.run')))).toContain(`Run ${id}`)
  for (const path of ['/admin/runs/999999', '/admin/runs/99999999999999999999']) expect((await site.get(biller, path)).status).toBe(404)
  await site.post(may('billing.run'), `/admin/runs/${id}/drop`, {})
  expect(await one(`SELECT state FROM billing_run WHERE id = ${id}`)).toEqual({ state: 'dropped' })
})

test('billing is seen on a subscription’s page by who may, at a constant number of statements', async () => {
  const { subscription } = await someone('Pia')
  countQueries(coin.database.pool)
  const path = `/admin/subscriptions/${subscription}`
  const cost = async () => (await withQueryCount(() => page(path))).statements()
  const before = await cost()
  await advance(await begin('now'))
  await coin.write(tx =>
    tx.execute(sql`INSERT INTO subscription_suspension (subscription_id, during) VALUES (${subscription}, '[2026-02-01,2026-02-03)')`),
  )
  expect(await cost()).toBe(before)
  expect(text(await page(path, may('subscription.view')))).not.toContain('Billed until')
})
