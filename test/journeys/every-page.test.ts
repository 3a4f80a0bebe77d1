import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillForm, openBrowser, signIn } from './browser.ts'
import { crawl } from './crawl.ts'
import { type Site, startSite } from './site.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const desktop = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

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
  expect(seen).toEqual(expect.arrayContaining([...kinds, '/admin', '/admin/holders', '/account']))
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
  expect(seen).toEqual(expect.arrayContaining(['/', '/account', '/addresses', '/me', '/subscriptions', '/subscriptions/:id']))
})

/** Notes what is wrong with the page, light and dark, on a desk and on a phone. */
async function look(page: Page, path: string, language: string, found: string[]) {
  const note = (what: string) => found.push(`${path}: ${what}`)
  if ((await page.locator('h1').count()) !== 1) note('not one h1')
  if (!/\S · \S/.test(await page.title())) note(`the title is "${await page.title()}"`)
  if ((await page.locator('html').getAttribute('lang')) !== language) note('wrong language')
  await page.evaluate(axe)
  for (const [size, scheme, rules] of [
    [desktop, 'light', undefined],
    [desktop, 'dark', ['color-contrast']],
    [phone, 'dark', undefined],
    [phone, 'light', ['color-contrast']],
  ] as const) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme: scheme })
    for (const violation of await violations(page, rules)) note(`${size.width} ${scheme}: ${violation}`)
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (overflow > 0) note(`${size.width}: ${overflow} px too wide`)
  }
  await page.setViewportSize(desktop)
  await page.emulateMedia({ colorScheme: 'light' })
}

interface Axe {
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
}

async function violations(page: Page, rules: readonly string[] | undefined): Promise<string[]> {
  return page.evaluate(async only => {
    const { axe } = globalThis as unknown as { axe: Axe }
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(only && { runOnly: { type: 'rule', values: only } }) })
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 2).map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  }, rules)
}
