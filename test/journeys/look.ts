import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const desktop = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

/** Notes what is wrong with the page, light and dark, on a desk and on a phone. */
export async function look(page: Page, path: string, language: string, found: string[]) {
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
