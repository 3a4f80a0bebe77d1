import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addMember } from '../testing/factories.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../testing/web.ts'

let site: TestWeb
let owner: TestClient
let other: TestClient
let staff: TestClient
let ownerId: number
let otherId: number
beforeAll(async () => {
  site = await testWeb()
  ownerId = await addMember(site.coin, { firstName: 'Amina', lastName: 'Berthier' })
  otherId = await addMember(site.coin, { firstName: 'Bruno', lastName: 'Caron' })
  owner = await site.member(ownerId)
  other = await site.member(otherId)
  staff = await site.signIn('staff')
})
afterAll(() => site.close())

const status = async (client: TestClient, path: string) => (await client.get(path)).status
const ask = async (text: string, values: unknown[] = []) => (await site.coin.pool.query(text, values)).rows
const feeOf = async (member: number) =>
  (
    await ask(
      'SELECT f.id::int, f.invoice_id::int AS invoice, f.amount, i.settled_on IS NOT NULL AS paid FROM membership_fee f JOIN invoice i ON i.id = f.invoice_id WHERE f.member_id = $1 AND f.withdrawn_on IS NULL ORDER BY lower(f.during) DESC',
      [member],
    )
  )[0]
const inFrench = async (client: TestClient, path: string) => (await client.get(path, { 'Accept-Language': 'fr' })).text()

test('each page is for whom it is for', async () => {
  for (const path of [
    '/admin/fees',
    '/admin/fees/new',
    '/admin/fees/calls',
    '/admin/roll',
    '/admin/roll.csv',
    '/admin/donations',
    '/membership',
  ]) {
    const answer = await site.client().get(path)
    expect([answer.status, answer.headers.get('Location')?.startsWith('/sign-in')]).toEqual([302, true])
    expect(await status(owner, path)).toBe(path === '/membership' ? 200 : 403)
    expect(await status(staff, path)).toBe(path === '/membership' ? 403 : 200)
  }
  for (const path of ['/admin/fees/calls/bills', '/admin/fees/calls/mails']) {
    expect((await owner.post(path, { until: '2030-01-01' })).status).toBe(403)
    expect((await site.client().post(path, { until: '2030-01-01' })).status).toBe(401)
  }
})

describe('a member', () => {
  test('chooses the amount, goes on to pay, and changes the amount before', async () => {
    expect(await owner.page('/')).toContain('No membership fee has been paid yet.')
    const page = await owner.page('/membership')
    for (const words of ['Pay the fee', 'from €1.00 up; we advise €15.00 for 12 months', 'No fee yet']) expect(page).toContain(words)
    const low = await owner.post('/membership', { amount: '0,50' })
    expect(low.status).toBe(422)
    const refused = await low.text()
    for (const words of ['Error:', 'The fee is €1.00 at least.', 'value="0,50"']) expect(refused).toContain(words)
    const chosen = await owner.post('/membership', { amount: '20' })
    const fee = await feeOf(ownerId)
    expect([chosen.status, chosen.headers.get('Location'), fee.amount]).toEqual([303, `/money/${fee.invoice}/pay`, '20.00'])
    const waiting = await owner.page('/membership')
    for (const words of ['€20.00', `/money/${fee.invoice}/pay`, 'Choose another amount']) expect(waiting).toContain(words)
    expect(await owner.page('/')).toContain('€20.00 waits for you.')
    const changed = await owner.post('/membership', { amount: '12' })
    const now = await feeOf(ownerId)
    expect([changed.headers.get('Location'), now.amount, now.id]).toEqual([`/money/${now.invoice}/pay`, '12.00', fee.id])
    // somebody else's membership is not this one
    expect(await other.page('/membership')).not.toContain('12.00')
  })

  test('sees that it is paid, and its receipt, and is asked for nothing more', async () => {
    const { id, invoice } = await feeOf(ownerId)
    await ask('INSERT INTO payment (member_id, amount, invoice_id) VALUES ($1, 12, $2)', [ownerId, invoice])
    const page = await owner.page('/membership')
    for (const words of ['Paid until', 'Receipt', `/membership/${id}/receipt`]) expect(page).toContain(words)
    const receipt = await owner.get(`/membership/${id}/receipt`)
    expect([receipt.headers.get('Content-Type'), (await receipt.text()).slice(0, 5)]).toEqual(['application/pdf', '%PDF-'])
    expect([await status(other, `/membership/${id}/receipt`), await status(owner, `/admin/fees/${id}/receipt`)]).toEqual([404, 403])
    expect(await status(staff, `/admin/fees/${id}/receipt`)).toBe(200)
    expect(page).not.toContain('name="amount"')
    const early = await owner.post('/membership', { amount: '15' })
    expect([early.status, (await early.text()).includes('There is no fee to pay now.')]).toEqual([422, true])
    const french = await inFrench(owner, '/membership')
    for (const words of ['Mon adhésion', 'À jour jusqu’au', 'Reçu', 'Payée']) expect(french).toContain(words)
  })
})

describe('staff', () => {
  const send = (form: Record<string, string>) => staff.post('/admin/fees/new', form)

  test('record a fee with its payment in one step, or call for it and withdraw it', async () => {
    const missing = await send({ memberId: String(otherId), reference: '12' })
    expect([missing.status, (await missing.text()).includes('Say how it was paid.')]).toEqual([422, true])
    expect((await send({ memberId: String(otherId), amount: '10', method: 'cash' })).status).toBe(303)
    const fee = await feeOf(otherId)
    expect([fee.amount, fee.paid]).toEqual(['10.00', true])
    const again = await send({ memberId: String(otherId), from: '2026-01-01', until: '2099-12-31' })
    expect([again.status, (await again.text()).includes('The member has a fee for some of these days already.')]).toEqual([422, true])
    expect((await send({ memberId: String(otherId) })).status).toBe(303)
    const next = await feeOf(otherId)
    expect(next.paid).toBe(false)
    expect(await staff.page(`/admin/fees/${next.id}`)).toContain('Record its payment')
    const changed = await staff.post(`/admin/fees/${next.id}/edit`, { amount: '18' })
    expect([changed.status, (await feeOf(otherId)).amount]).toEqual([303, '18.00'])
    expect(await staff.page(`/admin/fees/${next.id}/remove`)).toContain('is cancelled by a credit note')
    expect((await staff.post(`/admin/fees/${next.id}/remove`)).status).toBe(303)
    expect((await feeOf(otherId)).id).toBe(fee.id)
    expect(await staff.page('/admin/fees?view=withdrawn')).toContain('Bruno Caron')
    const paid = await staff.post(`/admin/fees/${fee.id}/remove`)
    expect([paid.status, (await paid.text()).includes('This fee is paid.')]).toEqual([409, true])
    expect(await staff.page(`/admin/members/${otherId}`)).toContain('Paid up')
  })

  test('bill many at once: shown first, and then exactly those', async () => {
    const [one, two, three] = await Promise.all(
      ['Un', 'Deux', 'Trois'].map(lastName => addMember(site.coin, { firstName: 'Zoé', lastName })),
    )
    expect(await staff.page('/admin')).toContain('3 members of 5 are not paid up.')
    expect(await inFrench(staff, '/admin')).toContain('3 membres sur 5 ne sont pas à jour de cotisation.')
    const page = await staff.page('/admin/fees/calls')
    for (const name of ['Zoé Un', 'Zoé Deux', 'Zoé Trois']) expect(page).toContain(name)
    expect(page).not.toContain('Bruno Caron')
    const until = '2035-01-01'
    const shown = await (await staff.post('/admin/fees/calls/bills', { until, id: [String(one), String(two)] })).text()
    for (const words of ['2 members get a bill, €30.00 in all.', 'Zoé Un', 'Nothing has changed yet.', `value="${two},${one}"`])
      expect(shown).toContain(words)
    expect(shown).not.toContain('Zoé Trois')
    expect(await feeOf(one as number)).toBeUndefined()
    const done = await staff.post('/admin/fees/calls/bills', { until, ids: `${one},${two}`, do: 'apply' })
    expect([done.status, done.headers.get('Location')]).toEqual([303, '/admin/fees?view=unpaid'])
    expect([(await feeOf(one as number)).amount, await feeOf(three as number)]).toEqual(['15.00', undefined])
    expect((await staff.post('/admin/fees/calls/bills', { until: 'soon' })).status).toBe(422)
  })

  test('send calls by hand: who gets what, and who gets none and why', async () => {
    const [{ id: one }, { id: two }] = await ask(`SELECT id::int FROM member WHERE last_name IN ('Un', 'Deux') ORDER BY last_name DESC`)
    await ask('UPDATE member SET fee_reminders = false WHERE id = $1', [two])
    const shown = await (await staff.post('/admin/fees/calls/mails', { until: '2035-01-01', id: [String(one), String(two)] })).text()
    for (const words of ['1 member gets a mail.', 'Wants no reminders', 'The mail to Zoé Un', 'Hello Zoé,']) expect(shown).toContain(words)
    const sent = await staff.post('/admin/fees/calls/mails', { until: '2035-01-01', ids: `${one},${two}`, do: 'apply' })
    expect(sent.status).toBe(303)
    expect(await ask(`SELECT recipient FROM coin.mail WHERE subject LIKE 'Your membership fee%'`)).toHaveLength(1)
    expect(await staff.page(`/admin/members/${one}`)).toContain('Called on')
    const twice = await (await staff.post('/admin/fees/calls/mails', { until: '2035-01-01', id: String(one) })).text()
    for (const words of ['Nobody can be called today.', 'Called on']) expect(twice).toContain(words)
  })

  test('have the voting roll on a page and as a file', async () => {
    const page = await staff.page('/admin/roll?quorum=50&sheet=true')
    for (const words of ['Amina Berthier', 'Bruno Caron', '40% of the members', 'Quorum', 'Signature']) expect(page).toContain(words)
    expect(await staff.page('/admin/roll?only=true')).not.toContain('Zoé')
    expect(await inFrench(staff, '/admin/roll')).toContain('Liste des votants')
    const wrong = await staff.get('/admin/roll?date=2026-02-30')
    expect([wrong.status, (await wrong.text()).includes('February has 28 days')]).toEqual([422, true])
    const file = await staff.get('/admin/roll.csv?only=true')
    expect(file.headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
    expect((await file.text()).split('\r\n')).toHaveLength(4)
  })

  test('record donations, which their givers see', async () => {
    const added = await staff.post('/admin/donations/new', { memberId: String(ownerId), amount: '33', method: 'cheque', anonymous: 'true' })
    expect(added.status).toBe(303)
    expect(await staff.page('/admin/donations')).toContain('€33.00')
    const [{ id }] = await ask('SELECT id::int FROM donation')
    expect(await staff.page(`/admin/donations/${id}`)).toContain('D-')
    const page = await owner.page('/membership')
    for (const words of ['My donations', '€33.00']) expect(page).toContain(words)
    expect(await other.page('/membership')).not.toContain('My donations')
    expect(await status(owner, `/admin/donations/${id}`)).toBe(403)
  })

  test('lists cost the same with more rows', async () => {
    const paths = ['/admin/fees', '/admin/fees/calls', '/admin/roll', '/admin/donations', '/admin']
    const count = () => Promise.all(paths.map(async path => statementsOf(await staff.get(path))))
    const before = await count()
    for (let i = 0; i < 3; i++) await send({ memberId: String(await addMember(site.coin)), method: 'cash' })
    await addMember(site.coin)
    expect(await count()).toEqual(before)
  })
})
