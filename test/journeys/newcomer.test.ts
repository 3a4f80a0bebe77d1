import type { Locator, Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { until } from '../fixtures/until.ts'
import { fillForm, openBrowser, signIn } from './browser.ts'
import { type Site, startSite } from './site.ts'

let site: Site
afterEach(() => site.stop())

interface Reader {
  readonly language: 'en-GB' | 'fr-FR'
  readonly scripts: boolean
  readonly words: {
    readonly firstSteps: string
    readonly taken: string
    readonly works: string
    readonly subject: string
    readonly hello: string
  }
}

const english = { firstSteps: 'First steps', taken: 'Taken', works: 'Works', subject: 'Your account at Coin', hello: 'Hello Amina' }
const french = { firstSteps: 'Premiers pas', taken: 'Prise', works: 'Fonctionne', subject: 'Votre compte', hello: 'Bonjour Amina' }

const readers: Readonly<Record<string, Reader>> = {
  'in English': { language: 'en-GB', scripts: true, words: english },
  'without scripts': { language: 'en-GB', scripts: false, words: english },
  'in French': { language: 'fr-FR', scripts: true, words: french },
}

describe('from the first start to a member who sees what they have and what they owe', () => {
  for (const [how, { words, ...options }] of Object.entries(readers)) {
    test(how, async () => {
      site = await startSite()
      const staff = await openBrowser(site.url, options)
      await signIn(staff.page, site.admin)
      await expect.poll(() => staff.page.locator('main').innerText()).toContain(words.firstSteps)

      await addPool(staff.page, { name: 'IPv4', family: '4', prefixes: '198.51.100.0/24', defaultPrefixLength: '32' })
      await addPool(staff.page, { name: 'IPv6', family: '6', prefixes: '2001:db8::/40', defaultPrefixLength: '56' })
      await addOffer(staff.page)
      await addMember(staff.page, options.language.slice(0, 2))
      await subscribe(staff.page)
      await configure(staff.page)

      const subscription = new URL(staff.page.url()).pathname
      expect(await staff.page.locator('#subnets').innerText()).toMatch(/198\.51\.100\.0\/32[\s\S]*2001:db8::\/56/)
      await seePoolPicture(staff.page, words.taken)

      const mail = await invite(staff.page)
      expect(mail).toContain(words.hello)
      expect(mail).toContain(words.subject)

      const member = await openBrowser(site.url, options)
      await choosePassword(member.page, mail)
      await member.page.waitForURL(`${site.url}/`)
      const home = await member.page.locator('main').innerText()
      for (const mine of ['DSL 20', words.works, '198.51.100.0/32', '2001:db8::/56']) expect(home).toContain(mine)
      expect(await member.page.locator('html').getAttribute('lang')).toBe(options.language.slice(0, 2))

      if (options.language === 'en-GB') await seesTheBill(member.page, await bill(staff.page, options.scripts))

      await seesNothingOfOthers(member.page, subscription)
      expect([...staff.complaints, ...member.complaints]).toEqual([])
    }, 120_000)
  }
})

async function addPool(page: Page, values: Readonly<Record<string, string>>) {
  await page.goto('/admin')
  await page.locator('a[href$="/admin/pools"]').first().click()
  await page.locator('a[href$="/admin/pools/new"]').first().click()
  await fillForm(page, values)
  await page.locator('[role=status]').waitFor()
  expect(await page.locator('h1').innerText()).toBe(values.name)
}

async function addOffer(page: Page) {
  await page.goto('/admin')
  await page.locator('main a[href$="/admin/offers/new"]').click()
  await fillForm(page, { name: 'DSL 20', reference: 'dsl-20', configurationType: 'simple_dsl', periodFee: '28' })
  for (const pool of ['IPv4', 'IPv6']) {
    const offer = page.url()
    await page.locator('main a[href*="/admin/offer-pools/new"]').click()
    await fillForm(page, { poolId: `${pool} (${pool})` })
    await page.goto(offer)
    expect(await page.locator('main').innerText()).toContain(pool)
  }
}

async function addMember(page: Page, language: string) {
  await page.goto('/admin')
  await page.locator('main a[href$="/admin/members/new"]').click()
  await fillForm(page, { firstName: 'Amina', lastName: 'Berthier', email: 'amina@example.org', language })
  await page.locator('[role=status]').waitFor()
}

async function subscribe(page: Page) {
  await page.locator('main a[href*="/admin/subscriptions/new"]').first().click()
  await fillForm(page, { offerId: 'DSL 20' })
  await page.locator('[role=status]').waitFor()
}

async function configure(page: Page) {
  await page.locator('#configuration a[href*="/admin/configurations/new"]').click()
  await fillForm(page, { phoneNumber: '0473000000' })
  await page.locator('#subnets').waitFor()
}

async function seePoolPicture(page: Page, taken: string) {
  await page.goto('/admin/pools')
  await page.locator('th a', { hasText: 'IPv4' }).click()
  expect(await page.locator('svg').count()).toBeGreaterThan(0)
  const row = page.locator('#blocks tr', { hasText: '198.51.100.0/32' })
  expect(await row.innerText()).toMatch(new RegExp(`${taken}[^]*Amina Berthier`))
}

async function invite(page: Page): Promise<string> {
  await page.goto('/admin/members')
  await page.locator('th a', { hasText: 'Amina Berthier' }).click()
  await page.locator('form[action$="/invite"] button').click()
  expect(await page.locator('[role=status]').innerText()).toContain('amina@example.org')
  return site.mailTo('amina@example.org')
}

async function choosePassword(page: Page, mail: string) {
  const link = /http\S+\/reset\?token=\S+/.exec(mail)?.[0] ?? 'no link'
  await page.goto(link)
  await fillForm(page, { password: 'agile green rabbit' })
  await page.waitForURL(url => url.pathname === '/sign-in')
  await signIn(page, { email: 'amina@example.org', password: 'agile green rabbit' })
}

/** From the first steps over a dry run to an invoice with its PDF. Returns its number. */
async function bill(page: Page, scripts: boolean): Promise<string> {
  await page.goto('/admin')
  await page.locator('main a[href$="/admin/runs/new"]').click()
  await page.locator('main form button[type=submit]').last().click()
  const issue = page.locator('form[action$="/apply"] button[value=yes]')
  await appears(page, issue, scripts)
  expect(await page.locator('tbody', { hasText: 'Amina Berthier' }).innerText()).toContain('DSL 20')
  await issue.click()

  const number = page.locator('tbody th a', { hasText: /\d{4}-\d{2}-000001/ })
  await appears(page, number, scripts)
  const said = await number.innerText()
  await number.click()
  await page.waitForURL(/\/admin\/invoices\/\d+$/)
  await opensPdf(page)
  await page.locator('main a[href*="/admin/subscriptions/"]').click()
  expect(await page.locator('main').innerText()).toContain(said)
  return said
}

async function seesTheBill(page: Page, number: string) {
  expect(await site.mailTo('amina@example.org')).toContain(number)
  await page.goto('/money')
  await page.locator('main a', { hasText: number }).last().click()
  expect(await page.locator('h1').innerText()).toContain(number)
  await opensPdf(page)
}

/** A worker makes it: a page with scripts shows it by itself, without them one loads the page again. */
async function appears(page: Page, what: Locator, scripts: boolean) {
  if (scripts) return what.waitFor()
  await until(async () => {
    if ((await what.count()) === 0) await page.reload()
    return (await what.count()) > 0
  })
}

/** The PDF of the invoice whose page is open, once a worker has made it. */
async function opensPdf(page: Page) {
  const link = page.locator('main a[href$="/pdf"]').first()
  await appears(page, link, false)
  const answer = await page.request.get((await link.getAttribute('href')) ?? '')
  expect((await answer.body()).subarray(0, 5).toString()).toBe('%PDF-')
}

/** The rooms of staff are closed, and what does not exist answers so; neither asks to sign in again. */
async function seesNothingOfOthers(page: Page, subscription: string) {
  for (const [path, status] of [
    [subscription, 403],
    ['/admin', 403],
    ['/subscriptions/999', 404],
  ] as const) {
    const answer = await page.goto(path)
    expect([path, answer?.status(), new URL(page.url()).pathname]).toEqual([path, status, path])
  }
}
