import type { Page } from 'playwright-core'

/** Two addresses of the same kind of page look alike: `/admin/members/7/edit` and `/admin/members/12/edit`. */
const kindOf = ({ pathname }: URL): string => pathname.replace(/\/\d+(?=\/|$)/g, '/:id')

const elsewhere = /^\/(static|language|theme|live|api)(\/|$)/

/** Visits one page of each kind that links lead to, from `start` on. */
export async function crawl(page: Page, start: readonly string[], look: (path: string) => Promise<void>): Promise<string[]> {
  const seen = new Set<string>()
  const queue = [...start]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const asked = new URL(next, 'http://site')
    if (seen.has(kindOf(asked)) || elsewhere.test(asked.pathname)) continue
    seen.add(kindOf(asked))
    if (!(await opens(page, next))) continue
    await look(next)
    const links = await page
      .locator('a[href]')
      .evaluateAll(all => all.map(link => new URL(link.getAttribute('href') ?? '', document.baseURI).href))
    queue.push(
      ...links
        .map(href => new URL(href))
        .filter(({ origin }) => origin === new URL(page.url()).origin)
        .map(({ pathname, search }) => pathname + search),
    )
  }
  return [...seen].sort()
}

/** Goes to an address; false when a file came, which is not looked at. */
async function opens(page: Page, address: string): Promise<boolean> {
  try {
    await page.goto(address)
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes('Download is starting')) return false
    throw error
  }
}
