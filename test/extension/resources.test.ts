import { siteOf, type TestCoin, testCoin, type Visitor } from 'coin/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
