import { siteOf, type TestCoin, testCoin, testWeb, type Visitor } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { staffWith } from '../../core/src/testing/staff-with.ts'
import radio from '../../docs/extending/radio/index.tsx'
import withResource from '../fixtures/apps/with-resource/index.ts'

let coin: TestCoin
let staff: Visitor
beforeAll(async () => {
  coin = await testCoin({ apps: [withResource()] })
  staff = await siteOf(coin).staff()
})
afterAll(() => coin.close())

const words = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('its list is in the staff menu, in its section and in the reader’s language', async () => {
  expect(await staff.page('/admin')).toContain('href="/admin/towers"')
  const french = await siteOf(coin).staff('fr')
  expect(words(await french.page('/admin/towers'))).toContain('Pylônes')
  expect(words(await staff.page('/admin/towers'))).toContain('Where the antennas are.')
})

test('is added, found, changed with its history, and removed on its pages', async () => {
  const added = await staff.post('/admin/towers/new', { name: 'Hill', heightMetres: '40' })
  expect(added.status).toBe(303)
  const place = added.headers.get('location') ?? ''
  expect(place).toMatch(/^\/admin\/towers\/\d+$/)
  expect(words(await staff.page('/admin/towers?q=hil&tall=yes'))).toContain('Hill')
  expect(words(await staff.page('/admin/towers?q=valley'))).not.toContain('Hill')

  expect((await staff.post(`${place}/edit`, { name: 'Hill', heightMetres: '42', version: '1' })).status).toBe(303)
  const page = words(await staff.page(place))
  expect(page).toContain('42')
  expect(words(await staff.page(`${place}/history`))).toMatch(/40.*42/)
  expect((await staff.post(`${place}/edit`, { name: 'Hill', heightMetres: '43', version: '1' })).status).toBe(409)

  expect((await staff.post(`${place}/remove`, { version: '2' })).status).toBe(303)
  expect((await staff.get(place)).status).toBe(404)
})

test('what its table refuses is shown at the field, in its words', async () => {
  const answer = await staff.post('/admin/towers/new', { name: 'Pit', heightMetres: '-1' })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('A tower is not below the ground.')
})

test('nobody but staff reaches it', async () => {
  const nobody = siteOf(coin).nobody()
  expect((await nobody.get('/admin/towers')).status).not.toBe(200)
  expect((await nobody.post('/admin/towers/new', { name: 'X' })).status).not.toBe(303)
  const { rows } = await coin.pool.query(`SELECT FROM tower WHERE name = 'X'`)
  expect(rows).toEqual([])
  expect([...coin.registry.permissions.keys()].filter(key => key.startsWith('tower.'))).toEqual([
    'tower.view',
    'tower.add',
    'tower.change',
    'tower.remove',
  ])
})

test('rows that are edited in the form of another keep their own rights, and stay where they are', async () => {
  const web = await testWeb({ apps: [radio({ routesFolder: '/nowhere' })] })
  try {
    await web.coin.pool.query(`INSERT INTO radio_mast (id, name) VALUES (101, 'Hill'), (102, 'Valley')`)
    await web.coin.pool.query(`INSERT INTO radio_antenna (id, mast_id, name) VALUES (201, 101, 'North'), (202, 102, 'South')`)
    const names = async () =>
      (await web.coin.pool.query('SELECT name FROM radio_antenna ORDER BY id')).rows.map((row: { name: string }) => row.name)
    const line = (id: string, name: string) => ({
      name: 'Hill',
      'radio-antennas-0-line': '1',
      'radio-antennas-0-id': id,
      'radio-antennas-0-name': name,
      'radio-antennas-0-azimuth': '0',
    })
    const masts = ['mast.view', 'mast.change']
    const viewer = await staffWith(web, [...masts, 'radio_antenna.view'])
    expect(await viewer.page('/admin/masts/101/edit')).not.toContain('radio-antennas-0')
    expect((await viewer.post('/admin/masts/101/edit', line('201', 'Taken'))).status).toBe(303)
    expect((await viewer.post('/admin/masts/101/edit', line('', 'Slipped in'))).status).toBe(303)
    const changer = await staffWith(web, [...masts, 'radio_antenna.view', 'radio_antenna.change'])
    const page = await changer.page('/admin/masts/101/edit')
    expect(page).toContain('value="North"')
    // those of another mast are not reached from here, nor is one added or removed without the right
    expect(page).not.toContain('radio-antennas-1-')
    expect(page).not.toContain('radio-antennas-0-removed')
    await changer.post('/admin/masts/101/edit', line('202', 'Reached'))
    await changer.post('/admin/masts/101/edit', line('', 'Slipped in'))
    expect((await changer.post('/admin/masts/101/edit', { ...line('201', 'x'), 'radio-antennas-0-removed': 'true' })).status).toBe(403)
    expect(await names()).toEqual(['North', 'South'])
    expect((await changer.post('/admin/masts/101/edit', line('201', 'Northern'))).status).toBe(303)
    expect(await names()).toEqual(['Northern', 'South'])
  } finally {
    await web.close()
  }
})
