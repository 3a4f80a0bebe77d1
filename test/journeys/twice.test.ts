import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillForm, openBrowser, signIn } from './browser.ts'
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

test('an object is changed in place, and what is refused comes back with what was typed', async () => {
  const { page, complaints } = await openBrowser(site.url)
  await signIn(page, site.admin)
  await page.goto('/admin/bank-accounts/new')
  await fillForm(page, { name: 'Crédit du Lac', iban: 'FR7630006000011234567890189' })
  const address = page.url()
  await page.getByRole('link', { name: 'Change here' }).click()
  const name = page.locator('main form.card [name=name]')
  await name.fill('')
  await page.locator('main form.card button[type=submit]').click()
  await page.getByRole('alert').waitFor()
  expect(await page.locator('[name=iban]').inputValue()).toContain('FR76')
  await name.fill('Banque du Lac')
  await page.locator('main form.card button[type=submit]').click()
  await page.getByRole('heading', { level: 1, name: 'Banque du Lac' }).waitFor()
  expect([page.url(), await page.locator('main form.card').count(), complaints]).toEqual([address, 0, []])
})
