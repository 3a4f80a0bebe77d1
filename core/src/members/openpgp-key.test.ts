import { readKey } from 'openpgp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyPair, type TestKeys } from '../system/mail.fixture.ts'
import { type TestClient, type TestWeb, testWeb } from '../testing/web.ts'
import { addMember, changeMember } from './rules.ts'

let site: TestWeb
let staff: TestClient
let keys: TestKeys
let expired: string
beforeAll(async () => {
  site = await testWeb()
  staff = await site.signIn('staff')
  keys = await keyPair()
  expired = (await keyPair({ date: new Date('2020-01-01'), keyExpirationTime: 86_400 })).publicKey
})
afterAll(() => site?.close())

const person = { firstName: 'Amina', lastName: 'Berthier', email: 'amina@example.org' }
const add = (openpgpKey = '') => site.coin.write(tx => addMember(tx, { ...person, openpgpKey }))
const keyOf = async (id: number): Promise<string> =>
  (await site.coin.pool.query('SELECT openpgp_key FROM member WHERE id = $1', [id])).rows[0].openpgp_key
const form = { kind: 'natural', ...person, country: 'FR', feeReminders: 'true' }
const isPrivate = 'This is a private key: who has it reads your mail. It was not kept; show it to nobody.'

describe('a private key', () => {
  test('is refused by the form, which does not send it back, and leaves no trace', async () => {
    const id = await add()
    for (const path of ['/admin/members/new', `/admin/members/${id}/edit`]) {
      const answer = await staff.post(path, { ...form, city: 'Kept City', openpgpKey: keys.privateKey })
      expect(answer.status).toBe(422)
      const page = await answer.text()
      for (const words of [isPrivate, 'Kept City']) expect(page).toContain(words)
      expect(page).not.toContain('BEGIN PGP PRIVATE')
      expect(page).not.toContain(keys.privateKey.split('\n')[4])
    }
    const own = await site.member(id)
    const answer = await own.post('/me/change', { ...form, openpgpKey: keys.privateKey.replaceAll('PRIVATE', 'PUBLIC') })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(isPrivate)
    expect(await keyOf(id)).toBe('')
    const { rows } = await site.coin.pool.query(`SELECT FROM coin.history WHERE changes::text LIKE '%PRIVATE%'`)
    expect(rows).toEqual([])
  })
  test('is refused by the rules, and by the database whoever writes', async () => {
    await expect(add(keys.privateKey)).rejects.toMatchObject({
      fields: [{ field: 'openpgpKey', message: expect.stringContaining('private key') }],
    })
    const id = await add()
    await expect(site.coin.write(tx => changeMember(tx, id, { openpgpKey: keys.privateKey }))).rejects.toMatchObject({ code: 'invalid' })
    await expect(site.coin.pool.query('UPDATE member SET openpgp_key = $2 WHERE id = $1', [id, keys.privateKey])).rejects.toThrow(
      'member_openpgp_key_public',
    )
  })
})

test('a key that mails cannot be encrypted to is refused, in words', async () => {
  const id = await add()
  const several = [keys.publicKey, (await keyPair()).publicKey].join('\n')
  const wrong = { [expired]: 'This key has expired.', [several]: 'There are several keys.', mQINBF: 'Give a whole OpenPGP public key' }
  for (const [openpgpKey, words] of Object.entries(wrong)) {
    const answer = await staff.post(`/admin/members/${id}/edit`, { ...form, openpgpKey })
    expect([words, answer.status]).toEqual([words, 422])
    expect(await answer.text()).toContain(words)
    await expect(site.coin.write(tx => changeMember(tx, id, { openpgpKey }))).rejects.toMatchObject({
      message: expect.stringContaining(words),
    })
  }
  expect(await keyOf(id)).toBe('')
})

test('a key is kept, and its page shows what one compares', async () => {
  const id = await add()
  expect((await staff.post(`/admin/members/${id}/edit`, { ...form, openpgpKey: keys.publicKey })).status).toBe(303)
  expect(await keyOf(id)).toContain('BEGIN PGP PUBLIC KEY BLOCK')
  const fingerprint = (await readKey({ armoredKey: keys.publicKey })).getFingerprint().toUpperCase()
  const page = await staff.page(`/admin/members/${id}`)
  for (const words of [
    fingerprint.slice(0, 4),
    fingerprint.slice(-4),
    'Amina Berthier &lt;amina@example.org&gt;',
    'Invoices are sent encrypted',
    'Never',
  ])
    expect(page).toContain(words)
  const own = await site.member(id)
  expect(await own.page('/me')).toContain(fingerprint.slice(-4))
  expect(await (await own.get('/me', { 'Accept-Language': 'fr' })).text()).toContain('Empreinte')
})

test('a key that has expired since is shown as such, and keeps nothing else from being changed', async () => {
  const id = await add()
  await site.coin.pool.query('UPDATE member SET openpgp_key = $2 WHERE id = $1', [id, expired.trim()])
  expect(await staff.page(`/admin/members/${id}`)).toContain('Mails to this OpenPGP key fail. This key has expired.')
  const sent = { ...form, city: 'Thiers', openpgpKey: expired.replaceAll('\n', '\r\n') }
  expect((await staff.post(`/admin/members/${id}/edit`, sent)).status).toBe(303)
  expect((await (await site.member(id)).post('/me/change', { ...sent, city: 'Ambert' })).status).toBe(303)
  const { rows } = await site.coin.pool.query('SELECT city, openpgp_key FROM member WHERE id = $1', [id])
  expect(rows).toEqual([{ city: 'Ambert', openpgp_key: expired.trim() }])
})
