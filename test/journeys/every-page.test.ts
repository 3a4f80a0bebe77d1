import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillForm, openBrowser, signIn } from './browser.ts'
import { crawl } from './crawl.ts'
import { look } from './look.ts'
import { type Site, startSite } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await startSite({ demo: true })
})
afterAll(() => site.stop())

test('pages before one signs in', async () => {
  const { page, complaints } = await openBrowser(site.url)
  const found: string[] = []
  await crawl(page, ['/sign-in', '/reset'], path => look(page, path, 'en', found))
  expect([...found, ...complaints]).toEqual([])
})

test('every page of staff', async () => {
  const { page, complaints } = await openBrowser(site.url)
  await signIn(page, site.admin)
  const found: string[] = []
  const seen = await crawl(page, ['/admin'], path => look(page, path, 'en', found))
  expect([...found, ...complaints]).toEqual([])
  const kinds = ['members', 'offers', 'subscriptions', 'configurations', 'pools', 'subnets'].flatMap(name =>
    ['', '/new', '/:id', '/:id/edit', '/:id/remove', '/:id/history'].map(rest => `/admin/${name}${rest}`),
  )
  const money = ['invoices', 'runs', 'payments', 'fees', 'donations'].flatMap(name => [
    `/admin/${name}`,
    `/admin/${name}/new`,
    `/admin/${name}/:id`,
  ])
  expect(seen).toEqual(expect.arrayContaining([...money, '/admin/members/:id/money', '/admin/reminders', '/admin/accounting']))
  expect(seen).toEqual(expect.arrayContaining([...kinds, '/admin', '/admin/holders', '/admin/provisioning', '/account']))
}, 240_000)

test('every page of a member, in French', async () => {
  const staff = await openBrowser(site.url)
  await signIn(staff.page, site.admin)
  await staff.page.goto('/admin/members?q=Tessier')
  await staff.page.locator('tbody th a').click()
  await staff.page.locator('form[action$="/invite"] button').click()
  const mail = await site.mailTo('luc.tessier@example.org')

  const { page, complaints } = await openBrowser(site.url, { language: 'fr-FR' })
  await page.goto(/http\S+\/reset\?token=\S+/.exec(mail)?.[0] ?? 'no link')
  await fillForm(page, { password: 'agile green rabbit' })
  await signIn(page, { email: 'luc.tessier@example.org', password: 'agile green rabbit' })
  const found: string[] = []
  const seen = await crawl(page, ['/'], path => look(page, path, 'fr', found))
  expect([...found, ...complaints]).toEqual([])
  expect(seen).toEqual(
    expect.arrayContaining(['/', '/account', '/addresses', '/me', '/subscriptions', '/subscriptions/:id', '/money', '/money/:id/pay']),
  )
})
