import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const desktop = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

/** Pages are looked at in turn by day on a desk and by night on a phone, and the other way round. */
const ways = [
  [
    [desktop, 'light'],
    [phone, 'dark'],
  ],
  [
    [desktop, 'dark'],
    [phone, 'light'],
  ],
] as const
let looked = 0

/** Notes what is wrong with the page, on a desk and on a phone, light and dark. */
export async function look(page: Page, path: string, language: string, found: string[]) {
  const note = (what: string) => found.push(`${path}: ${what}`)
  if ((await page.locator('h1').count()) !== 1) note('not one h1')
  if (!/\S · \S/.test(await page.title())) note(`the title is "${await page.title()}"`)
  if ((await page.locator('html').getAttribute('lang')) !== language) note('wrong language')
  await page.evaluate(axe)
  for (const [size, scheme] of ways[looked++ % 2 ? 1 : 0]) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme: scheme })
    for (const violation of await violations(page)) note(`${size.width} ${scheme}: ${violation}`)
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (overflow > 0) note(`${size.width}: ${overflow} px too wide`)
  }
  await page.setViewportSize(desktop)
  await page.emulateMedia({ colorScheme: 'light' })
}

interface Axe {
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
}

async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: Axe }
    const { violations } = await axe.run({ resultTypes: ['violations'] })
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 2).map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  })
}
