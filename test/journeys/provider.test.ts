import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fillForm, openBrowser, signIn } from './browser.ts'
import { type Site, startSite } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await startSite({ demo: true })
})
afterAll(() => site.stop())

async function asStaff() {
  const visitor = await openBrowser(site.url)
  await signIn(visitor.page, site.admin)
  return visitor
}

const main = (page: Page) => page.locator('main').innerText()
/** Opens the first row of a list that a search finds, and returns its address. */
async function find(page: Page, kind: string, search: string): Promise<string> {
  await page.goto(`/admin/${kind}?q=${encodeURIComponent(search)}`)
  await page.locator('tbody th a').first().click()
  await page.waitForURL(/\/\d+$/)
  return new URL(page.url()).pathname
}

test('a member opens nothing of another; nobody is sent to sign in', async () => {
  const { page: staff } = await asStaff()
  await find(staff, 'members', 'Tessier')
  const own = await idOfSubscription(staff)
  await staff.locator('form[action$="/invite"] button').click()
  await find(staff, 'members', 'Berthier')
  const others = await idOfSubscription(staff)
  const mail = await site.mailTo('luc.tessier@example.org')

  const { page: member } = await openBrowser(site.url)
  await member.goto(/http\S+\/reset\?token=\S+/.exec(mail)?.[0] ?? 'no link')
  await fillForm(member, { password: 'agile green rabbit' })
  await signIn(member, { email: 'luc.tessier@example.org', password: 'agile green rabbit' })
  expect((await member.goto(`/subscriptions/${own}`))?.status()).toBe(200)
  expect((await member.goto(`/subscriptions/${others}`))?.status()).toBe(404)
  expect((await member.goto('/subscriptions/999999'))?.status()).toBe(404)
  expect((await member.goto(`/admin/subscriptions/${own}`))?.status()).toBe(403)

  const { page: nobody } = await openBrowser(site.url)
  for (const path of [`/subscriptions/${others}`, '/admin/members', '/']) {
    await nobody.goto(path)
    expect(new URL(nobody.url()).pathname).toBe('/sign-in')
  }
})

async function idOfSubscription(page: Page): Promise<string> {
  const href = await page.locator('main a[href*="/admin/subscriptions/"]:not([href*="/new"])').first().getAttribute('href')
  return /\d+$/.exec(href ?? '')?.[0] ?? 'none'
}

describe('what is refused says why and what to do', () => {
  test('a day that does not exist', async () => {
    const { page, complaints } = await asStaff()
    await page.goto(`${await find(page, 'subscriptions', 'Tessier')}/edit`)
    await fillForm(page, { startedOn: '31/11/2026', comments: 'kept' })
    expect(await page.title()).toMatch(/^Error:/)
    const summary = page.locator('[role=alert]')
    expect(await summary.innerText()).toContain('November has 30 days.')
    expect(await summary.evaluate(element => element === document.activeElement)).toBe(true)
    await summary.getByRole('link').click()
    expect(await page.locator(':focus').getAttribute('name')).toBe('startedOn')
    expect(await page.locator('[name=startedOn]').getAttribute('aria-invalid')).toBe('true')
    expect(await page.locator('[name=startedOn]').inputValue()).toBe('31/11/2026')
    expect(await page.locator('[name=comments]').inputValue()).toBe('kept')
    expect(complaints).toEqual([])
  })

  test('a subnet inside one that is taken', async () => {
    const { page } = await asStaff()
    await find(page, 'subscriptions', 'Tessier')
    await page.locator('#subnets a[href*="/admin/subnets/new"]').click()
    await fillForm(page, { poolId: 'IPv4 organisations', prefix: '203.0.113.49/32' })
    expect(await page.locator('[role=alert]').innerText()).toMatch(
      /203\.0\.113\.49\/32 is not free: 203\.0\.113\.\d+\/29 already covers it\. The next free \/32 is \S+\/32\./,
    )
  })

  test('a pool that is full', async () => {
    const { page } = await asStaff()
    await page.goto('/admin/pools/new')
    await fillForm(page, { name: 'Tiny', family: '4', prefixes: '192.0.2.7/32', defaultPrefixLength: '32' })
    await page.locator('[role=status]').waitFor()
    const subscription = await find(page, 'subscriptions', 'Tessier')
    for (const last of [false, true]) {
      await page.goto(subscription)
      await page.locator('#subnets a[href*="/admin/subnets/new"]').click()
      await fillForm(page, { poolId: 'Tiny' })
      if (!last) await page.locator('[role=status]').waitFor()
    }
    expect(await page.locator('[role=alert]').innerText()).toContain(
      'Pool "Tiny" has no free /32 left. Nothing is free. Add a prefix to the pool.',
    )
  })

  test('a form that somebody else saved meanwhile', async () => {
    const { page, context } = await asStaff()
    const path = `${await find(page, 'offers', 'Fibre')}/edit`
    const other = await context.newPage()
    await page.goto(path)
    await other.goto(path)
    await fillForm(page, { description: 'From the first tab' })
    await page.locator('[role=status]').waitFor()
    await fillForm(other, { description: 'From the second tab' })
    const told = await main(other)
    expect(told).toContain('changed this while you were typing')
    expect(told).toContain('From the first tab')
    expect(await other.locator('[name=description]').inputValue()).toBe('From the second tab')
    await page.reload()
    expect(await main(page)).toContain('From the first tab')
    expect(await main(page)).not.toContain('From the second tab')
  })
})

describe('lists', () => {
  test('search while one types, and the way back', async () => {
    const { page, complaints } = await asStaff()
    await page.goto('/admin/members')
    await page.evaluate(() => Object.assign(globalThis, { stillTheSamePage: true }))
    await page.locator('main input[type=search]').focus()
    await page.keyboard.type('tessier')
    await page.waitForURL(url => url.searchParams.get('q') === 'tessier')
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
    expect(await page.evaluate(() => 'stillTheSamePage' in globalThis)).toBe(true)
    expect(await page.locator(':focus').getAttribute('type')).toBe('search')
    await page.locator('tbody th a').click()
    await page.waitForURL(/\/admin\/members\/\d+$/)
    await page.goBack()
    await page.waitForURL(url => url.searchParams.get('q') === 'tessier')
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
    await page.goBack()
    await page.waitForURL(url => !url.searchParams.has('q'))
    await expect.poll(() => page.locator('tbody tr').count()).toBeGreaterThan(20)
    expect(complaints).toEqual([])
  })

  test('views, filters, order and pages', async () => {
    const { page, complaints } = await asStaff()
    await page.goto('/admin/members')
    await page.locator('details.drop summary', { hasText: 'Filter' }).click()
    await page.locator('#filter-kind').selectOption({ index: 2 })
    await page.locator('form.filters details.drop button[type=submit]').click()
    await page.waitForURL(url => url.searchParams.has('kind'))
    const filtered = await page.locator('tbody tr').count()
    expect(filtered).toBeGreaterThan(0)
    expect(filtered).toBeLessThan(20)
    await page.locator('a.chip').click()
    await page.waitForURL(url => !url.searchParams.get('kind'))
    await page.locator('nav.views a', { hasText: 'To accept' }).click()
    await page.waitForURL(url => url.searchParams.get('view') === 'pending')
    expect(await page.locator('tbody tr').count()).toBeLessThan(6)

    await page.goto('/admin/subnets')
    const first = await page.locator('tbody th').first().innerText()
    await page.locator('thead a', { hasText: 'Subnet' }).click()
    await page.waitForURL(url => url.searchParams.get('sort') === '-prefix')
    expect(await page.locator('th[aria-sort=descending]').count()).toBe(1)
    expect(await page.locator('tbody th').first().innerText()).not.toBe(first)
    await page.getByRole('link', { name: 'Next' }).click()
    await page.waitForURL(url => url.searchParams.get('page') === '2')
    expect(await page.locator('tbody tr').count()).toBeGreaterThan(5)
    await page.goBack()
    await page.waitForURL(url => !url.searchParams.has('page'))
    expect(complaints).toEqual([])
  })
})
