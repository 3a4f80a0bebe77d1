import { afterAll, beforeAll, expect, test } from 'vitest'
import { staffWith } from '../testing/staff-with.ts'
import { statementsOf, type TestClient, type TestWeb, testWeb } from '../testing/web.ts'

const rows = 130
let site: TestWeb
let staff: TestClient
beforeAll(async () => {
  site = await testWeb()
  staff = await site.signIn('staff', 'first@example.org')
  await site.coin.pool.query(
    `INSERT INTO member (last_name, email, username, city, joined_on, status, resigned_on)
     SELECT 'Name ' || lpad(n::text, 3, '0'), 'm' || n || '@example.org', '', CASE n % 2 WHEN 0 THEN 'Crest' ELSE 'Die' END, date '2020-01-01' + n % 9,
       'member', CASE WHEN n % 10 = 0 THEN date '2024-01-01' END FROM generate_series(1, ${rows}) n`,
  )
})
afterAll(() => site.close())

const linkIn = (html: string, label: string) =>
  new RegExp(`<a[^>]*href="([^"]*)"[^>]*>${label}</a>`).exec(html)?.[1]?.replaceAll('&amp;', '&')
const namesIn = (html: string) => [...html.matchAll(/<th scope="row"[^>]*><a[^>]*>Name (\d+)<\/a>/g)].map(([, name]) => name)
const versionIn = (html: string) => /name="version" value="(\d+)"/.exec(html)?.[1] ?? ''

test.each(['displayName', '-displayName', 'joinedOn', '-joinedOn', 'resignedOn'])(
  'following Next, then Previous, shows each row once in each direction: %s',
  async sort => {
    const walk = async (start: string, label: string) => {
      const seen: (string | undefined)[][] = []
      for (let at: string | undefined = start; at !== undefined; ) {
        const page = await staff.page(`/admin/members${at}`)
        seen.push(namesIn(page))
        at = linkIn(page, label)
      }
      return seen
    }
    const forward = await walk(`?sort=${sort}&size=25`, 'Next')
    expect(new Set(forward.flat()).size).toBe(rows)
    expect(forward.map(page => page.length)).toEqual([25, 25, 25, 25, 25, 5])
    const last = linkIn(await staff.page(`/admin/members?sort=${sort}&size=25`), 'Last') ?? ''
    const backward = await walk(last, 'Previous')
    expect(backward.reverse()).toEqual(forward)
  },
)

test('a page begins behind its row even when rows before it have gone, and takes no more statements far in', async () => {
  const first = await staff.page('/admin/members?size=25')
  const next = linkIn(first, 'Next') ?? ''
  const before = namesIn(await staff.page(`/admin/members${next}`))
  await site.coin.pool.query(`DELETE FROM member WHERE display_name IN ('Name 001', 'Name 025')`)
  expect(namesIn(await staff.page(`/admin/members${next}`))).toEqual(before)
  await site.coin.pool.query(
    `INSERT INTO member (last_name, email, username) VALUES ('Name 001', 'a@example.org', ''), ('Name 025', 'b@example.org', '')`,
  )
  const pages = await Promise.all(
    ['', next, '?page=3', '?sort=-joinedOn'].map(async page => statementsOf(await staff.get(`/admin/members${page}`))),
  )
  expect(new Set(pages).size).toBe(1)
  expect(pages[0]).toBeLessThanOrEqual(5)
})

test.each(['after=1', 'after=1~nonsense', 'after=~', 'before=9~2024-13-45', 'before=999999999999999~2020-01-01', 'after=x'])(
  'an address bar with %s gets the page that it asks for, or another',
  async key => {
    for (const sort of ['joinedOn', 'displayName', '-resignedOn', 'id'])
      expect((await staff.get(`/admin/members?sort=${sort}&page=2&size=25&${key}`)).status).toBe(200)
  },
)

test('filters: a range of days, part of a text, yes or no, another object; what is not understood is left out', async () => {
  const total = async (query: string) => Number(/ of (\d+)</.exec(await staff.page(`/admin/members?${query}`))?.[1] ?? 0)
  const counted = async (where: string) =>
    (await site.coin.pool.query<{ count: number }>(`SELECT count(*)::int FROM member WHERE ${where}`)).rows[0]?.count
  expect(await total('joined_from=2020-01-04&size=25')).toBe(await counted(`joined_on >= '2020-01-04'`))
  expect(await total('joined_from=04/01/2020&joined_to=2020-01-05&size=25')).toBe(
    await counted(`joined_on BETWEEN '2020-01-04' AND '2020-01-05'`),
  )
  expect(await total('joined_from=soon&city=cres&size=25')).toBe(await counted(`city = 'Crest'`))
  const page = await staff.page('/admin/members?city=die&joined_to=2020-01-05&account=no')
  for (const chip of ['City: die', 'Member since: up to 5 Jan 2020', 'Can sign in: No']) expect(page).toContain(chip)
  const { rows: found } = await site.coin.pool.query<{ id: number }>(`SELECT id FROM member WHERE display_name = 'Name 003'`)
  await site.coin.pool.query(
    `INSERT INTO payment (member_id, amount, method, received_on) SELECT id, 12.5, 'transfer', '2024-01-01' FROM member WHERE display_name IN ('Name 003', 'Name 004')`,
  )
  const payments = await staff.page(`/admin/payments?member=Somebody+%23${found[0]?.id}&amount_to=20`)
  for (const shown of ['Member: Name 003', `value="Name 003 #${found[0]?.id}"`, 'Amount: up to €20.00']) expect(payments).toContain(shown)
  expect(payments.match(/<th scope="row"/g)).toHaveLength(1)
})

test('who owes something: what is asked less what is paid', async () => {
  const page = await staff.page('/admin/members?q=Name+003')
  expect(page).toContain('€12.50')
  expect(page).toContain('in credit')
  expect(namesIn(await staff.page('/admin/members?owes=yes'))).toEqual([])
  expect(namesIn(await staff.page('/admin/members?owes=no&size=25'))).toHaveLength(25)
})

test('columns are chosen for once or for good, and given back', async () => {
  const headers = (html: string) => [...html.matchAll(/<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)/g)].map(([, label]) => label)
  const usual = headers(await staff.page('/admin/members'))
  expect(usual).not.toContain('City')
  expect(headers(await staff.page('/admin/members?columns=city&columns=status'))).toEqual(['Name', 'Status', 'City'])
  const answer = await staff.post('/admin/members/columns', { query: 'columns=city&q=Name', columns: ['city', 'nonsense'], do: 'remember' })
  expect(answer.headers.get('location')).toBe('/admin/members?q=Name')
  expect(headers(await staff.page('/admin/members'))).toEqual(['Name', 'City'])
  const other = await site.signIn('staff')
  expect(headers(await other.page('/admin/members'))).toEqual(usual)
  await staff.post('/admin/members/columns', { do: 'usual' })
  expect(headers(await staff.page('/admin/members'))).toEqual(usual)
})

test('a view is saved, opened, changed, shared, opened with the list, and removed', async () => {
  const path = '/admin/members'
  const saved = await staff.post(`${path}/views`, {
    query: 'city=Crest&sort=-joinedOn&page=2&after=3',
    name: ' Crest ',
    opens: 'true',
    do: 'add',
  })
  const address = saved.headers.get('location') ?? ''
  expect(address).toMatch(/^\/admin\/members\?city=Crest&sort=-joinedOn&saved=\d+$/)
  const shown = await staff.page(address)
  expect(shown).toMatch(/aria-current="page"[^>]*>Crest</)
  expect((await staff.get(path)).headers.get('location')).toBe(address)
  expect((await staff.get(`${path}?view=`)).status).toBe(200)

  const id = /saved=(\d+)/.exec(address)?.[1] ?? ''
  const other = await site.signIn('staff')
  expect(await other.page(path)).not.toContain('>Crest<')
  const twice = await staff.post(`${path}/views`, { query: '', name: 'CREST', do: 'add' })
  expect(await staff.page(twice.headers.get('location') ?? '')).toContain('You have a view of this name already.')

  const version = versionIn(shown)
  await staff.post(`${path}/views`, { saved: id, version, query: 'city=Die', name: 'Die', shared: 'true', do: 'change' })
  expect((await staff.get(path)).status).toBe(200)
  expect(await other.page(path)).toContain('>Die<')
  const late = await staff.post(`${path}/views`, { saved: id, version, query: '', name: 'Late', do: 'change' })
  expect(await staff.page(late.headers.get('location') ?? '')).toContain('Somebody has changed this view meanwhile.')
  expect((await staff.post(`${path}/views`, { saved: id, version: String(Number(version) + 1), do: 'remove' })).status).toBe(303)
  expect(await other.page(path)).not.toContain('>Die<')
  const { rows: history } = await site.coin.pool.query(
    `SELECT op FROM coin.history WHERE table_name = 'saved_view' AND row_id = ${id} ORDER BY id`,
  )
  expect(history.map(({ op }) => op)).toEqual(['added', 'changed', 'removed'])
})

test('views and columns are for those who see the list', async () => {
  const nobody = site.client()
  const { rows: found } = await site.coin.pool.query<{ id: number }>(`SELECT id FROM member WHERE display_name = 'Name 009'`)
  const member = await site.member(Number(found[0]?.id))
  for (const path of ['/admin/members/views', '/admin/members/columns']) {
    expect((await nobody.post(path, { do: 'add', name: 'x' })).status).not.toBe(303)
    expect((await member.post(path, { do: 'add', name: 'x' })).status).toBe(403)
  }
  const { rows: views } = await site.coin.pool.query(`SELECT FROM saved_view WHERE name = 'x'`)
  expect(views).toEqual([])
})

test('who may not share saves views for themselves only, and changes none of all staff', async () => {
  const path = '/admin/members'
  const plain = await staffWith(site, ['member.view'])
  expect(await plain.page(path)).not.toContain('For all staff')
  const refused = await plain.post(`${path}/views`, { query: 'city=Die', name: 'Everyone', shared: 'true', do: 'add' })
  expect(await plain.page(refused.headers.get('location') ?? '')).toContain('You may not save views for all staff.')
  const shared = await staff.post(`${path}/views`, { query: 'city=Crest', name: 'Ours', shared: 'true', do: 'add' })
  const address = shared.headers.get('location') ?? ''
  const page = await plain.page(address)
  const [id, version] = [/saved=(\d+)/.exec(address)?.[1] ?? '', versionIn(page)]
  for (const deed of ['change', 'remove']) await plain.post(`${path}/views`, { saved: id, version, query: '', name: 'Mine', do: deed })
  const { rows: views } = await site.coin.pool.query(
    `SELECT name, query, shared FROM saved_view WHERE name IN ('Everyone', 'Ours', 'Mine')`,
  )
  expect(views).toEqual([{ name: 'Ours', query: 'city=Crest', shared: true }])
  expect((await plain.post(`${path}/views`, { query: 'city=Die', name: 'Mine', do: 'add' })).status).toBe(303)
  expect(await plain.page(path)).toContain('>Mine<')
})

test('what was searched is counted so far and no further; a count of many rows is kept, a small one is not', async () => {
  const add = (from: number, to: number) =>
    // without triggers: their history would take longer than all else here
    site.coin.pool.query(
      `BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO member (last_name, email, username, joined_on, status)
       SELECT 'Crowd ' || n, 'crowd' || n || '@example.org', 'crowd' || n, date '2021-01-01', 'member' FROM generate_series(${from}, ${to}) n; COMMIT`,
    )
  const totalOf = async (query: string) => / of (more than )?([\d,]+)</.exec(await staff.page(`/admin/members?${query}`))?.slice(1)
  await add(1, 60)
  expect(await totalOf('q=crowd')).toEqual([undefined, '60'])
  await add(61, 70)
  expect(await totalOf('q=crowd')).toEqual([undefined, '70'])
  await add(71, 6000)
  expect(await totalOf('q=crowd')).toEqual([undefined, '6,000'])
  await add(6001, 10_001)
  expect(await totalOf('q=crowd')).toEqual([undefined, '6,000'])
  // another search is another count
  expect(await totalOf('q=crow')).toEqual(['more than ', '10,000'])
  const beyond = await staff.page('/admin/members?q=crow&page=3')
  expect(linkIn(beyond, 'Next')).toContain('after=')
  expect(linkIn(beyond, 'Last')).toBeUndefined()
})
