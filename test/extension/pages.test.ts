import {
  addConfiguration,
  addMember,
  addOffer,
  addPool,
  addSubscription,
  siteOf,
  type TestCoin,
  testCoin,
  type Visitor,
} from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import withLocales from '../fixtures/apps/with-locales/index.tsx'
import withNames, { plainLine } from '../fixtures/apps/with-names/index.tsx'
import withSettings from '../fixtures/apps/with-settings.tsx'
import withSlots from '../fixtures/apps/with-slots.tsx'
import withStatic from '../fixtures/apps/with-static/index.tsx'

let coin: TestCoin
let memberId: number
let nobody: Visitor
let member: Visitor
let staff: Visitor

beforeAll(async () => {
  coin = await testCoin({
    basePath: '/coin',
    apps: [withStatic(), withSlots(), withSettings({ directory: { url: 'ldap://localhost', base: 'ou=vpn' } }), withLocales(), withNames()],
  })
  const site = siteOf(coin)
  memberId = await addMember(coin)
  nobody = site.nobody()
  member = await site.member(memberId)
  staff = await site.staff()
})
afterAll(() => coin.close())

const stylesheets = (page: string) => [...page.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, href]) => href ?? '')
const scripts = (page: string) => [...page.matchAll(/<script src="([^"]+)"/g)].map(([, src]) => src ?? '')
const own = (files: readonly string[]) => files.filter(file => file.includes('/with_static/'))

describe('style and script', () => {
  test('css and js of an app are on all of its pages, and on nobody else’s', async () => {
    const page = await nobody.page('/coin/with_static')
    expect(own(stylesheets(page))).toEqual([expect.stringMatching(/^\/coin\/static\/with_static\/css\/app\.[0-9a-f]{8}\.css$/)])
    expect(own(scripts(page))).toEqual([expect.stringMatching(/^\/coin\/static\/with_static\/js\/app\.[0-9a-f]{8}\.js$/)])
    const other = await nobody.page('/coin/with_locales')
    expect([...own(stylesheets(other)), ...own(scripts(other))]).toEqual([])
  })

  test('extraCss and extraJs are on one page, after those of the app', async () => {
    const page = await nobody.page('/coin/with_static/extra')
    expect(own(stylesheets(page)).map(name)).toEqual(['app.css', 'local.css'])
    expect(own(scripts(page)).map(name)).toEqual(['app.js', 'extra.js'])
  })

  test('a file is served under its hash for ever, and what it refers to too', async () => {
    const [app = ''] = own(stylesheets(await nobody.page('/coin/with_static')))
    const answer = await nobody.get(app)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('text/css')
    expect(answer.headers.get('cache-control')).toContain('immutable')
    const [, dot = ''] = (await answer.text()).match(/url\((dot\.[0-9a-f]{8}\.svg)\)/) ?? []
    expect((await nobody.get(`/coin/static/with_static/css/${dot}`)).headers.get('content-type')).toContain('image/svg+xml')
    expect((await nobody.get('/coin/static/with_static/css/app.00000000.css')).status).toBe(404)
  })

  test('an inline script is refused with the remedy, for the Content-Security-Policy forbids it', async () => {
    const answer = await nobody.get('/coin/with_static/inline')
    expect(answer.status).toBe(409)
    const text = await answer.text()
    expect(text).toContain('inline script')
    expect(text).toContain('extraJs=')
    expect(text).not.toContain('So extra!')
    expect(answer.headers.get('content-security-policy')).not.toContain('unsafe-inline')
  })

  test('a file that does not exist is an error, not a broken link', async () => {
    expect((await nobody.get('/coin/with_static/missing')).status).toBe(500)
  })

  const name = (address: string) => address.replace(/^.*\//, '').replace(/\.[0-9a-f]{8}\./, '.')
})

describe('slots', () => {
  test('layout.head is on every page', async () => {
    for (const path of ['/coin/sign-in', '/coin/with_static'])
      expect(await nobody.page(path)).toContain('<meta name="fixture" content="here"/>')
  })

  test('the first pages of members and of staff', async () => {
    expect(await member.page('/coin/')).toContain(`Slot for member ${memberId}`)
    expect(await staff.page('/coin/admin')).toContain('Slot for staff')
  })

  test('the pages of members, offers, subscriptions, configurations and pools', async () => {
    const pool = await addPool(coin, '192.0.2.0/24')
    const offer = await addOffer(coin, 'plain_line', [pool])
    const subscription = await addSubscription(coin, { member: memberId, offer })
    const configuration = await addConfiguration(coin, plainLine, { nick: 'n' }, { subscription })
    expect(await staff.page(`/coin/admin/members/${memberId}`)).toContain(`Slot on member ${memberId}`)
    expect(await staff.page(`/coin/admin/offers/${offer}`)).toContain(`Slot on offer ${offer}`)
    expect(await staff.page(`/coin/admin/subscriptions/${subscription}`)).toContain(`Slot on subscription ${subscription}`)
    expect(await staff.page(`/coin/admin/configurations/${configuration}`)).toContain(`Slot on configuration ${configuration}`)
    expect(await staff.page(`/coin/admin/pools/${pool}`)).toContain(`Slot on pool ${pool}`)
  })
})

describe('settings', () => {
  test('reach the app, with what it says where the deployment is silent', async () => {
    expect(await nobody.page('/coin/with_settings')).toContain('ou=vpn for 7 days')
  })
})

describe('locales', () => {
  const said = (page: string) => Object.fromEntries([...page.matchAll(/<p id="(\w+)">([^<]*)/g)].map(([, id, text]) => [id, text]))

  test('an app’s own words come before the core’s, then English', async () => {
    const french = siteOf(coin).nobody('fr')
    expect(said(await french.page('/coin/with_locales'))).toEqual({
      own: 'Reposer le fruit',
      core: 'Fermer',
      plural: '2 pommes',
      unknown: 'Said nowhere',
    })
    expect(said(await nobody.page('/coin/with_locales'))).toEqual({
      own: 'Cancel',
      core: 'Close',
      plural: '2 apples',
      unknown: 'Said nowhere',
    })
  })

  test('they do not reach other apps', async () => {
    const french = await siteOf(coin).staff('fr')
    expect(await french.page('/coin/admin/members/new')).not.toContain('Reposer le fruit')
  })

  test('its menu line and its page’s title are in the reader’s language', async () => {
    const french = await siteOf(coin).member(await addMember(coin), 'fr')
    const page = await french.page('/coin/with_locales')
    expect(page).toMatch(/<a href="\/coin\/with_locales"[^>]*>.*?Fruits/s)
    expect(page).toContain('<h1 tabindex="-1">Fruits</h1>')
  })
})
