import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addSubscription } from '../testing/factories.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { phone, sshKeys } from './checks.ts'
import { acceptMember, addMember, changeMember, endMemberships, removeMember, resign } from './rules.ts'

let site: TestWeb
let staff: TestClient
beforeAll(async () => {
  site = await testWeb({ provider: { country: 'BE' } })
  staff = await site.signIn('staff')
})
afterAll(() => site.close())

const { write, row } = {
  write: <R>(work: Parameters<typeof site.coin.write<R>>[0]) => site.coin.write(work),
  row: async (id: number) =>
    (await site.coin.pool.query('SELECT * FROM member WHERE id = $1', [id])).rows[0] as Record<string, unknown> | undefined,
}
const person = { firstName: 'Élise', lastName: 'Fontanel', email: 'elise@example.org' }

describe('rules', () => {
  test('a username is made from the name, and made another when it is taken', async () => {
    const [first, second] = [
      await write(tx => addMember(tx, person)),
      await write(tx => addMember(tx, { ...person, email: 'other@example.org' })),
    ]
    expect([(await row(first))?.username, (await row(second))?.username]).toEqual(['efontanel', 'efontanel2'])
    expect(await row(first)).toMatchObject({ display_name: 'Élise Fontanel', status: 'member', kind: 'natural' })
    const legal = await write(tx => addMember(tx, { kind: 'legal', organizationName: 'La Grange aux Livres', email: 'grange@example.org' }))
    expect(await row(legal)).toMatchObject({ display_name: 'La Grange aux Livres', username: 'lagrangeauxlivres' })
  })
  test('members who join at once get different usernames', async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        write(tx => addMember(tx, { firstName: 'Noor', lastName: 'Twin', email: `twin${n}@example.org` })),
      ),
    )
    const names = await Promise.all(ids.map(async id => (await row(id))?.username))
    expect(new Set(names).size).toBe(8)
  })
  test('what the database refuses is said in words', async () => {
    const refused = (change: Parameters<typeof changeMember>[2]) =>
      write(async tx => changeMember(tx, await addMember(tx, { ...person, email: 'x@example.org' }), change))
    await expect(refused({ lastName: ' ' })).rejects.toMatchObject({
      message: 'Give the last name of a natural person.',
      fields: [{ field: 'lastName' }],
    })
    await expect(refused({ kind: 'legal' })).rejects.toMatchObject({ fields: [{ field: 'organizationName' }] })
    await expect(refused({ username: 'Not Good' })).rejects.toMatchObject({ fields: [{ field: 'username' }] })
    await expect(refused({ username: 'efontanel' })).rejects.toMatchObject({
      constraint: 'member_username_key',
      message: 'Another member has this username.',
    })
    await expect(refused({ email: 'nobody' })).rejects.toMatchObject({ fields: [{ field: 'email' }] })
    await expect(refused({ country: 'fr' })).rejects.toMatchObject({ fields: [{ field: 'country' }] })
    await expect(refused({ resignedOn: '1999-01-01' })).rejects.toMatchObject({ fields: [{ field: 'resignedOn' }] })
  })
  test('every named constraint of the table has its words', async () => {
    const { rows } = await site.coin.pool.query(
      `SELECT conname FROM pg_constraint WHERE conrelid = 'member'::regclass AND contype IN ('c', 'u') ORDER BY 1`,
    )
    const known = Object.keys(site.coin.registry.constraints)
    expect(rows.map(({ conname }) => conname).filter(name => !known.includes(name))).toEqual([])
  })
  test('a pending member is accepted; a resignation ends the membership on its day', async () => {
    const id = await write(tx => addMember(tx, { ...person, status: 'pending' }))
    await write(tx => acceptMember(tx, id, '2026-01-02'))
    expect(await row(id)).toMatchObject({ status: 'member' })
    await write(tx => resign(tx, id, '2999-01-01'))
    expect(await row(id)).toMatchObject({ status: 'member' })
    expect(await write(endMemberships)).toBe(0)
    await site.coin.pool.query(`UPDATE member SET resigned_on = current_date - 1 WHERE id = $1`, [id])
    expect(await write(endMemberships)).toBe(1)
    expect(await row(id)).toMatchObject({ status: 'not_member' })
    await write(tx => resign(tx, id, null))
    expect(await row(id)).toMatchObject({ status: 'member', resigned_on: null })
  })
  test('a member who has subscribed is not removed, another is', async () => {
    const id = await write(tx => addMember(tx, person))
    const subscription = await addSubscription(site.coin, { member: id })
    await expect(write(tx => removeMember(tx, id))).rejects.toMatchObject({
      code: 'refused',
      constraint: 'member_has_subscriptions',
      values: { name: 'Élise Fontanel', count: 1 },
    })
    await site.coin.pool.query('DELETE FROM subscription WHERE id = $1', [subscription])
    await write(tx => removeMember(tx, id))
    expect(await row(id)).toBeUndefined()
  })
})

describe('checks', () => {
  const accepted = (check: typeof phone | typeof sshKeys, text: string) => check.safeParse(text).success
  test.each(['', '06 39 98 12 34', '+33 (0)6.39-98/12'])('the telephone number “%s” is accepted', text =>
    expect(accepted(phone, text)).toBe(true),
  )
  test.each(['call me', '12', '+33 6 39 98 12 34 <script>'])('the telephone number “%s” is not', text =>
    expect(accepted(phone, text)).toBe(false),
  )
  const key = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 1)]).toString('base64')}`
  test('SSH keys are one public key a line', () => {
    expect(sshKeys.parse(`  ${key} me@laptop\n\n${key}\n`)).toBe(`${key} me@laptop\n${key}`)
    for (const text of ['ssh-ed25519', `ssh-rsa ${key.split(' ')[1]}`, `${key}\nhello`, '-----BEGIN OPENSSH PRIVATE KEY-----'])
      expect(accepted(sshKeys, text)).toBe(false)
  })
})

describe('in the back office', () => {
  const form = { kind: 'natural', firstName: 'Côme', lastName: 'Delaunay', email: 'come@example.org', feeReminders: 'true' }
  test('nobody is sent to sign in, a member may not, staff may', async () => {
    expect((await site.client().get('/admin/members')).headers.get('Location')).toMatch(/^\/sign-in/)
    const member = await site.member(await write(tx => addMember(tx, person)))
    for (const path of ['/admin/members', '/admin/members/new', '/admin/members/1']) expect((await member.get(path)).status).toBe(403)
    expect((await member.post('/admin/members/new', form)).status).toBe(403)
    for (const path of ['/members/1/accept', '/members/1/invite']) expect((await member.post(path)).status).toBe(403)
    expect((await staff.get('/admin/members')).status).toBe(200)
  })
  test('a member is added, found, looked at, changed and removed', async () => {
    const added = await staff.post('/admin/members/new', { ...form, country: '', username: '' })
    expect(added.status).toBe(303)
    const { rows } = await site.coin.pool.query(`SELECT id, username, country FROM member WHERE email = 'come@example.org'`)
    expect(rows[0]).toMatchObject({ username: 'cdelaunay', country: 'BE' })
    const page = `/admin/members/${rows[0].id}`
    expect(await staff.page('/admin/members?q=cÔme')).toContain(page)
    expect(await staff.page('/admin/members?q=delaun')).toContain('cdelaunay · come@example.org')
    expect(await staff.page('/admin/members?q=100%25')).not.toContain(page)
    const details = await staff.page(page)
    for (const words of ['Côme Delaunay', 'No subscription yet', 'Invite', `/admin/subscriptions/new?memberId=${rows[0].id}`])
      expect(details).toContain(words)
    expect((await staff.post(`${page}/edit`, { ...form, firstName: 'Cosme' })).status).toBe(303)
    expect(await row(rows[0].id)).toMatchObject({ display_name: 'Cosme Delaunay', username: 'cdelaunay' })
    expect((await staff.post(`${page}/remove`)).status).toBe(303)
    expect(await row(rows[0].id)).toBeUndefined()
  })
  test('what is wrong is said beside its field', async () => {
    const answer = await staff.post('/admin/members/new', { kind: 'legal', email: 'x@example.org' })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('Give the name of the organisation.')
  })
  test('a member with subscriptions is kept, and the page says why', async () => {
    const id = await write(tx => addMember(tx, person))
    await addSubscription(site.coin, { member: id })
    expect(await staff.page(`/admin/members/${id}/remove`)).toContain('has 1 subscription and cannot be removed')
    expect((await staff.post(`/admin/members/${id}/remove`)).status).toBe(409)
    expect(await staff.page(`/admin/members/${id}`)).toContain('/admin/subscriptions/')
  })
  test('accepting and inviting', async () => {
    const id = await write(tx => addMember(tx, { ...person, email: 'new@example.org', status: 'pending' }))
    expect(await staff.page(`/admin/members/${id}`)).toContain(`/members/${id}/accept`)
    expect((await staff.post(`/members/${id}/accept`)).headers.get('Location')).toBe(`/admin/members/${id}`)
    expect(await row(id)).toMatchObject({ status: 'member' })
    expect((await staff.post(`/members/${id}/invite`)).headers.get('Location')).toBe(`/admin/members/${id}`)
    expect((await row(id))?.user_id).not.toBeNull()
    expect((await site.coin.pool.query(`SELECT count(*)::int AS n FROM coin.mail WHERE recipient = 'new@example.org'`)).rows[0].n).toBe(1)
    expect((await staff.post('/members/999999/accept')).status).toBe(404)
  })
  test('the list takes the same number of statements whatever its length, in French as well', async () => {
    const before = statementsOf(await staff.get('/admin/members'))
    await site.coin.pool.query(
      `INSERT INTO member (last_name, email, username) SELECT 'Many ' || n, n || '@example.org', '' FROM generate_series(1, 60) AS n`,
    )
    expect(statementsOf(await staff.get('/admin/members'))).toBe(before)
    const french = await (await staff.get('/admin/members', { 'Accept-Language': 'fr' })).text()
    for (const words of ['Membres', 'Abonnements', 'Membre depuis']) expect(french).toContain(words)
  })
})
