import { addConfiguration, addMember, addPool, addSubnet, siteOf, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import radioApp from './index.tsx'
import { radio } from './tables.ts'

let coin: TestCoin
let member: number
let link: number

beforeAll(async () => {
  coin = await testCoin({ apps: [radioApp({ routesFolder: '/nowhere' })] })
  member = await addMember(coin)
  link = await addConfiguration(coin, radio, { mac: '02:00:5e:10:00:01' }, { member, pools: [await addPool(coin, '192.0.2.0/24')] })
})
afterAll(() => coin.close())

test('the antenna gets the first address of its subnet, and there is only one', async () => {
  const { rows } = await coin.pool.query('SELECT endpoint FROM radio WHERE id = $1', [link])
  expect(rows).toEqual([{ endpoint: '192.0.2.0' }])
  await expect(addSubnet(coin, link, { prefix: '192.0.2.9/32' })).rejects.toThrow('one IPv4 subnet at most')
})

test('its member says where it is, and gets a passphrase', async () => {
  const visitor = await siteOf(coin).member(member)
  const path = `/radio-links/${link}`
  expect(await visitor.page(path)).toContain('02:00:5e:10:00:01')
  expect((await visitor.post(path, { place: 'Hill' })).status).toBe(303)
  expect(await visitor.page(path)).toContain('value="Hill"')
  const answer = await visitor.post(`${path}/passphrase`)
  expect(await answer.text()).toMatch(/<code>[\w-]{16}<\/code>/)
  const { rows } = await coin.pool.query(
    `SELECT changes->'passphrase' AS kept FROM coin.history WHERE table_name = 'radio' AND changes ? 'passphrase' AND op = 'changed'`,
  )
  expect(rows).toEqual([{ kept: [null, null] }])
})

test('a visit that its member asks for is on a day that staff settle', async () => {
  const [visitor, staff] = [await siteOf(coin).member(member), await siteOf(coin).staff()]
  const asked = await visitor.post('/requests/new/radio_visit', { place: 'Hill', message: 'The wind has turned it.' })
  const id = asked.headers.get('location')?.split('/').pop()
  expect((await staff.post(`/admin/requests/${id}/accept`, { day: '2030-05-04' })).status).toBe(303)
  const { rows } = await coin.pool.query('SELECT place, day::text FROM radio_visit WHERE member_id = $1', [member])
  expect(rows).toEqual([{ place: 'Hill', day: '2030-05-04' }])
})

test('the search box finds it by its place', async () => {
  const staff = await siteOf(coin).staff()
  const page = await staff.page('/admin/search?q=mast+hill')
  expect(page).toContain('Understood as the name of a mast.')
  expect(page).toContain(`href="/admin/configurations/${link}"`)
})

test('its pages are in the menu and in French', async () => {
  const visitor = await siteOf(coin).member(member, 'fr')
  const page = await visitor.page('/radio/coverage')
  expect(page).toContain('Couverture')
  expect(page).toContain('1 antenne')
  expect(page).toMatch(/<link rel="stylesheet" href="\/static\/radio\/css\/radio\.[0-9a-f]{8}\.css"/)
})

test('an offer that binds for longer than a year is refused', async () => {
  const insert = coin.write(tx =>
    tx.execute(`INSERT INTO offer (name, reference, configuration_type, commitment_months) VALUES ('R', 'r', 'radio', 24)`),
  )
  await expect(insert).rejects.toThrow('more than a year')
})

test('the antennas of a mast are edited in its form: all of them or none, and nobody overwrites another', async () => {
  const staff = await siteOf(coin).staff()
  expect(await staff.page('/admin/masts/new')).toContain('name="radio-antennas-1-azimuth"')
  const line = (n: number, name: string, azimuth: string) => ({
    [`radio-antennas-${n}-line`]: '1',
    [`radio-antennas-${n}-name`]: name,
    [`radio-antennas-${n}-azimuth`]: azimuth,
  })
  const antennas = async () =>
    (await coin.pool.query('SELECT a.name, azimuth FROM radio_antenna a JOIN radio_mast m ON m.id = mast_id ORDER BY a.id')).rows
  const wrong = await staff.post('/admin/masts/new', { name: 'Hill', ...line(0, 'North', '360'), ...line(1, '', '0') })
  expect(wrong.status).toBe(422)
  expect(await wrong.text()).toContain('href="#radio-antennas-0-azimuth"')
  expect(await antennas()).toEqual([])
  const added = await staff.post('/admin/masts/new', { name: 'Hill', ...line(0, 'North', '0'), ...line(1, 'East', '90') })
  const mast = added.headers.get('location') ?? ''
  expect(await staff.page(mast)).toContain('East')
  expect(await staff.page('/admin/search?q=hill')).toContain(`href="${mast}"`)
  const form = await staff.page(`${mast}/edit`)
  const hidden = Object.fromEntries(
    [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
  const change = { ...hidden, name: 'Hill', ...line(0, 'North', '10'), 'radio-antennas-1-removed': 'true', ...line(1, 'East', '90') }
  await coin.pool.query(`UPDATE radio_antenna SET azimuth = 5 WHERE name = 'North'`)
  const late = await staff.post(`${mast}/edit`, change)
  expect(late.status).toBe(409)
  expect(await late.text()).toContain('<ins>5</ins>')
  expect(await antennas()).toEqual([
    { name: 'North', azimuth: 5 },
    { name: 'East', azimuth: 90 },
  ])
  expect((await staff.post(`${mast}/edit`, { ...change, 'radio-antennas-0-version': '2' })).status).toBe(303)
  expect(await antennas()).toEqual([{ name: 'North', azimuth: 10 }])
})
