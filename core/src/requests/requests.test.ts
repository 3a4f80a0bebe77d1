import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import simpleDsl, { simpleDsl as lines } from '../../../apps/simple_dsl/index.ts'
import { defineApp } from '../app/app.ts'
import { defineConfig } from '../app/config.ts'
import { defineRequest } from '../app/request-kind.ts'
import { main } from '../cli/main.ts'
import { startWorker } from '../jobs/worker.ts'
import { addConfiguration, addMember, addOffer, addPool, addSubscription } from '../testing/factories.ts'
import { staffWith } from '../testing/staff-with.ts'
import { until } from '../testing/until.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { mailDigest } from './staff-mails.ts'

/** An app with a kind of request of its own. */
const router = defineApp(
  { name: 'router_loan', verboseName: 'Loans', root: new URL('./kinds/', import.meta.url).href },
  {
    requests: [
      defineRequest({
        name: 'router',
        label: 'A router on loan',
        fields: { model: { label: 'Which model', kind: 'choice', choices: [{ value: 'small', label: 'The small one' }], required: true } },
        settles: { serial: { label: 'Serial number', kind: 'text', required: true } },
        accept: async ({ memberId }, { serial }, tx) => {
          await tx.execute(`UPDATE member SET comments = 'has router ${String(serial).replace(/\W/g, '')}' WHERE id = ${memberId}`)
        },
      }),
    ],
  },
)

let site: TestWeb
let staff: TestClient
let amina: TestClient
let bruno: TestClient
let aminaId: number
let subscription: number
let offer: number
let fibre: number
beforeAll(async () => {
  site = await testWeb({ apps: [simpleDsl(), router()] })
  const { coin } = site
  staff = await site.signIn('staff', 'office@example.org')
  offer = await addOffer(coin, 'simple_dsl', [await addPool(coin, '198.51.100.0/24', { length: 29 })])
  fibre = await addOffer(coin)
  aminaId = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier', email: 'amina@example.org' })
  await coin.pool.query(`UPDATE member SET language = 'fr' WHERE id = $1`, [aminaId])
  subscription = await addSubscription(coin, { member: aminaId, offer })
  await addConfiguration(coin, lines, { phoneNumber: '+33465710000' }, { subscription })
  amina = await site.member(aminaId)
  bruno = await site.member(await addMember(coin, { firstName: 'Bruno' }))
})
afterAll(() => site.close())

const mailsTo = async (address: string): Promise<{ subject: string; body: string }[]> =>
  (await site.coin.pool.query('SELECT subject, body FROM coin.mail WHERE recipient = $1 ORDER BY id', [address])).rows
const inDays = (days: number) => Temporal.Now.plainDateISO('Europe/Paris').add({ days }).toString()
/** Asks, and gives the number of the request. */
async function ask(who: TestClient, kind: string, form: Record<string, string>): Promise<number> {
  const answer = await who.post(`/requests/new/${kind}`, form)
  const at = /\/requests\/(\d+)$/.exec(answer.headers.get('Location') ?? '')?.[1]
  if (!at) throw new Error(`${answer.status}: ${(await answer.text()).replace(/<[^>]*>/g, ' ')}`)
  return Number(at)
}
const versionOf = async (id: number) =>
  String((await site.coin.pool.query<{ version: number }>('SELECT version FROM request WHERE id = $1', [id])).rows[0]?.version)
const stateOf = async (id: number) =>
  (await site.coin.pool.query<{ state: string }>('SELECT state FROM request WHERE id = $1', [id])).rows[0]?.state
const text = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/[\s\u00a0\u202f]+/g, ' ')

describe('the end of a subscription', () => {
  let id: number
  test('its member sees what it means, and cannot ask for a day too near', async () => {
    const page = text(await (await amina.get('/requests/new/end', { 'Accept-Language': 'en' })).text())
    expect(page).toContain('198.51.100.0/29')
    expect(page).toContain('Days after the last one are not billed.')
    const near = await amina.post('/requests/new/end', { subscriptionId: String(subscription), lastDay: inDays(3), message: 'Je déménage' })
    expect(near.status).toBe(422)
    const typed = await near.text()
    expect(typed).toContain('at the earliest')
    expect(typed).toContain('Je déménage')
    const others = await bruno.post('/requests/new/end', { subscriptionId: String(subscription), lastDay: inDays(30) })
    expect(others.status).toBe(422)
  })
  test('asked for, it is with staff, and mailed in the member’s language; not twice', async () => {
    const form = { subscriptionId: String(subscription), lastDay: inDays(30), message: 'Je déménage' }
    id = await ask(amina, 'end', form)
    expect((await mailsTo('amina@example.org')).at(-1)?.subject).toBe('Nous avons votre demande : La fin d’un abonnement')
    expect((await mailsTo('office@example.org')).at(-1)?.subject).toBe('The end of a subscription: Amina Berthier asks')
    const again = await amina.post('/requests/new/end', form)
    expect(again.status).toBe(422)
    expect(await again.text()).toContain('You have asked for this already')
  })
  test('others see nothing of it', async () => {
    for (const path of [`/requests/${id}`, '/requests/999999999999999999']) expect((await bruno.get(path)).status).toBe(404)
    for (const what of ['message', 'withdraw']) expect((await bruno.post(`/requests/${id}/${what}`, { text: 'x' })).status).toBe(404)
    expect(await bruno.page('/requests')).not.toContain(`/requests/${id}`)
    expect((await staff.get(`/requests/${id}`)).status).toBe(403)
    expect((await site.client().get(`/requests/${id}`)).headers.get('Location')).toMatch(/^\/sign-in/)
    expect((await amina.get(`/admin/requests/${id}`)).status).toBe(403)
    const reader = await staffWith(site, ['request.view'])
    expect(await reader.page(`/admin/requests/${id}`)).not.toContain(`/admin/requests/${id}/accept`)
    expect((await reader.get(`/admin/requests/${id}/accept`)).status).toBe(403)
    expect((await reader.post(`/admin/requests/${id}/refuse`, { text: 'no' })).status).toBe(403)
  })
  test('staff ask back, the member answers, a note stays with staff', async () => {
    const question = { version: await versionOf(id), subject: 'Votre date', text: 'Êtes-vous sûre ?', waiting: 'on' }
    expect((await staff.post(`/admin/requests/${id}/answer`, question)).status).toBe(303)
    expect(await stateOf(id)).toBe('waiting')
    expect((await mailsTo('amina@example.org')).at(-1)).toMatchObject({ subject: 'Votre date' })
    await staff.post(`/admin/requests/${id}/note`, { text: 'She owes us a router' })
    await staff.post(`/admin/requests/${id}/assign`, { to: 'me', version: await versionOf(id) })
    expect(await staff.page(`/admin/requests/${id}`)).toContain('She owes us a router')
    expect(await amina.page(`/requests/${id}`)).not.toContain('She owes us')
    // what was typed against an older state is not sent unseen
    const late = { version: await versionOf(id), text: 'Allô ?' }
    expect((await amina.post(`/requests/${id}/message`, { text: 'Oui, certaine' })).status).toBe(303)
    const refused = await staff.post(`/admin/requests/${id}/answer`, late)
    expect(refused.status).toBe(409)
    expect(await refused.text()).toContain('Allô ?')
    expect(await stateOf(id)).toBe('open')
    expect((await mailsTo('office@example.org')).at(-1)?.body).toContain('Oui, certaine')
  })
  test('the plan shows what it does; accepted, the last day is set and billing follows', async () => {
    const form = { version: await versionOf(id), lastDay: inDays(31), text: 'Bien noté.' }
    // nothing was billed since January: a last day in the past takes months off the next bill
    const sooner = { ...form, lastDay: inDays(-100), 'coin.plan': 'review' }
    const plan = text(await (await staff.post(`/admin/requests/${id}/accept`, sooner)).text())
    expect(plan).toContain('Nothing has changed yet.')
    expect(plan).toMatch(/bills €\d+\.\d\d less/)
    expect(await stateOf(id)).toBe('open')
    expect((await staff.post(`/admin/requests/${id}/accept`, form)).status).toBe(303)
    const ended = await site.coin.pool.query('SELECT resigned_on::text AS day FROM subscription WHERE id = $1', [subscription])
    expect(ended.rows).toEqual([{ day: inDays(31) }])
    expect((await mailsTo('amina@example.org')).at(-1)?.body).toContain('Bien noté.')
    expect((await amina.post(`/requests/${id}/message`, { text: 'Merci' })).status).toBe(422)
    expect(await amina.page(`/requests/${id}`)).toContain('Bien noté.')
  })
})

describe('other requests', () => {
  test('a new subscription: offers that are not for members are not, and what is asked can be withdrawn', async () => {
    await site.coin.pool.query('UPDATE offer SET askable = false WHERE id = $1', [offer])
    expect(await bruno.page('/requests/new/subscription')).not.toContain(`value="${offer}"`)
    expect((await bruno.post('/requests/new/subscription', { offerId: String(offer) })).status).toBe(422)
    const id = await ask(bruno, 'subscription', { offerId: String(fibre), startedOn: '' })
    expect((await bruno.post(`/requests/${id}/withdraw`)).status).toBe(303)
    expect(await stateOf(id)).toBe('withdrawn')
    expect((await staff.post(`/admin/requests/${id}/accept`, { offerId: String(fibre), startedOn: inDays(1) })).status).toBe(422)
    expect((await site.coin.pool.query('SELECT FROM subscription WHERE member_id <> $1', [aminaId])).rows).toEqual([])
  })
  test('another offer changes on the day that staff settle', async () => {
    const own = await addSubscription(site.coin, { member: aminaId })
    const id = await ask(amina, 'change_offer', { subscriptionId: String(own), offerId: String(fibre), from: inDays(5) })
    expect((await staff.post(`/admin/requests/${id}/accept`, { offerId: String(fibre), from: inDays(6) })).status).toBe(303)
    const { rows } = await site.coin.pool.query(
      'SELECT lower(during)::text AS day FROM subscription_offer WHERE subscription_id = $1 AND offer_id = $2',
      [own, fibre],
    )
    expect(rows).toEqual([{ day: inDays(6) }])
  })
  test('a kind that an app brings', async () => {
    expect(await bruno.page('/requests/new')).toContain('A router on loan')
    const id = await ask(bruno, 'router', { model: 'small' })
    expect(text(await staff.page(`/admin/requests/${id}`))).toContain('Which model The small one')
    expect((await staff.post(`/admin/requests/${id}/accept`, { serial: '' })).status).toBe(422)
    expect((await staff.post(`/admin/requests/${id}/accept`, { serial: 'ab12' })).status).toBe(303)
    expect((await site.coin.pool.query(`SELECT FROM member WHERE comments = 'has router ab12'`)).rowCount).toBe(1)
  })
  test('words are needed, and are only words', async () => {
    expect((await bruno.post('/requests/new/other', { subject: 'Hi', message: '' })).status).toBe(422)
    expect((await bruno.post('/requests/new/other', { subject: 'Hi', message: 'x'.repeat(10_001) })).status).toBe(422)
    expect((await bruno.post('/requests/new/sign_up', {})).status).toBe(404)
    const id = await ask(bruno, 'other', { subject: '<script>', message: '<img src=x onerror=alert(1)>{{name}}' })
    const page = await staff.page(`/admin/requests/${id}`)
    expect(page).not.toContain('<img src=x')
    expect(page).toContain('&lt;img src=x')
    expect(page).toContain('Answer and close')
    expect((await staff.post(`/admin/requests/${id}/accept`, { version: await versionOf(id), text: '' })).status).toBe(422)
    expect((await staff.post(`/admin/requests/${id}/accept`, { version: await versionOf(id), text: 'Soon.' })).status).toBe(303)
    expect(text(await bruno.page('/requests'))).toContain('Answered')
  })
  test('nobody keeps staff busy without end', async () => {
    const id = await addMember(site.coin)
    const clara = await site.member(id)
    const costs = async () => [statementsOf(await staff.get('/admin/requests')), statementsOf(await clara.get('/requests'))]
    const before = await costs()
    await site.coin.pool.query(`INSERT INTO request (kind, member_id, asker) SELECT 'other', $1, 'Clara' FROM generate_series(1, 20)`, [id])
    expect(await costs()).toEqual(before)
    const answer = await clara.post('/requests/new/other', { subject: 'one more', message: 'again' })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('You have 20 requests')
  })
})

describe('the work list', () => {
  test('what needs an answer comes first, the oldest first, and is counted in the menu', async () => {
    const list = await staff.page('/admin/requests')
    const places = [...list.matchAll(/href="\/admin\/requests\/(\d+)"/g)].map(([, id]) => Number(id))
    const { rows } = await site.coin.pool.query<{ id: string }>(`SELECT id FROM request ORDER BY state <> 'open', state <> 'waiting', id`)
    expect(places).toEqual(rows.slice(0, places.length).map(({ id }) => Number(id)))
    expect(places.length).toBeGreaterThan(5)
    expect(text(await staff.page('/admin'))).toMatch(/\d+ requests wait for an answer:/)
    expect(await staff.page(`/admin/members/${aminaId}`)).toContain('href="/admin/requests/')
  })
  test('once a day, staff who want it so get one mail with all of them', async () => {
    await site.coin.asSystem('test', () => site.coin.write(mailDigest))
    const digest = (await mailsTo('office@example.org')).at(-1)
    expect(digest?.subject).toMatch(/^\d+ requests wait for an answer$/)
    expect(digest?.body).toContain('Something else, Clara')
  })
  test('staff of one offer see what is about it, and nothing else', async () => {
    const own = await ask(bruno, 'subscription', { offerId: String(fibre) })
    const other = await ask(bruno, 'other', { subject: 'Else', message: 'Else' })
    const limited = await staffWith(site, ['request.view', 'request.change'], { offers: [offer] })
    const fibreOnly = await staffWith(site, ['request.view', 'request.change'], { offers: [fibre] })
    expect((await limited.get(`/admin/requests/${own}`)).status).toBe(404)
    expect((await limited.post(`/admin/requests/${own}/refuse`, { text: 'no' })).status).toBe(404)
    expect((await fibreOnly.get(`/admin/requests/${own}`)).status).toBe(200)
    expect((await fibreOnly.get(`/admin/requests/${other}`)).status).toBe(404)
    // who may answer does not get to do by it what they may not do otherwise
    const form = { version: await versionOf(own), offerId: String(fibre), startedOn: inDays(2) }
    expect(await (await fibreOnly.post(`/admin/requests/${own}/accept`, form)).text()).toContain('subscription.add')
    const adder = await staffWith(site, ['request.view', 'request.change', 'subscription.add'], { offers: [fibre] })
    expect((await adder.post(`/admin/requests/${own}/accept`, { ...form, offerId: String(offer) })).status).toBe(422)
    expect(await stateOf(own)).toBe('open')
    expect((await fibreOnly.post(`/admin/requests/${own}/refuse`, { version: await versionOf(own), text: 'Not there yet' })).status).toBe(
      303,
    )
  })
  test('templates: an unknown word is refused by name, a good one is filled in for who is written to', async () => {
    const template = { name: 'Soon', kind: '', step: 'answer', language: 'fr', subject: 'À propos de {{request}}' }
    const wrong = await staff.post('/admin/answer-templates/new', { ...template, body: 'Bonjour {{nom}}' })
    expect(wrong.status).toBe(422)
    expect(text(await wrong.text())).toContain('Nothing is known as “nom”.')
    expect((await staff.post('/admin/answer-templates/new', { ...template, body: 'Bonjour {{ name }}, bientôt.' })).status).toBe(303)
    const { rows } = await site.coin.pool.query<{ id: number }>(`SELECT id FROM answer_template WHERE name = 'Soon'`)
    const id = await ask(amina, 'other', { subject: 'Quand ?', message: 'Quand ?' })
    const form = await staff.page(`/admin/requests/${id}/answer?template=${rows[0]?.id}`)
    expect(form).toContain('Bonjour Amina, bientôt.')
    expect(form).toContain('À propos de Autre chose')
  })
  test('who is accepted on their own page is told and invited all the same', async () => {
    const { rows } = await site.coin.pool.query<{ id: string }>(
      `INSERT INTO member (last_name, email, status) VALUES ('Pending', 'pending@example.org', 'pending') RETURNING id`,
    )
    const memberId = Number(rows[0]?.id)
    await site.coin.pool.query(`INSERT INTO request (kind, member_id, asker) VALUES ('sign_up', $1, 'Pending')`, [memberId])
    const worker = await startWorker(site.coin)
    try {
      await staff.post(`/members/${memberId}/accept`)
      await until(async () => (await mailsTo('pending@example.org')).length >= 2)
    } finally {
      await worker.stop()
    }
    expect((await mailsTo('pending@example.org')).map(({ subject }) => subject)).toEqual([
      'Accepted: To become a member',
      'Your account at Coin',
    ])
  })
  test('coin request accept, refuse and answer', async () => {
    const [wanted, silly] = [
      await ask(bruno, 'subscription', { offerId: String(fibre) }),
      await ask(bruno, 'other', { subject: 'A', message: 'B' }),
    ]
    const run = (...args: string[]) => main(defineConfig({ apps: [simpleDsl(), router()] }), ['request', ...args, '--json'])
    const before = { ...process.env }
    Object.assign(process.env, {
      DATABASE_URL: site.coin.url,
      COIN_DATA: site.coin.data,
      COIN_SECRET: 'only-good-for-tests-but-long-enough',
    })
    const write = process.stdout.write
    process.stdout.write = (() => true) as typeof process.stdout.write
    try {
      expect(await run('accept', String(wanted), '--set', `startedOn=${inDays(9)}`)).toBe(0)
      expect(await run('answer', String(silly), '--template', 'We need to know more', '--ask')).toBe(0)
      expect(await stateOf(silly)).toBe('waiting')
      expect(await run('refuse', String(silly), '--text', 'We cannot.')).toBe(0)
      expect(await run('show', String(silly))).toBe(0)
    } finally {
      process.stdout.write = write
      process.env = before
    }
    expect([await stateOf(wanted), await stateOf(silly)]).toEqual(['accepted', 'refused'])
    expect((await site.coin.pool.query('SELECT FROM subscription WHERE started_on = $1', [inDays(9)])).rowCount).toBe(1)
  })
  test('signing up is closed unless it is opened', async () => {
    for (const path of ['/sign-up', '/sign-up/sent', '/sign-up/confirm?token=x', '/sign-up/confirmed'])
      expect((await site.client().get(path)).status).toBe(404)
    expect((await site.client().post('/sign-up', { lastName: 'X' })).status).toBe(404)
    expect(await site.client().page('/sign-in')).not.toContain('/sign-up')
  })
})

test('nor does anybody have mails sent to staff without end, by taking back what was asked', async () => {
  const id = await addMember(site.coin)
  const client = await site.member(id)
  await site.coin.pool.query('INSERT INTO request_attempt (bucket, count, since) VALUES ($1, 39, now())', [`by:${id}`])
  const last = await client.post('/requests/new/other', { subject: 'the last', message: 'again' })
  expect(last.status).toBe(303)
  const path = String(last.headers.get('location'))
  for (const [to, form] of [
    ['/requests/new/other', { subject: 'one more', message: 'again' }],
    [`${path}/message`, { text: 'and this' }],
  ] as const)
    expect(await (await client.post(to, form)).text()).toContain('You have written to us very often today')
})
