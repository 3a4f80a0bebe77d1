import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, signIn } from './browser.ts'
import { type Site, startSite } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.stop())

test('a form is sent once, however often one clicks while the answer is on its way; its page may be used again', async () => {
  const { page } = await openBrowser(site.url)
  await signIn(page, site.admin)
  for (const path of ['/admin/pools/new', '/admin/members/new', '/admin/pools/new']) {
    await page.goto(path)
    // whether the browser would send it: an event made here sends nothing itself
    const sends = await page.locator('main form').evaluate(form => {
      const submit = () => form.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }))
      return [submit(), submit(), submit()]
    })
    expect(sends).toEqual([true, false, false])
  }
})
