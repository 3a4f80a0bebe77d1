import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { deliverMails } from '../system/deliver-mail.ts'
import { findMail, listMails, sendMail } from '../system/mail.ts'
import { addMember } from '../testing/factories.ts'
import { testSmtp } from '../testing/smtp.ts'
import { type TestWeb, testPassword, testWeb } from '../testing/web.ts'
import { inviteMember } from './invite.ts'
import { createUser } from './rules.ts'

let t: TestWeb
beforeAll(async () => {
  t = await testWeb()
  await t.coin.write(tx =>
    createUser({ email: 'amina@example.org', name: 'Amina', role: 'member', password: testPassword, language: 'fr' }, tx),
  )
  await t.coin.write(tx => createUser({ email: 'root@example.org', name: 'Root', role: 'staff', password: testPassword }, tx))
})
afterEach(() => vi.unstubAllEnvs())
afterAll(() => t?.close())

const deliver = () => t.coin.asSystem('test', () => t.coin.write(deliverMails))
const soon = () => t.coin.pool.query('UPDATE coin.mail SET next_attempt_at = now() WHERE sent_at IS NULL')
const invite = (member: number) => t.coin.asSystem('test', () => t.coin.write(tx => inviteMember(member, tx)))

async function lastMail(to: string) {
  const mail = (await listMails(t.coin.database.db)).find(({ recipient }) => recipient === to)
  return mail && findMail(t.coin.database.db, mail.id)
}
const linkIn = (text: string | undefined) => /http:\/\/\S+(\/reset\?token=\S+)/.exec(text ?? '')?.[1] ?? 'no link'

test('a forgotten password: a mail with a link, a new password, all sessions ended, the link used up', async () => {
  const signedIn = t.client()
  await signedIn.post('/sign-in', { email: 'amina@example.org', password: testPassword })
  expect((await signedIn.get('/account')).status).toBe(200)

  const client = t.client()
  expect(await client.page('/forgotten')).toContain('name="email"')
  const asked = await client.post('/forgotten', { email: 'Amina@example.org' })
  expect([asked.status, asked.headers.get('Location')]).toEqual([303, '/sign-in'])
  const mail = await lastMail('amina@example.org')
  expect(mail?.sentAt).toBeNull()
  const link = linkIn(mail?.body)
  const page = await client.get(link)
  expect(page.headers.get('Cache-Control')).toBe('no-store')
  expect(await page.text()).toContain('name="token"')

  const token = new URL(link, 'http://x').searchParams.get('token') ?? ''
  const short = await client.post('/reset', { token, password: 'short' })
  expect(short.status).toBe(422)
  expect(await short.text()).toContain('at least 10 characters')
  expect((await client.post('/reset', { token, password: 'a new password' })).status).toBe(303)
  expect((await signedIn.get('/account')).status).toBe(302)
  const again = await client.post('/reset', { token, password: 'another password' })
  expect(again.status).toBe(422)
  expect(await again.text()).toContain('This link has been used')

  expect((await client.post('/sign-in', { email: 'amina@example.org', password: testPassword })).status).toBe(401)
  expect((await client.post('/sign-in', { email: 'amina@example.org', password: 'a new password' })).status).toBe(303)
})

test('a new password ends every other link that sets one, however it was chosen', async () => {
  await t.coin.write(tx => createUser({ email: 'links@example.org', name: 'Links', role: 'member', password: testPassword }, tx))
  const client = t.client()
  const tokenFor = async () => {
    await client.post('/forgotten', { email: 'links@example.org' })
    return new URL(linkIn((await lastMail('links@example.org'))?.body), 'http://x').searchParams.get('token') ?? ''
  }
  const tokens = [await tokenFor(), await tokenFor()]
  expect((await client.post('/reset', { token: tokens[1] ?? '', password: 'chosen first' })).status).toBe(303)
  expect((await client.post('/reset', { token: tokens[0] ?? '', password: 'chosen by another' })).status).toBe(422)
  const token = await tokenFor()
  await client.post('/sign-in', { email: 'links@example.org', password: 'chosen first' })
  expect((await client.post('/account/password', { currentPassword: 'chosen first', newPassword: 'chosen second' })).status).toBe(303)
  expect((await client.post('/reset', { token, password: 'chosen by another' })).status).toBe(422)
})

test('an unknown address gets the same answer and no mail', async () => {
  const answers = await Promise.all(
    ['amina@example.org', 'unknown@example.org'].map(async email => {
      const client = t.client()
      const answer = await client.post('/forgotten', { email })
      return [answer.status, answer.headers.get('Location'), client.cookies.get('coin.flash')]
    }),
  )
  expect(answers[0]).toEqual(answers[1])
  expect(await lastMail('unknown@example.org')).toBeUndefined()
})

test('the link is never what the request claims to be addressed to', async () => {
  await t.web.request('http://evil.example/forgotten', {
    method: 'POST',
    body: new URLSearchParams({ email: 'amina@example.org' }),
    headers: { Host: 'evil.example', Origin: 'http://evil.example', 'X-Forwarded-Host': 'evil.example' },
  })
  expect((await lastMail('amina@example.org'))?.body).toContain('http://127.0.0.1:8000/reset?token=')
  vi.stubEnv('COIN_URL', 'https://coin.example.net/')
  await t.client().post('/forgotten', { email: 'root@example.org' })
  expect((await lastMail('root@example.org'))?.body).toContain('https://coin.example.net/reset?token=')
})

test('asking for links without end is stopped, in words', async () => {
  const client = t.client()
  const statuses = []
  for (let i = 0; i < 6; i++) statuses.push((await client.post('/forgotten', { email: `x${i}@example.org` })).status)
  expect(statuses).toEqual([303, 303, 303, 303, 303, 429])
})

test('changing the password needs the present one and ends the other sessions', async () => {
  const [here, elsewhere] = [t.client(), t.client()]
  for (const client of [here, elsewhere]) await client.post('/sign-in', { email: 'root@example.org', password: testPassword })
  const wrong = await here.post('/account/password', { currentPassword: 'not it at all', newPassword: 'something longer' })
  expect(wrong.status).toBe(422)
  expect(await wrong.text()).toContain('This is not your password.')
  expect((await here.post('/account/password', { currentPassword: testPassword, newPassword: 'something longer' })).status).toBe(303)
  expect(await here.page('/account')).toContain('The password is changed.')
  expect((await elsewhere.get('/account')).status).toBe(302)
})

test('a session can be ended from another browser, and only one’s own', async () => {
  const here = await t.signIn('staff', 'two@example.org')
  const there = t.client()
  await there.post('/sign-in', { email: 'two@example.org', password: testPassword })
  const stranger = await t.signIn('member')
  const id = /\/account\/sessions\/([^"]+)"/.exec(await here.page('/account'))?.[1] ?? ''
  expect((await stranger.post(`/account/sessions/${id}`)).status).toBe(404)
  expect((await there.get('/account')).status).toBe(200)
  expect((await here.post(`/account/sessions/${id}`)).status).toBe(303)
  expect((await there.get('/account')).status).toBe(302)
  expect((await here.get('/account')).status).toBe(200)
})

test('an invited member chooses a password and then sees what is theirs', async () => {
  const member = await addMember(t.coin, { firstName: 'Bo', lastName: 'Li', email: 'Bo@example.org' })
  expect(await invite(member)).toEqual({ email: 'bo@example.org' })
  const link = linkIn((await lastMail('bo@example.org'))?.body)
  const token = new URL(link, 'http://x').searchParams.get('token') ?? ''
  const client = t.client()
  expect((await client.post('/reset', { token, password: 'chosen by Bo' })).status).toBe(303)
  expect((await client.post('/sign-in', { email: 'bo@example.org', password: 'chosen by Bo' })).status).toBe(303)
  const { rows } = await t.coin.pool.query('SELECT role FROM auth."user" u JOIN member m ON m.user_id = u.id WHERE m.id = $1', [member])
  expect(rows).toEqual([{ role: 'member' }])
  await invite(member)
  const other = await addMember(t.coin, { email: 'amina@example.org' })
  await expect(invite(other)).rejects.toMatchObject({ code: 'refused', hint: expect.stringContaining('another e-mail') })
  await expect(invite(987654)).rejects.toMatchObject({ code: 'not_found' })
})

test('a mail server that is down loses nothing: mails wait in the database and go when it is back', async () => {
  await t.coin.pool.query('UPDATE coin.mail SET sent_at = now()')
  const gone = await testSmtp()
  await gone.close()
  vi.stubEnv('SMTP_URL', gone.url)
  vi.stubEnv('MAIL_FROM', 'Coin <coin@example.net>')
  await t.client().post('/forgotten', { email: 'two@example.org' })
  await t.coin.write(tx => sendMail(tx, { to: 'plain@example.org', subject: 'Œuvre\r\nBcc: evil@example.org', text: 'Voilà' }))
  await expect(
    t.coin.write(async tx => {
      await sendMail(tx, { to: 'never@example.org', subject: 'x', text: 'x' })
      throw new Error('rolled back')
    }),
  ).rejects.toThrow('rolled back')
  expect(await deliver()).toEqual({ sent: 0, failed: 2 })
  expect((await lastMail('two@example.org'))?.error).toContain('ECONNREFUSED')
  expect(await deliver()).toEqual({ sent: 0, failed: 0 })

  const back = await testSmtp(gone.port)
  await soon()
  expect(await deliver()).toEqual({ sent: 2, failed: 0 })
  expect(back.mails.map(({ to }) => to).sort()).toEqual(['plain@example.org', 'two@example.org'])
  const source = back.mails.find(({ to }) => to === 'two@example.org')?.source ?? ''
  expect(source.replaceAll('=\r\n', '')).toContain('/reset?token=3D')
  expect(back.mails.every(({ source }) => source.includes('From: Coin <coin@example.net>'))).toBe(true)
  // what holds a token is forgotten here once it is there
  expect(await lastMail('two@example.org')).toMatchObject({ body: '', error: null, sentAt: expect.any(String) })
  expect((await lastMail('plain@example.org'))?.body).toBe('Voilà')
  expect(await deliver()).toEqual({ sent: 0, failed: 0 })
  await back.close()
})

test('one refused recipient keeps no other mail waiting', async () => {
  const server = await testSmtp()
  vi.stubEnv('SMTP_URL', server.url)
  await t.coin.write(async tx => {
    await sendMail(tx, { to: 'refused@example.org', subject: 'x', text: 'x' })
    await sendMail(tx, { to: 'taken@example.org', subject: 'x', text: 'x' })
  })
  expect(await deliver()).toEqual({ sent: 1, failed: 1 })
  expect((await lastMail('refused@example.org'))?.error).toContain('550')
  await t.coin.pool.query(`DELETE FROM coin.mail WHERE recipient = 'refused@example.org'`)
  await server.close()
})

test('without a mail server a copy is written that its owner alone reads', async () => {
  vi.stubEnv('SMTP_URL', '')
  await t.client().post('/forgotten', { email: 'two@example.org' })
  expect(await deliver()).toEqual({ sent: 1, failed: 0 })
  const mail = await lastMail('two@example.org')
  const file = path.join(t.coin.data, 'mail', `${mail?.id}.eml`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).toContain('To: two@example.org')
  expect(linkIn(mail?.body)).toContain('token=')
})

test('a mail asks for its delivery in the same transaction', async () => {
  await t.coin.pool.query('DELETE FROM graphile_worker._private_jobs')
  await t.coin.write(tx => sendMail(tx, { to: 'a@example.org', subject: 'x', text: 'x' }))
  const { rows } = await t.coin.pool.query('SELECT task_identifier FROM graphile_worker.jobs')
  expect(rows).toEqual([{ task_identifier: 'system:deliver_mail' }])
})

test('two deliveries at once send each mail once', async () => {
  const server = await testSmtp()
  vi.stubEnv('SMTP_URL', server.url)
  await deliver()
  server.mails.length = 0
  await t.coin.write(tx =>
    tx.execute(
      sql`INSERT INTO coin.mail (recipient, subject, body) SELECT 'n' || n || '@example.org', 'x', 'x' FROM generate_series(1, 30) n`,
    ),
  )
  const rounds = await Promise.all([deliver(), deliver(), deliver()])
  expect(rounds.reduce((sum, { sent }) => sum + sent, 0)).toBe(30)
  expect(new Set(server.mails.map(({ to }) => to)).size).toBe(30)
  expect(server.mails).toHaveLength(30)
  await server.close()
})
