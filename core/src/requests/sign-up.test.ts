import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addMember, addOffer } from '../testing/factories.ts'
import { type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { forgetOld } from './jobs.ts'

let site: TestWeb
let staff: TestClient
let offer: number
beforeAll(async () => {
  site = await testWeb({
    settings: {
      members: { signUp: 'open' },
      requests: { intro: { en: 'We serve the hills.', fr: 'Nous desservons les collines.' }, terms: 'https://example.org/statutes' },
    },
  })
  staff = await site.signIn('staff', 'office@example.org')
  offer = await addOffer(site.coin)
})
afterAll(() => site.close())

const person = {
  kind: 'natural',
  firstName: 'Amina',
  lastName: 'Berthier',
  email: 'amina@example.org',
  address: '3 rue des Tilleuls',
  postalCode: '26400',
  city: 'Crest',
  country: 'FR',
  language: 'fr',
  agreed: 'on',
}

interface Sent {
  readonly subject: string
  readonly body: string
  readonly openpgp_key: string
}
const mailsTo = async (address: string): Promise<Sent[]> =>
  (await site.coin.pool.query<Sent>('SELECT subject, body, openpgp_key FROM coin.mail WHERE recipient = $1 ORDER BY id', [address])).rows
const linkIn = (mails: readonly Sent[], page: string): string =>
  new RegExp(`${page}\\?token=\\S+`).exec(mails.at(-1)?.body ?? '')?.[0] ?? 'no link'
const openRequests = async (asker: string) =>
  (
    await site.coin.pool.query<{ id: number; version: number }>(
      `SELECT id::int, version FROM request WHERE asker = $1 AND state = 'open' ORDER BY id`,
      [asker],
    )
  ).rows

/** Fills in the form and confirms the address; gives the request. */
async function joined(given: Partial<typeof person> & Record<string, string>): Promise<{ id: number; version: number }> {
  const visitor = site.client()
  const form = { ...person, ...given }
  expect((await visitor.post('/sign-up', form)).status).toBe(303)
  const token = linkIn(await mailsTo(form.email), '/sign-up/confirm').split('token=')[1] ?? ''
  const answer = await visitor.post('/sign-up/confirm', { token })
  expect(answer.headers.get('Location')).toBe('/sign-up/confirmed')
  const [request] = await openRequests(`${form.firstName} ${form.lastName}`)
  if (!request) throw new Error('There is no request')
  return request
}

describe('from the form to the first sign-in', () => {
  test('who joins confirms the address, is accepted with a subscription, chooses a password and signs in', async () => {
    const visitor = site.client()
    expect(await visitor.page('/sign-in')).toContain('href="/sign-up"')
    expect(await visitor.page('/sign-up')).toContain('We serve the hills.')
    const sent = await visitor.post('/sign-up', { ...person, offerId: String(offer), message: 'Bonjour à vous' })
    expect(sent.headers.get('Location')).toBe('/sign-up/sent')
    expect(await visitor.page('/sign-up/sent')).toContain('Look into your mailbox')
    // nobody is bothered before the address is confirmed
    expect(await mailsTo('office@example.org')).toEqual([])
    expect(await openRequests('Amina Berthier')).toEqual([])

    const [confirmation] = await mailsTo('amina@example.org')
    expect(confirmation?.subject).toBe('Confirmez votre adresse électronique pour Coin')
    const link = linkIn([confirmation as Sent], '/sign-up/confirm')
    expect(await visitor.page(link)).toContain('amina@example.org')
    expect(await openRequests('Amina Berthier')).toEqual([])
    const token = link.split('token=')[1] ?? ''
    expect((await visitor.post('/sign-up/confirm', { token })).headers.get('Location')).toBe('/sign-up/confirmed')
    // the link is used up
    expect((await visitor.post('/sign-up/confirm', { token })).headers.get('Location')).toBe('/sign-in')
    const [request] = await openRequests('Amina Berthier')
    expect((await mailsTo('amina@example.org')).at(-1)?.subject).toBe('Nous avons votre demande : Devenir membre')
    expect((await mailsTo('office@example.org')).at(-1)?.body).toContain(`/admin/requests/${request?.id}`)
    const members = await site.coin.pool.query(`SELECT status, city FROM member WHERE email = 'amina@example.org'`)
    expect(members.rows).toEqual([{ status: 'pending', city: 'Crest' }])

    const page = await staff.page(`/admin/requests/${request?.id}`)
    expect(page).toContain('Bonjour à vous')
    const form = await staff.page(`/admin/requests/${request?.id}/accept`)
    expect(form).toContain('Bienvenue chez Coin')
    const settled = {
      version: String(request?.version),
      subscribe: 'on',
      offerId: String(offer),
      startedOn: '2030-01-01',
      subject: 'Bienvenue',
      text: 'Bonjour Amina, vous êtes membre.',
    }
    const plan = await staff.post(`/admin/requests/${request?.id}/accept`, { ...settled, 'coin.plan': 'review' })
    const planned = await plan.text()
    expect(plan.status).toBe(200)
    expect(await openRequests('Amina Berthier')).toHaveLength(1)
    const hash = /name="coin.planned" value="([^"]+)"/.exec(planned)?.[1] ?? ''
    const done = await staff.post(`/admin/requests/${request?.id}/accept`, { ...settled, 'coin.plan': 'apply', 'coin.planned': hash })
    expect(done.status).toBe(303)

    const made = await site.coin.pool.query(
      `SELECT m.status, s.started_on::text AS started FROM member m JOIN subscription s ON s.member_id = m.id WHERE m.email = 'amina@example.org'`,
    )
    expect(made.rows).toEqual([{ status: 'member', started: '2030-01-01' }])
    const mails = await mailsTo('amina@example.org')
    expect(mails.map(({ subject }) => subject).slice(-2)).toEqual(['Bienvenue', 'Votre compte chez Coin'])
    expect(mails.at(-2)?.body).toContain('vous êtes membre')
    const invitation = linkIn(mails, '/reset').split('token=')[1] ?? ''
    expect((await visitor.post('/reset', { token: invitation, password: 'collines et vallées' })).status).toBe(303)
    const signedIn = await visitor.post('/sign-in', { email: 'amina@example.org', password: 'collines et vallées' })
    expect(signedIn.headers.get('Location')).toBe('/')
    expect(await visitor.page('/')).toContain('Amina')
  })

  test('who is refused is told why, and is no member: they may ask again', async () => {
    const request = await joined({ firstName: 'Bruno', email: 'bruno@example.org', language: 'en' })
    const at = `/admin/requests/${request.id}/refuse`
    const empty = await staff.post(at, { version: String(request.version), text: ' ' })
    expect(empty.status).toBe(422)
    expect((await staff.post(at, { version: String(request.version), text: 'We do not reach your valley yet.' })).status).toBe(303)
    const mail = (await mailsTo('bruno@example.org')).at(-1)
    expect(mail?.subject).toBe('Refused: To become a member')
    expect(mail?.body).toContain('We do not reach your valley yet.')
    expect((await site.coin.pool.query(`SELECT FROM member WHERE email = 'bruno@example.org'`)).rows).toEqual([])
    expect(await staff.page(`/admin/requests/${request.id}`)).toContain('We do not reach your valley yet.')
    await joined({ firstName: 'Bruno', email: 'bruno@example.org' })
  })

  test('of two who accept at once, the second is told who was faster, and nothing is done twice', async () => {
    const request = await joined({ firstName: 'Carla', email: 'carla@example.org' })
    const other = await site.signIn('staff')
    const at = `/admin/requests/${request.id}/accept`
    const form = { version: String(request.version), text: 'Welcome', startedOn: '2030-01-01' }
    const answers = await Promise.all([staff.post(at, form), other.post(at, form)])
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409])
    const late = answers.find(({ status }) => status === 409)
    expect(await late?.text()).toContain('Staff Person has dealt with this request meanwhile.')
    const mails = (await mailsTo('carla@example.org')).filter(({ subject }) => subject.startsWith('Votre compte'))
    expect(mails).toHaveLength(1)
    await expect(site.coin.pool.query(`UPDATE request SET state = 'refused' WHERE id = $1`, [request.id])).rejects.toThrow(
      'accepted already',
    )
  })
})

describe('what strangers cannot do', () => {
  test('a known address gets the same answer, and another mail', async () => {
    await addMember(site.coin, { email: 'known@example.org' })
    const answer = await site.client().post('/sign-up', { ...person, email: 'Known@example.org', language: 'en' })
    expect(answer.headers.get('Location')).toBe('/sign-up/sent')
    const mails = await mailsTo('known@example.org')
    expect(mails.map(({ subject }) => subject)).toEqual(['You are known at Coin already'])
    expect(mails[0]?.body).not.toContain('token')
  })
  test('a program that fills in what nobody sees is answered as everybody, and forgotten', async () => {
    const answer = await site.client().post('/sign-up', { ...person, email: 'robot@example.org', website: 'https://spam.example' })
    expect(answer.headers.get('Location')).toBe('/sign-up/sent')
    expect(await mailsTo('robot@example.org')).toEqual([])
  })
  test('an address gets three mails a day, whoever asks', async () => {
    const asked = Array.from({ length: 4 }, () => site.client().post('/sign-up', { ...person, email: 'flooded@example.org' }))
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([303, 303, 303, 303])
    expect(await mailsTo('flooded@example.org')).toHaveLength(3)
  })
  test('from one place come ten an hour', async () => {
    const visitor = site.client()
    await site.coin.pool.query('UPDATE request_attempt SET count = 0')
    const ask = (n: number) => visitor.post('/sign-up', { ...person, email: `many${n}@example.org`, website: 'x' })
    const answers = await Promise.all(Array.from({ length: 11 }, (_, n) => ask(n)))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(303), 429])
  })
  test.each([
    [{ lastName: '' }, 'name'],
    [{ email: 'nobody' }, 'e-mail address'],
    [{ agreed: '' }, 'tick the box'],
    [{ offerId: '999999' }, 'Choose one of'],
    [{ firstName: 'x'.repeat(600) }, 'longer than 500'],
    [{ city: 'Cr\u0000est' }, 'cannot be stored'],
    [{ message: '\u0007' }, 'cannot be kept'],
  ])('what is wrong is said before anything is mailed: %o', async (wrong: Record<string, string>, words) => {
    const answer = await site.client().post('/sign-up', { ...person, email: 'wrong@example.org', language: 'en', ...wrong })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(words)
    expect(await mailsTo('wrong@example.org')).toEqual([])
  })
  test('names are text, on pages and in mails', async () => {
    const request = await joined({ firstName: '<b>Zoé</b>', lastName: '{{link}}', email: 'zoe@example.org', language: 'en' })
    const page = await staff.page(`/admin/requests/${request.id}/accept`)
    expect(page).not.toContain('<b>Zo')
    expect(page).toContain('&lt;b&gt;Zoé&lt;/b&gt;')
  })
  test('who never confirms is forgotten, and who was refused after their term', async () => {
    const { id, version } = await joined({ firstName: 'Dario', email: 'dario@example.org' })
    await staff.post(`/admin/requests/${id}/refuse`, { version: String(version), text: 'No' })
    await site.client().post('/sign-up', { ...person, email: 'never@example.org' })
    const there = async () =>
      (
        await site.coin.pool.query(
          `SELECT (SELECT count(*)::int FROM request WHERE id = $1) AS refused,
        (SELECT count(*)::int FROM sign_up WHERE email = 'never@example.org') AS unconfirmed`,
          [id],
        )
      ).rows[0]
    await site.coin.write(tx => forgetOld(tx, 12))
    expect(await there()).toEqual({ refused: 1, unconfirmed: 1 })
    await site.coin.pool.query(`UPDATE sign_up SET expires_at = now() - interval '1 minute'`)
    await site.coin.write(tx => forgetOld(tx, 0))
    expect(await there()).toEqual({ refused: 0, unconfirmed: 0 })
  })
  test('links that nobody mailed open nothing', async () => {
    expect(await site.client().page('/sign-up/confirm?token=guess')).toContain('has been used, or is too old')
    expect((await site.client().post('/sign-up/confirm', { token: 'guess' })).headers.get('Location')).toBe('/sign-in')
    expect((await site.client().get('/admin/requests')).headers.get('Location')).toMatch(/^\/sign-in/)
    const someone = await site.signIn('member')
    expect((await someone.get('/admin/requests')).status).toBe(403)
    expect((await someone.post('/admin/requests/1/accept', {})).status).toBe(403)
  })
})
