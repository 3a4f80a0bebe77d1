import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, test } from 'vitest'
import { addAccount } from '../../apps/vpn/fixture.ts'
import vpnApp from '../../apps/vpn/index.tsx'
import { createUser } from '../../core/src/accounts/rules.ts'
import { type TestCoin, testCoin } from '../../core/src/testing/index.ts'
import { type Serving, serveWeb } from '../../core/src/web/serve.ts'
import { openBrowser, signIn } from './browser.ts'
import { look } from './look.ts'

const out = process.env.SHOTS ?? '/tmp/shots'
mkdirSync(out, { recursive: true })
const ca = '-----BEGIN CERTIFICATE-----\nMIIBtest\n-----END CERTIFICATE-----'
let coin: TestCoin
let site: Serving
let account: Awaited<ReturnType<typeof addAccount>>
let old: Awaited<ReturnType<typeof addAccount>>
const member = { email: 'amina@example.org', password: 'agile green rabbit' }
const passwords = process.env.PASSWORDS !== 'false'
beforeAll(async () => {
  const server = { remotes: [{ host: 'vpn.example.net' }, { host: 'vpn.example.net', port: 443, proto: 'tcp' as const }], ca }
  coin = await testCoin({ provider: { name: 'Réseau des Collines' }, apps: [vpnApp({ server, passwords, ...(process.env.CERTS && { certificates: {} }) })] })
  account = await addAccount(coin, { username: 'aberthier' })
  old = await addAccount(coin, { member: account.member })
  await coin.pool.query('UPDATE subscription SET resigned_on = current_date - 3 WHERE id = (SELECT subscription_id FROM configuration WHERE id = $1)', [old.id])
  await coin.pool.query("INSERT INTO vpn_session (configuration_id, session, since, seen_at, remote, received, sent) VALUES ($1, 's', now() - interval '3 hours', now(), '2001:db8:9:ffff:1234:5678:9abc:def0', 123456789, 98765432100)", [account.id])
  await coin.write(async tx => {
    const { id } = await createUser({ ...member, name: 'Amina Berthier', role: process.env.STAFF ? 'staff' : 'member' }, tx)
    await tx.execute(`UPDATE member SET user_id = '${id}' WHERE id = ${account.member}`)
  })
  site = await serveWeb(coin, { port: 0, publicUrl: undefined })
})
afterAll(async () => {
  await site.close()
  await coin.close()
})
const paths = () => ({ vpn: `/vpn/${account.id}`, mine: '/vpn', ended: `/vpn/${old.id}`, help: '/vpn/help', home: '/', account: '/account', ...(process.env.CERTS && { request: `/vpn/${account.id}/certificate` }) })
test.each(['en-GB', 'fr-FR'] as const)('%s', async language => {
  const { page, complaints } = await openBrowser(site.url, { language })
  await signIn(page, member)
  const found: string[] = []
  for (const [name, path] of Object.entries(paths())) {
    await page.goto(path)
    for (const [width, scheme] of [[1440, 'light'], [390, 'dark'], [390, 'light'], [800, 'light'], [320, 'light']] as const) {
      if (width !== 1440 && width !== 390 && name !== 'home') continue
      if (process.env.ONLY && !process.env.ONLY.split(',').includes(name)) continue
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme: scheme })
      await page.screenshot({ path: `${out}/${name}-${language.slice(0, 2)}-${width}-${scheme}.png`, fullPage: !['home', 'account'].includes(name) })
      if (name === 'home' && (await page.locator('.topbar .drop summary').count())) {
        await page.locator('.topbar .drop summary').click()
        await page.screenshot({ path: `${out}/more-${language.slice(0, 2)}-${width}-${scheme}.png` })
        await page.locator('.topbar .drop summary').click()
      }
    }
    await look(page, path, language.slice(0, 2), found)
  }
  if (passwords) {
    await page.goto(`/vpn/${account.id}`)
    await page.locator('#connect form button').click()
    await page.locator('#connect code.secret').waitFor()
    await page.screenshot({ path: `${out}/secret-${language.slice(0, 2)}-1440.png` })
    await page.locator('#phone form button').click()
    await page.locator('#phone svg.qr').waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await page.screenshot({ path: `${out}/qr-${language.slice(0, 2)}-390.png`, fullPage: true })
    const link = await page.locator('#phone a[href*="/vpn/link/"]').getAttribute('href')
    await page.goto(new URL(link ?? '').pathname)
    await page.screenshot({ path: `${out}/link-${language.slice(0, 2)}-390.png` })
  }
  console.log(found, complaints)
}, 120_000)
