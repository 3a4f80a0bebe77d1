import { addMember, siteOf, type TestCoin, testCoin, type Visitor } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import withMenu from '../fixtures/apps/with-menu.tsx'
import { withExportedUrls, withViews } from '../fixtures/apps/with-views.tsx'

let coin: TestCoin
let visitors: { nobody: Visitor; member: Visitor; staff: Visitor }

beforeAll(async () => {
  coin = await testCoin({ basePath: '/coin', apps: [withViews(), withExportedUrls(), withMenu()] })
  const site = siteOf(coin)
  visitors = { nobody: site.nobody(), member: await site.member(await addMember(coin)), staff: await site.staff() }
})
afterAll(() => coin.close())

const statuses = async (path: string) => {
  const answers = await Promise.all(Object.values(visitors).map(visitor => visitor.get(path)))
  return answers.map(({ status }) => (status === 302 || status === 303 ? 'signs in' : status))
}

describe('access', () => {
  test.each([
    ['/coin/with_views', [200, 200, 200]],
    ['/coin/with_views/signed-in', ['signs in', 200, 200]],
    ['/coin/with_views/members', ['signs in', 200, 403]],
    ['/coin/with_views/staff', ['signs in', 403, 200]],
    ['/coin/with_views/permitted', ['signs in', 403, 200]],
    ['/coin/with_views/nothing', [404, 404, 404]],
  ])('%s answers nobody, a member and staff %o', async (path, expected) => {
    expect(await statuses(path)).toEqual(expected)
  })

  test('a view for POST alone does not answer GET', async () => {
    expect((await visitors.member.get('/coin/with_views/save')).status).toBe(404)
    expect(await (await visitors.member.post('/coin/with_views/save')).text()).toBe('saved')
  })

  test('its permission is known to the deployment', () => {
    expect(coin.registry.permissions.get('report.read')).toBe('Read the report')
  })
})

describe('addresses', () => {
  test('url() gives them with the base path; what the path does not name is the query', async () => {
    const answer = await visitors.nobody.get('/coin/with_views/links')
    expect(await answer.json()).toEqual(['/coin/with_views/report/2026', '/coin/with_views?page=2'])
    expect(await visitors.nobody.page('/coin/with_views/report/2026')).toContain('2026')
  })

  test('a name or a parameter that does not exist throws', () => {
    expect(() => coin.registry.reverse('with_views:none')).toThrow(/no such view/)
    expect(() => coin.registry.reverse('with_views:year')).toThrow(/parameter 'year' is missing/)
  })

  test('exportedUrls mounts groups of views under prefixes of the app’s choice', async () => {
    expect(await visitors.nobody.page('/coin/coolapp/second')).toContain('/second for public')
    expect(await visitors.nobody.page('/coin/cool-too/third')).toContain('/third for public')
    expect((await visitors.nobody.get('/coin/with_exported_urls/second')).status).toBe(404)
    expect(coin.registry.reverse('with_exported_urls:third')).toBe('/cool-too/third')
  })

  test('two views that could match one address were refused at boot, so none hides another', () => {
    const paths = coin.registry.routes.map(route => route.path)
    expect(new Set(paths).size).toBe(paths.length)
  })
})

describe('menu', () => {
  const links = (page: string) =>
    [...page.matchAll(/<a href="([^"]+)"[^>]*>(?:<svg.*?<\/svg>)?(?:<span>)?([^<]+)/g)].map(([, href, label]) => [label?.trim(), href])

  test('a member sees the lines for members, in their order', async () => {
    const found = links(await visitors.member.page('/coin/with_menu'))
    const own = found.filter(([label]) => /fixtures|Ahead|Cool/.test(label ?? ''))
    expect(own).toEqual([
      ['Ahead of the others', '/coin/with_menu/all'],
      ['My fixtures', '/coin/with_menu'],
      ['Cool', '/coin/coolapp/second'],
    ])
  })

  test('staff see those for staff', async () => {
    const page = await visitors.staff.page('/coin/admin')
    expect(links(page)).toContainEqual(['Our fixtures', '/coin/with_menu/ours'])
    expect(page).not.toContain('My fixtures')
  })

  test('an app that is not installed has no line', async () => {
    const without = await testCoin({ apps: [] })
    const member = await siteOf(without).member(await addMember(without))
    const page = await member.page('/')
    expect(page).not.toContain('fixtures')
    expect((await member.get('/with_menu')).status).toBe(404)
    await without.close()
  })
})
