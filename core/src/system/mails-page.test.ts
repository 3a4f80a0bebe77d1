import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { allows } from '../app/access.ts'
import { addMember } from '../testing/factories.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { storeFile } from './file.ts'
import { sendMail } from './mail.ts'

let site: TestWeb
let staff: TestClient
beforeAll(async () => {
  site = await testWeb()
  staff = await site.signIn('staff')
})
beforeEach(() => site.coin.pool.query('DELETE FROM coin.mail; DELETE FROM graphile_worker._private_jobs'))
afterAll(() => site?.close())

const rows = async (statement: string) => (await site.coin.pool.query(statement)).rows
/** Mails in each state; gives the ids by recipient. */
async function someMails(): Promise<Record<string, number>> {
  await site.coin.write(async tx => {
    const file = await storeFile(tx, { content: Buffer.alloc(42_000), mediaType: 'application/pdf' })
    const attachments = [{ name: 'invoice <1>.pdf', file }]
    await sendMail(tx, {
      to: 'sent@example.org',
      subject: 'Sent one',
      text: 'Line one\n<b>two</b>',
      attachments,
      about: { kind: 'member', id: 7 },
    })
    await sendMail(tx, { to: 'waits@example.org', subject: 'Waiting one', text: 'x' })
    await sendMail(tx, { to: 'failed@example.org', subject: 'Failed <one>', text: 'the token abc', secret: true })
    await sendMail(tx, { to: 'stuck@example.org', subject: 'Stuck one', text: 'x', openpgpKey: 'a key' })
  })
  await site.coin.pool.query(`
    UPDATE coin.mail SET sent_at = now(), attempts = 1 WHERE recipient LIKE 'sent%';
    UPDATE coin.mail SET error = '550 no such mailbox', attempts = 3, next_attempt_at = now() + interval '1 hour' WHERE recipient LIKE 'failed%';
    UPDATE coin.mail SET error = 'Cannot be encrypted: This key has expired. Extend it and give it again, or give another one.', attempts = 1, next_attempt_at = 'infinity' WHERE recipient LIKE 'stuck%'`)
  const found = await rows('SELECT id, recipient FROM coin.mail')
  return Object.fromEntries(found.map(({ id, recipient }) => [recipient.split('@')[0], Number(id)]))
}

test('mails are for staff with the permission, to try again for those with another', async () => {
  const { failed = 0 } = await someMails()
  const member = await site.member(await addMember(site.coin))
  for (const page of ['/admin/mails', `/admin/mails/${failed}`]) {
    expect((await site.client().get(page)).headers.get('Location')).toMatch(/^\/sign-in/)
    expect((await member.get(page)).status).toBe(403)
    expect((await staff.get(page)).status).toBe(200)
  }
  for (const id of [{}, { id: String(failed) }]) {
    expect((await site.client().post('/admin/mails/retry', id)).status).toBe(401)
    expect((await member.post('/admin/mails/retry', id)).status).toBe(403)
  }
  expect(await rows('SELECT FROM coin.mail WHERE error IS NOT NULL')).toHaveLength(2)
  const needs = { mails: 'mail.view', mail: 'mail.view', retry_mails: 'mail.send' }
  for (const [view, permission] of Object.entries(needs)) {
    const access = site.coin.registry.routes.find(({ name }) => name === `system:${view}`)?.access ?? 'public'
    const actor = (...permissions: string[]) => ({ kind: 'user', label: 'x', roles: ['staff'], permissions: new Set(permissions) }) as const
    expect([view, allows(access, actor(permission))]).toEqual([view, true])
    expect([view, allows(access, actor(...Object.values(needs).filter(other => other !== permission)))]).toEqual([view, false])
  }
})

test('the list says what failed and why, by state, and what a mail is about', async () => {
  await someMails()
  const page = await staff.page('/admin/mails')
  for (const words of [
    'Sent one',
    'Waiting one',
    'Failed &lt;one&gt;',
    '550 no such mailbox',
    'It cannot be encrypted, and was not sent as it is. This key has expired.',
    '1 attachment',
    '3 attempts',
    'Not tried again by itself',
  ])
    expect(page).toContain(words)
  expect(page).not.toContain('the token')
  const failed = await staff.page('/admin/mails?state=failed')
  expect(failed).toContain('stuck@example.org')
  expect(failed).not.toContain('sent@example.org')
  expect(await staff.page('/admin/mails?state=waiting')).not.toContain('failed@example.org')
  const about = await staff.page('/admin/mails?kind=member&id=7')
  expect(about).toContain('sent@example.org')
  expect(about).not.toContain('waits@example.org')
  expect(await staff.page('/admin')).toContain('href="/admin/mails?state=failed"')
  const french = await (await staff.get('/admin/mails', { 'Accept-Language': 'fr' })).text()
  for (const words of ['Courriels', 'En attente', 'Cette clé a expiré.', 'Tout réessayer', '1 pièce jointe'])
    expect(french).toContain(words)
})

test('a mail is shown with its text, a secret one without', async () => {
  const { sent, failed } = await someMails()
  const page = await staff.page(`/admin/mails/${sent}`)
  for (const words of ['Line one\n&lt;b&gt;two&lt;/b&gt;', 'invoice &lt;1&gt;.pdf, 42 kB', 'href="/admin/members/7"'])
    expect(page).toContain(words)
  const secret = await staff.page(`/admin/mails/${failed}`)
  expect(secret).not.toContain('the token')
  expect(secret).toContain('It holds a secret and is not shown.')
  for (const path of ['/admin/mails/99999999', '/admin/mails/99999999999999999999']) expect((await staff.get(path)).status).toBe(404)
})

test('what failed is tried again: one, or all', async () => {
  const { failed = 0, sent = 0 } = await someMails()
  await site.coin.pool.query('DELETE FROM graphile_worker._private_jobs')
  const answer = await staff.post('/admin/mails/retry', { id: String(failed) })
  expect([answer.status, answer.headers.get('Location')]).toEqual([303, '/admin/mails'])
  expect(await rows(`SELECT recipient FROM coin.mail WHERE error IS NOT NULL`)).toEqual([{ recipient: 'stuck@example.org' }])
  expect(await rows('SELECT task_identifier FROM graphile_worker.jobs')).toEqual([{ task_identifier: 'system:deliver_mail' }])
  for (const id of [failed, sent]) expect((await staff.post('/admin/mails/retry', { id: String(id) })).status).toBe(409)
  expect((await staff.post('/admin/mails/retry', { id: 'x' })).status).toBe(404)
  expect((await staff.post('/admin/mails/retry')).status).toBe(303)
  expect(await rows('SELECT FROM coin.mail WHERE error IS NOT NULL OR (sent_at IS NULL AND next_attempt_at > now())')).toEqual([])
  expect(await rows(`SELECT openpgp_key FROM coin.mail WHERE recipient LIKE 'stuck%'`)).toEqual([{ openpgp_key: 'a key' }])
})

test('the list costs the same whatever its length, and goes on by pages', async () => {
  await someMails()
  const before = statementsOf(await staff.get('/admin/mails'))
  await site.coin.pool.query(
    `INSERT INTO coin.mail (recipient, subject, body) SELECT n || '@many.example', 'many', '' FROM generate_series(1, 120) n`,
  )
  const answer = await staff.get('/admin/mails')
  expect(statementsOf(answer)).toBe(before)
  const first = await answer.text()
  const next = /href="([^"]*before=\d+)"/.exec(first)?.[1] ?? 'no next page'
  expect(first).toContain('>71@many.example<')
  expect(first).not.toContain('>70@many.example<')
  const second = await staff.page(next.startsWith('?') ? `/admin/mails${next}` : next)
  expect(second).toContain('>70@many.example<')
  expect(second).not.toContain('>71@many.example<')
})
