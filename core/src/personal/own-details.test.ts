import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createUser } from '../accounts/rules.ts'
import { defineConfig } from '../app/config.ts'
import { createRegistry } from '../app/registry.ts'
import { coreApps } from '../core-apps.ts'
import { sendMail } from '../system/mail.ts'
import { addMember, addSubscription, type TestClient, type TestCoin, testPassword } from '../testing/index.ts'
import { until } from '../testing/until.ts'
import { type TestWeb, testWeb } from '../testing/web.ts'

let web: TestWeb
let coin: TestCoin
let zoe: number
let asZoe: TestClient
let asOther: TestClient
let staff: TestClient

beforeAll(async () => {
  web = await testWeb({ publicUrl: 'http://coin.test' })
  coin = web.coin
  zoe = await addMember(coin, { firstName: 'Zoé', lastName: 'Ferrand', email: 'zoe@example.org' })
  asZoe = await web.member(zoe)
  asOther = await web.member(await addMember(coin))
  staff = await web.signIn('staff')
})
afterAll(() => web.close())

const mails = async (to: string) =>
  (await coin.pool.query<{ subject: string; body: string }>('SELECT subject, body FROM coin.mail WHERE recipient = $1 ORDER BY id', [to]))
    .rows
const forgetSignIn = () => coin.pool.query(`UPDATE auth.session SET created_at = now() - interval '1 hour'`)
const signInOf = async (member: number) =>
  (
    await coin.pool.query(`SELECT m.email, u.email AS "signIn" FROM member m JOIN auth."user" u ON u.id = m.user_id WHERE m.id = $1`, [
      member,
    ])
  ).rows[0]

test('a new address is confirmed by a link to it, of the same member; the old ones are told', async () => {
  const before = await signInOf(zoe)
  expect((await asZoe.post('/me/email', { email: 'new@example.org', signsIn: 'on' })).status).toBe(303)
  expect(await signInOf(zoe)).toEqual(before)
  expect((await mails('zoe@example.org'))[0]?.body).toContain('new@example.org')
  expect(await mails(String(before?.signIn))).toHaveLength(1)
  const link = /\/me\/email\/confirm\?token=\S+/.exec((await mails('new@example.org'))[0]?.body ?? '')?.[0] ?? ''
  const token = link.split('token=')[1] ?? ''
  expect((await web.client().get(link, { accept: 'text/html' })).status).toBe(302)
  expect((await asOther.get(link)).status).toBe(404)
  expect((await asOther.post('/me/email/confirm', { token })).status).toBe(404)
  expect((await asZoe.post('/me/email/confirm', { token: `${token}x` })).status).toBe(404)
  expect(await asZoe.page('/me')).toContain('new@example.org')
  expect(await asZoe.page(link)).toContain('Confirm')
  expect((await asZoe.post('/me/email/confirm', { token })).status).toBe(303)
  expect(await signInOf(zoe)).toEqual({ email: 'new@example.org', signIn: 'new@example.org' })
  expect(await mails('zoe@example.org')).toHaveLength(2)
  expect((await asZoe.post('/me/email/confirm', { token })).status).toBe(404)
  expect((await web.client().post('/sign-in', { email: 'new@example.org', password: testPassword })).status).toBe(303)
})

test('what was mailed to an account of somebody else is not theirs, though a mistake once gave them its address', async () => {
  await coin.write(async tx => {
    await createUser({ email: 'office@example.org', name: 'Office', role: 'member' }, tx)
    for (const email of ['office@example.org', 'new@example.org'])
      await tx.execute(sql`UPDATE member SET email = ${email} WHERE id = ${zoe}`)
    await sendMail(tx, { to: 'office@example.org', subject: 'Of others', text: 'not for Zoé' })
    await sendMail(tx, { to: 'new@example.org', subject: 'Of Zoé', text: 'hers' })
  })
  const copy = await (await asZoe.post('/me/data', { format: 'json', password: testPassword })).text()
  expect(copy).toContain('Of Zoé')
  expect(copy).not.toContain('Of others')
})

test('nobody has mails sent to others without end', async () => {
  const ask = async (email: string) => (await asOther.post('/me/email', { email })).status
  for (let time = 0; time < 3; time++) expect(await ask('victim@example.org')).toBe(303)
  expect(await ask('Victim@example.org')).toBe(422)
  expect(await mails('victim@example.org')).toHaveLength(3)
  for (let time = 0; time < 7; time++) await ask(`victim${time}@example.org`)
  expect(await ask('last@example.org')).toBe(422)
})

test('nobody else’s address can be taken, and an open browser is not enough', async () => {
  await coin.write(tx => createUser({ email: 'taken@example.org', name: 'Other', role: 'member' }, tx))
  expect((await asZoe.post('/me/email', { email: 'taken@example.org', signsIn: 'on' })).status).toBe(422)
  await forgetSignIn()
  const sent = (await mails('third@example.org')).length
  for (const path of ['/me/email', '/me/data', '/me/data/erasure']) {
    expect(await asZoe.page(path)).toContain('type="password"')
    expect((await asZoe.post(path, { email: 'third@example.org', password: 'not it at all' })).status).toBe(422)
  }
  expect(await mails('third@example.org')).toHaveLength(sent)
  expect((await asZoe.post('/me/data', { format: 'json', password: testPassword })).status).toBe(200)
})

test('what members may change is a setting; unknown names are refused at the start', async () => {
  const wrong = defineConfig({ members: { editable: ['email', 'comments' as 'email'] }, apps: [] })
  expect(() => createRegistry(coreApps(), wrong)).toThrow(/members\.editable\.1/)
  expect(await asZoe.page('/me/change')).not.toContain('name="email"')
})

test('a running subscription and a debt keep somebody from being erased, and it says so', async () => {
  const subscription = await addSubscription(coin, { member: zoe })
  expect(await asZoe.page('/me/data/erasure')).toContain('You have a subscription that has not ended.')
  expect((await asZoe.post('/me/data/erasure', { password: testPassword })).status).toBe(303)
  const { rows } = await coin.pool.query<{ id: number }>('SELECT id FROM erasure_request WHERE member_id = $1', [zoe])
  const path = `/admin/erasures/${rows[0]?.id}`
  expect(await staff.page(path)).toContain('A subscription has not ended.')
  expect((await staff.post(path, { verb: 'erase' })).status).toBe(422)
  await coin.write(tx => tx.execute(sql`UPDATE subscription SET resigned_on = '2026-01-31' WHERE id = ${subscription}`))
  await coin.write(async tx => {
    const invoice = await tx.execute<{ id: number }>(sql`INSERT INTO invoice (member_id, currency) VALUES (${zoe}, 'EUR') RETURNING id`)
    await tx.execute(
      sql`INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, net, vat_rate) VALUES (${invoice.rows[0]?.id}, 1, 'Modem', 1, 10, 10, 0)`,
    )
    await tx.execute(sql`UPDATE invoice SET state = 'issued' WHERE id = ${invoice.rows[0]?.id}`)
  })
  expect(await staff.page(path)).toContain('Something is owed.')
  await expect(coin.pool.query(`UPDATE erasure_request SET state = 'done', decided_at = now() WHERE member_id = ${zoe}`)).rejects.toThrow(
    'still running or open',
  )
  expect((await staff.post(path, { verb: 'refuse', reason: ' ' })).status).toBe(422)
  expect((await staff.post(path, { verb: 'refuse', reason: 'You owe us ten euros.' })).status).toBe(303)
  expect((await mails('new@example.org')).at(-1)?.subject).toContain('cannot erase')
  expect(await asZoe.page('/me/data/erasure')).toContain('You owe us ten euros.')
  await coin.write(tx =>
    tx.execute(
      sql`INSERT INTO payment (member_id, received_on, amount, currency, method) SELECT ${zoe}, '2026-02-01', total, currency, 'transfer' FROM invoice WHERE member_id = ${zoe}`,
    ),
  )
  expect((await staff.post(`/admin/members/${zoe}/erasure`)).status).toBe(303)
  const again = await coin.pool.query<{ id: number }>(`SELECT id FROM erasure_request WHERE member_id = $1 AND state = 'asked'`, [zoe])
  const receipt = `/admin/erasures/${again.rows[0]?.id}`
  // what runs in another database of the server may hold a batch up
  await until(async () => Number((await coin.pool.query('SELECT coin.chain_audit() AS n')).rows[0].n) > 0)
  expect((await staff.post(receipt, { verb: 'erase' })).status).toBe(303)
  expect(await staff.page(receipt)).toContain('Your bills and credit notes')
  expect((await mails('new@example.org')).map(({ subject }) => subject)).toEqual(['Your data at Coin are erased'])
  expect((await asZoe.get('/me', { accept: 'text/html' })).status).toBe(302)
  const names = await coin.pool.query(
    `SELECT m.display_name, i.member_snapshot ->> 'name' AS billed FROM member m JOIN invoice i ON i.member_id = m.id WHERE m.id = $1`,
    [zoe],
  )
  expect(names.rows).toEqual([{ display_name: `Former member ${zoe}`, billed: 'Zoé Ferrand' }])
  const chained = await coin.pool.query('SELECT id FROM coin.audit_batch')
  expect(chained.rows).not.toEqual([])
  const verified = await coin.pool.query('SELECT b.id, v.problem FROM coin.audit_batch b CROSS JOIN LATERAL coin.verify_audit(b.id) v')
  expect(verified.rows).toEqual([])
})
