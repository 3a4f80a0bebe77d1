import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAccount, rowOf } from '../../apps/vpn/fixture.ts'
import vpnApp from '../../apps/vpn/index.tsx'
import { createUser } from '../../core/src/accounts/rules.ts'
import { type TestCoin, testCoin } from '../../core/src/testing/index.ts'
import { type Serving, serveWeb } from '../../core/src/web/serve.ts'
import { openBrowser, signIn } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ca = '-----BEGIN CERTIFICATE-----\nMIIBtest\n-----END CERTIFICATE-----'

let coin: TestCoin
let site: Serving
let account: Awaited<ReturnType<typeof addAccount>>
const member = { email: 'amina@example.org', password: 'agile green rabbit' }

beforeAll(async () => {
  const server = { remotes: [{ host: 'vpn.example.net' }, { host: 'vpn.example.net', port: 443, proto: 'tcp' as const }], ca }
  coin = await testCoin({ provider: { name: 'Réseau des Collines' }, apps: [vpnApp({ server })] })
  account = await addAccount(coin, { username: 'aberthier' })
  await coin.write(async tx => {
    const { id } = await createUser({ ...member, name: 'Amina Berthier', role: 'member' }, tx)
    await tx.execute(`UPDATE member SET user_id = '${id}' WHERE id = ${account.member}`)
  })
  // the longest address there is
  await coin.pool.query(
    `INSERT INTO vpn_session (configuration_id, session, since, seen_at, remote) VALUES ($1, 's', now(), now(), '2001:db8:1234:5678:9abc:def0:1234:5678')`,
    [account.id],
  )
  site = await serveWeb(coin, { port: 0, publicUrl: undefined })
})
afterAll(async () => {
  await site.close()
  await coin.close()
})

test.each([
  ['en-GB', true],
  ['fr-FR', true],
  ['en-GB', false],
] as const)('a member makes a password and chooses an address, in %s, with scripts: %s', async (language, scripts) => {
  const { page, complaints } = await openBrowser(site.url, { language, scripts })
  await signIn(page, member)
  await page.goto('/vpn')
  expect(new URL(page.url()).pathname).toBe(`/vpn/${account.id}`)
  await look(page, scripts)

  await page.locator('#connect form button').click()
  const secret = page.locator('#connect code.secret')
  await secret.waitFor()
  const password = await secret.innerText()
  expect(password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){4}$/)
  await look(page, scripts)

  await page.goto(`/vpn/${account.id}`)
  expect(await page.content()).not.toContain(password)
  const last = account.ipv4?.replace(/\d+$/, '7') ?? ''
  await page.locator('#endpoints details summary').click()
  await page.locator(`#endpoints input[value="${last}"]`).check()
  await page.locator('#endpoints input[name=ipv6Endpoint]').fill('fe80::1')
  await page.locator('#endpoints button[type=submit]').click()
  await page.locator('#endpoints .error').waitFor()
  await look(page, scripts)
  await page.locator('#endpoints input[name=ipv6Endpoint]').fill(account.ipv6 ?? '')
  await page.locator('#endpoints button[type=submit]').click()
  await page.locator('.flash.ok').waitFor()
  expect((await rowOf(coin, account.id)).ipv4).toBe(last)
  await coin.pool.query('UPDATE vpn SET ipv4_endpoint = $1', [account.ipv4])

  await page.locator('#phone form button').click()
  await page.locator('#phone svg.qr').waitFor()
  await look(page, scripts)
  const link = await page.locator('#phone a[href*="/vpn/link/"]').getAttribute('href')
  await page.goto(new URL(link ?? '').pathname)
  await look(page, scripts)
  await page.goto('/vpn/help')
  await look(page, scripts)
  expect(complaints).toEqual([])
})

/** Nothing for axe to say, and no wider than the window, on a desk and on a phone. */
async function look(page: Page, scripts: boolean) {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height })
    expect(await cutWords(page), `${page.url()} at ${width}`).toEqual([])
    if (scripts) {
      await page.evaluate(axe)
      const found = await page.evaluate(async () => {
        const { violations } = await (
          globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
        ).axe.run()
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
      })
      expect(found, `${page.url()} at ${width}`).toEqual([])
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(overflow, `${page.url()} at ${width}`).toBe(0)
    }
  }
}

/** The words of the bar that are broken, cut off, or on a second line. */
const cutWords = (page: Page) =>
  page
    .locator('.topbar .menu > ul > li > a > span, .topbar summary > span')
    .evaluateAll(words =>
      words
        .filter(word => word.scrollWidth > word.clientWidth + 1 || word.getBoundingClientRect().height > 30)
        .map(word => word.textContent),
    )
