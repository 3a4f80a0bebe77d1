import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import simpleDsl, { simpleDsl as lines } from '../../../apps/simple_dsl/index.ts'
import { addConfiguration, addMember, addOffer, addPool, addSubscription } from '../testing/factories.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../testing/web.ts'

let site: TestWeb
let owner: TestClient
let other: TestClient
let staff: TestClient
let ownerId: number
let subscription: number
beforeAll(async () => {
  site = await testWeb({ apps: [simpleDsl()] })
  const { coin } = site
  const pools = [await addPool(coin, '198.51.100.0/24', { length: 29 }), await addPool(coin, '2001:db8:4000::/40', { length: 56 })]
  const offer = await addOffer(coin, 'simple_dsl', pools)
  ownerId = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier' })
  subscription = await addSubscription(coin, { member: ownerId, offer })
  await addConfiguration(coin, lines, { phoneNumber: '+33465710000' }, { subscription })
  owner = await site.member(ownerId)
  other = await site.member(await addMember(coin))
  staff = await site.signIn('staff')
})
afterAll(() => site.close())

const status = async (client: TestClient, path: string) => (await client.get(path)).status

describe('who may open what', () => {
  test.each(['/', '/subscriptions', '/addresses', '/me', '/me/change', '/admin'])('nobody is sent from %s to sign in', async path => {
    const answer = await site.client().get(path)
    expect(answer.status).toBe(302)
    expect(answer.headers.get('Location')).toMatch(/^\/sign-in/)
  })
  test('a member’s subscription is there for its member only', async () => {
    expect(await status(owner, `/subscriptions/${subscription}`)).toBe(200)
    expect(await status(other, `/subscriptions/${subscription}`)).toBe(404)
    expect(await status(staff, `/subscriptions/${subscription}`)).toBe(403)
    expect(await status(owner, '/subscriptions/99999999999999999999')).toBe(404)
    expect((await site.client().get(`/subscriptions/${subscription}`)).headers.get('Location')).toMatch(/^\/sign-in/)
  })
  test('members do not see the back office, staff do', async () => {
    expect(await status(owner, '/admin')).toBe(403)
    expect(await status(staff, '/admin')).toBe(200)
    expect((await staff.get('/')).headers.get('Location')).toBe('/admin')
  })
  test('somebody whom no member names sees a page that says so', async () => {
    const someone = await site.signIn('member')
    expect(await someone.page('/')).toContain('Nothing here yet')
    expect(await status(someone, '/subscriptions')).toBe(403)
  })
})

describe('what members see', () => {
  test('the home says what they have in plain words', async () => {
    const page = await owner.page('/')
    expect(page).toContain('Hello Amina')
    expect(page).toContain('198.51.100.0/29')
    expect(page).toContain('8 addresses')
    expect(page).toContain('2001:db8:4000::/56')
    expect(page).toContain('256 networks')
    expect(page).toContain('Works, €20.00 a month')
    expect(await other.page('/')).not.toContain('198.51.100')
  })
  test('their subscriptions and addresses are theirs only', async () => {
    for (const path of ['/subscriptions', '/addresses']) {
      expect(await owner.page(path)).toContain(`/subscriptions/${subscription}`)
      expect(await other.page(path)).not.toContain(`/subscriptions/${subscription}`)
    }
    expect(await owner.page(`/subscriptions/${subscription}`)).toContain('Put it in the label of your transfers')
  })
  test('the number of statements does not grow with what they have', async () => {
    const paths = ['/', '/subscriptions', '/addresses']
    const count = async () => Promise.all(paths.map(async path => statementsOf(await other.get(path))))
    const before = await count()
    for (let i = 0; i < 5; i++) await addSubscription(site.coin, { member: ownerId })
    const owns = await Promise.all(paths.map(async path => statementsOf(await owner.get(path))))
    expect(owns).toEqual(before)
  })
  test('in French', async () => {
    const page = await (await owner.get('/', { 'Accept-Language': 'fr' })).text()
    expect(page).toContain('lang="fr"')
    expect(page).toContain('Bonjour Amina')
    expect(page).toContain('8 adresses')
    expect(page).toContain('Fonctionne')
    const details = await (await owner.get(`/subscriptions/${subscription}`, { 'Accept-Language': 'fr' })).text()
    expect(details).toContain('Mes abonnements')
    expect(details).toContain('par mois')
  })
})

describe('their details', () => {
  const typed = async () => {
    const page = await owner.page('/me/change')
    const version = /name="version" value="(\d+)"/.exec(page)?.[1] ?? ''
    return { version, email: 'amina@example.org', country: 'FR', feeReminders: 'true' }
  }
  test('can be changed, as far as they are theirs to change', async () => {
    const answer = await owner.post('/me/change', {
      ...(await typed()),
      city: 'Thiers',
      mobilePhone: ' +33 6 39 98 12 34 ',
      status: 'not_member',
      lastName: 'Else',
      comments: 'mine',
    })
    expect([answer.status, answer.headers.get('Location')]).toEqual([303, '/me'])
    const { rows } = await site.coin.pool.query(
      'SELECT email, city, mobile_phone, status, last_name, comments, fee_reminders FROM member WHERE id = $1',
      [ownerId],
    )
    expect(rows[0]).toEqual({
      // another address is confirmed first: on a page of its own
      email: expect.not.stringContaining('amina'),
      city: 'Thiers',
      mobile_phone: '+33 6 39 98 12 34',
      status: 'member',
      last_name: 'Berthier',
      comments: '',
      fee_reminders: true,
    })
    expect(await owner.page('/me')).toContain('Thiers')
  })
  test('are refused in words, and what was typed is kept', async () => {
    const answer = await owner.post('/me/change', {
      ...(await typed()),
      mobilePhone: 'call me',
      sshKeys: 'not a key',
      openpgpKey: '-----BEGIN PGP PRIVATE KEY BLOCK-----',
      city: 'Kept City',
    })
    expect(answer.status).toBe(422)
    const page = await answer.text()
    for (const words of [
      'Error:',
      'Give a telephone number',
      'Give one public key on each line',
      'This is a private key',
      'Kept City',
      'call me',
    ])
      expect(page).toContain(words)
  })
  test('are not overwritten when somebody changed them meanwhile', async () => {
    const form = await typed()
    await site.coin.pool.query(`UPDATE member SET city = 'Lezoux' WHERE id = $1`, [ownerId])
    const answer = await owner.post('/me/change', { ...form, city: 'Ambert' })
    expect(answer.status).toBe(409)
    const page = await answer.text()
    expect(page).toContain('The provider changed this while you were typing:')
    expect(page).toContain('<ins>Lezoux</ins>')
    expect(page).toContain('value="Ambert"')
    expect((await site.coin.pool.query('SELECT city FROM member WHERE id = $1', [ownerId])).rows[0].city).toBe('Lezoux')
  })
})

describe('the first page of staff', () => {
  test('says what needs a person, and costs the same with more', async () => {
    const before = await staff.get('/admin')
    const statements = statementsOf(before)
    await site.coin.pool.query(
      `INSERT INTO member (first_name, last_name, email, status, username) SELECT 'Nadia', 'Benali ' || n, n || '@example.org', 'pending', '' FROM generate_series(1, 5) AS n`,
    )
    await site.coin.pool.query(`INSERT INTO coin.mail (recipient, subject, body, error) VALUES ('x@example.org', 's', 'b', 'refused')`)
    await site.coin.pool.query(
      `INSERT INTO provisioning_state (configuration_id, backend, state, error) SELECT id, 'radius', 'failed', 'No answer' FROM configuration`,
    )
    const after = await staff.get('/admin')
    expect(statementsOf(after)).toBe(statements)
    const page = await after.text()
    for (const words of [
      '5 people wait to become members:',
      'Nadia Benali',
      '1 mail could not be sent.',
      '1 configuration failed on radius.',
      'No answer',
      'Address space left',
    ])
      expect(page).toContain(words)
  })
})

test('a new install is told what to do first', async () => {
  const empty = await testWeb()
  try {
    const client = await empty.signIn('staff')
    const page = await client.page('/admin')
    for (const words of [
      'First steps',
      '0 of 5 done',
      '1. Add a pool of addresses.',
      'href="/admin/pools/new"',
      'href="/admin/subscriptions/new"',
      'href="/admin/runs/new"',
      'No pool yet',
    ])
      expect(page).toContain(words)
    await addPool(empty.coin, '192.0.2.0/24')
    expect(await client.page('/admin')).toContain('1 of 5 done')
  } finally {
    await empty.close()
  }
})

test('under a sub-path all links stay below it', async () => {
  const below = await testWeb({ basePath: '/coin' })
  try {
    const client = await below.member(await addMember(below.coin))
    const page = await client.page('/')
    expect(
      [...page.matchAll(/(?:href|src|action)="(\/[^"]*)"/g)].map(match => match[1]).filter(link => !link?.startsWith('/coin')),
    ).toEqual([])
  } finally {
    await below.close()
  }
})
