import { afterAll, beforeAll, expect, test } from 'vitest'
import { nobody } from '../app/access.ts'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { addMember } from '../testing/factories.ts'
import { adminSite, boxApp, boxSql, member, staff } from './fixture.tsx'

let coin: TestCoin
let site: ReturnType<typeof adminSite>
beforeAll(async () => {
  coin = await testCoin({ apps: [boxApp()] })
  await coin.pool.query(boxSql)
  site = adminSite(coin)
})
afterAll(() => coin.close())

const idOf = (response: Response) => Number(/\d+$/.exec(response.headers.get('location') ?? '')?.[0])
const versionIn = (html: string) => /name="version" value="(\d+)"/.exec(html)?.[1] ?? ''

test('an empty list says what will be here', async () => {
  const page = await (await site.get(staff, '/admin/boxes')).text()
  expect(page).toContain('What we keep things in.')
  expect(page).toContain('href="/admin/boxes/new"')
})

test('adding, looking, changing, history, removing', async () => {
  const owner = await addMember(coin, { firstName: 'Amina', lastName: 'Berthier' })
  const form = await (await site.get(staff, '/admin/boxes/new?name=Filled')).text()
  expect(form).toContain('value="Filled"')
  const added = await site.post(staff, '/admin/boxes/new', {
    name: 'Crate',
    color: 'blue',
    weight: '1,5',
    price: '12,50',
    pieces: '3',
    madeOn: '30/11/2026',
    fragile: 'true',
    prefix: '192.0.2.0/24',
    code: 'hush-hush',
    note: 'a\r\nb',
    memberId: `Amina Berthier #${owner}`,
  })
  expect(added.status).toBe(303)
  const id = idOf(added)
  const { rows } = await coin.pool.query(
    `SELECT name, color, weight::text, price::text, pieces, made_on::text, fragile, prefix::text, note, member_id FROM box WHERE id = ${id}`,
  )
  expect(rows[0]).toEqual({
    name: 'Crate',
    color: 'blue',
    weight: '1.500',
    price: '12.50',
    pieces: 3,
    made_on: '2026-11-30',
    fragile: true,
    prefix: '192.0.2.0/24',
    note: 'a\nb',
    member_id: String(owner) === '' ? '' : rows[0].member_id,
  })

  const page = await (await site.get(staff, `/admin/boxes/${id}`)).text()
  expect(page).toContain('Amina Berthier')
  expect(page).toContain('Blue')
  expect(page).not.toContain('hush-hush')
  const edit = await (await site.get(staff, `/admin/boxes/${id}/edit`)).text()
  expect(edit).not.toContain('hush-hush')
  const version = versionIn(edit)
  const saved = await site.post(staff, `/admin/boxes/${id}/edit`, {
    name: 'Crate 2',
    color: 'blue',
    pieces: '3',
    fragile: 'true',
    code: '',
    version,
  })
  expect(saved.status).toBe(303)
  expect((await coin.pool.query(`SELECT name, code FROM box WHERE id = ${id}`)).rows[0]).toEqual({ name: 'Crate 2', code: 'hush-hush' })

  const history = await (await site.get(staff, `/admin/boxes/${id}/history`)).text()
  expect(history).toContain('Solène changed it.')
  expect(history).toContain('<del>Crate</del>')
  expect(history).toContain('Amina Berthier')
  expect(history).not.toContain('hush-hush')

  const asked = await (await site.get(staff, `/admin/boxes/${id}/remove`)).text()
  expect(asked).toContain('Crate 2 is thrown away.')
  expect((await site.post(staff, `/admin/boxes/${id}/remove`, { version: versionIn(asked) })).status).toBe(303)
  expect((await site.get(staff, `/admin/boxes/${id}`)).status).toBe(404)
})

test('everything wrong is said at once, and what was typed is kept', async () => {
  const response = await site.post(staff, '/admin/boxes/new', {
    name: ' ',
    color: 'green',
    weight: 'x',
    price: '1.234',
    pieces: '99999999999',
    madeOn: '31/11/2026',
    prefix: '192.0.2.1/24',
    code: 'abc',
    memberId: 'Nobody',
  })
  expect(response.status).toBe(422)
  const page = await response.text()
  expect(page).toContain('<title>Error: ')
  for (const words of [
    'Name is missing.',
    'Choose one of Red, Blue.',
    'November has 30 days.',
    '192.0.2.1/24 has host bits set; the network is 192.0.2.0/24.',
    'Give at least 4 characters.',
    'There is no member “Nobody”.',
  ])
    expect(page).toContain(words)
  expect(page).toContain('value="31/11/2026"')
  expect(page).toContain('href="#madeOn"')
  expect(page).not.toContain('value="abc"')
})

test('what the database refuses is said at its field', async () => {
  await site.post(staff, '/admin/boxes/new', { name: 'Twice' })
  const response = await site.post(staff, '/admin/boxes/new', { name: 'Twice' })
  expect(response.status).toBe(422)
  const page = await response.text()
  expect(page).toContain('Another box has this name.')
  expect(page).toContain('href="#name"')
  expect(await (await site.post(staff, '/admin/boxes/new', { name: 'None', pieces: '0' })).text()).toContain('Give at least one piece.')
})

test('a stale version shows what changed meanwhile, keeps what was typed, and can be saved again', async () => {
  const id = idOf(await site.post(staff, '/admin/boxes/new', { name: 'Shared' }))
  const version = versionIn(await (await site.get(staff, `/admin/boxes/${id}/edit`)).text())
  await site.post({ ...staff, label: 'Théo' }, `/admin/boxes/${id}/edit`, { name: 'Shared', pieces: '7', color: 'red', version })
  // a version that cannot be read does not stand for any
  expect((await site.post(staff, `/admin/boxes/${id}/edit`, { name: 'Mine', pieces: '1', color: 'red', version: '1e3' })).status).toBe(422)
  const stale = await site.post(staff, `/admin/boxes/${id}/edit`, { name: 'Mine', pieces: '1', color: 'red', version })
  expect(stale.status).toBe(409)
  const page = await stale.text()
  expect(page).toContain('Théo changed this while you were typing:')
  expect(page).toContain('<ins>7</ins>')
  expect(page).toContain('value="Mine"')
  const again = await site.post(staff, `/admin/boxes/${id}/edit`, { name: 'Mine', pieces: '1', color: 'red', version: versionIn(page) })
  expect(again.status).toBe(303)
  expect((await site.post(staff, `/admin/boxes/${id}/remove`, { version })).status).toBe(409)
})

test('each page as nobody, as a member and as staff', async () => {
  const id = idOf(await site.post(staff, '/admin/boxes/new', { name: 'Guarded' }))
  for (const path of [
    '/admin/boxes',
    '/admin/boxes/choices?q=a',
    '/admin/boxes/new',
    `/admin/boxes/${id}`,
    `/admin/boxes/${id}/edit`,
    `/admin/boxes/${id}/history`,
    `/admin/boxes/${id}/remove`,
  ]) {
    const asNobody = await site.get(nobody, path)
    expect([path, asNobody.status, asNobody.headers.get('location')]).toEqual([path, 302, `/sign-in?next=${encodeURIComponent(path)}`])
    expect([path, (await site.get(member, path)).status]).toEqual([path, 403])
    expect([path, (await site.get(staff, path)).status]).toEqual([path, 200])
  }
  for (const path of ['/admin/boxes/new', `/admin/boxes/${id}/edit`, `/admin/boxes/${id}/remove`]) {
    expect([path, (await site.post(nobody, path, { name: 'Robbed' })).status]).toEqual([path, 401])
    expect([path, (await site.post(member, path, { name: 'Robbed' })).status]).toEqual([path, 403])
  }
  expect((await coin.pool.query(`SELECT name FROM box WHERE id = ${id}`)).rows).toEqual([{ name: 'Guarded' }])
})

test('hostile input gets an answer, never a failure', async () => {
  const nasty = [
    "' OR 1=1 --",
    '<script>alert(1)</script>',
    '{{constructor}}',
    '\u202e',
    '%00',
    'é'.repeat(3000),
    '\u{1f4a9}',
    '-0',
    '9'.repeat(40),
    '../../etc/passwd',
    '$t(Members)',
  ]
  for (const text of nasty) {
    for (const path of [
      `/admin/boxes?q=${encodeURIComponent(text)}`,
      `/admin/boxes?sort=${encodeURIComponent(text)}&page=${encodeURIComponent(text)}&size=${encodeURIComponent(text)}&color=${encodeURIComponent(text)}&view=${encodeURIComponent(text)}`,
      `/admin/boxes/choices?field=${encodeURIComponent(text)}&q=${encodeURIComponent(text)}`,
    ]) {
      const response = await site.get(staff, path)
      expect([path, response.status]).toEqual([path, 200])
      expect(await response.text()).not.toContain('<script>alert')
    }
    const answer = await site.post(staff, '/admin/boxes/new', {
      name: text,
      color: text,
      weight: text,
      price: text,
      pieces: text,
      madeOn: text,
      fragile: text,
      prefix: text,
      memberId: text,
    })
    expect(answer.status).toBe(422)
    expect(await answer.text()).not.toContain('<script>alert')
  }
  for (const path of ['/admin/boxes?page=99999999', '/admin/boxes?page=-1&size=7']) expect((await site.get(staff, path)).status).toBe(200)
  expect((await site.get(staff, '/admin/boxes/99999999999999999999')).status).toBe(404)
  expect((await site.post(staff, '/admin/boxes/new', { name: 'a\u0000b' })).status).toBe(422)
})

test('a reference with many choices is typed, and offers what matches', async () => {
  await coin.pool.query(
    `INSERT INTO member (first_name, last_name, email, username) SELECT 'Many', 'Number ' || n, 'many' || n || '@example.org', 'many' || n FROM generate_series(1, 250) n`,
  )
  const form = await (await site.get(staff, '/admin/boxes/new')).text()
  expect(form).toContain('hx-get="/admin/members/choices?field=memberId"')
  const choices = await (await site.get(staff, '/admin/members/choices?field=memberId&memberId=many77')).text()
  expect(choices).toMatch(/value="Many Number 77 #\d+"/)
  expect((await site.post(staff, '/admin/boxes/new', { name: 'Typed', memberId: 'many77' })).status).toBe(303)
})

test('a row names what refers to it, also on a page of the core, and offers a new one', async () => {
  const { rows } = await coin.pool.query<{ id: string }>(
    `INSERT INTO member (last_name, email, username) VALUES ('Owner', 'owner@example.org', 'owner') RETURNING id`,
  )
  const owner = rows[0]?.id
  await coin.pool.query(`INSERT INTO box (name, member_id) SELECT 'Owned ' || n, $1 FROM generate_series(1, 7) n`, [owner])
  const page = await (await site.get(staff, `/admin/members/${owner}`)).text()
  expect(page).toContain('Owned 7')
  expect(page).not.toContain('Owned 2')
  expect(page).toContain('the newest 5')
  expect(page).toContain(`href="/admin/boxes/new?memberId=${owner}"`)
  // not to somebody who may see members only
  const reader = { ...staff, permissions: new Set(['member.view']) }
  expect(await (await site.get(reader, `/admin/members/${owner}`)).text()).not.toContain('Owned')
})
