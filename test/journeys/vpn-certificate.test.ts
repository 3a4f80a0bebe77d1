import { readFileSync } from 'node:fs'
import type { Download, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Workplace, workplace } from '../../apps/vpn/certificates/fixture.ts'
import { addAccount } from '../../apps/vpn/fixture.ts'
import vpnApp from '../../apps/vpn/index.tsx'
import { createUser } from '../../core/src/accounts/rules.ts'
import { type TestCoin, testCoin } from '../../core/src/testing/index.ts'
import { type Serving, serveWeb } from '../../core/src/web/serve.ts'
import { openBrowser, signIn } from './browser.ts'
import { look } from './look.ts'

const ca = '-----BEGIN CERTIFICATE-----\nMIIBtest\n-----END CERTIFICATE-----'
let coin: TestCoin
let site: Serving
let place: Workplace

beforeAll(async () => {
  place = workplace()
  const app = vpnApp({ passwords: false, certificates: {}, server: { remotes: [{ host: 'vpn.example.net' }], ca } })
  coin = await testCoin({ provider: { name: 'Collines' }, apps: [app] })
  site = await serveWeb(coin, { port: 0, publicUrl: undefined })
})
afterAll(async () => {
  await site.close()
  place.close()
  await coin.close()
})

let people = 0
async function newMember(username: string) {
  const account = await addAccount(coin, { username })
  const who = { email: `member-${++people}@example.org`, password: 'agile green rabbit' }
  await coin.write(async tx => {
    const { id } = await createUser({ ...who, name: 'Amina Berthier', role: 'member' }, tx)
    await tx.execute(`UPDATE member SET user_id = '${id}' WHERE id = ${account.member}`)
  })
  return { account, who }
}
const saved = async (page: Page, click: () => Promise<void>) => {
  const [download] = await Promise.all([page.waitForEvent('download'), click()])
  return { name: download.suggestedFilename(), content: readFileSync(await pathOf(download)) }
}
const pathOf = async (download: Download) => (await download.path()) ?? ''
const inline = (profile: string, name: string) => new RegExp(`<${name}>\\n([\\s\\S]+?\\n)</${name}>`).exec(profile)?.[1] ?? ''

test('the browser makes the key, its request is right for openssl, and the key goes into the profile and nowhere else', async () => {
  const { account, who } = await newMember('aberthier')
  const { page, complaints } = await openBrowser(site.url)
  const sent: string[] = []
  page.on('request', request => sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`))
  await signIn(page, who)
  const found: string[] = []
  await page.goto(`/vpn/${account.id}`)
  await look(page, 'none yet', 'en', found)
  await page.locator('#certificate a.btn-primary').click()
  await page.locator('[data-certificate]').waitFor()
  await look(page, 'the ways', 'en', found)
  await page.locator('[data-certificate] form button').click()
  await page.locator('[data-certificate-done]').waitFor()
  await look(page, 'done', 'en', found)
  const { name, content } = await saved(page, () => page.locator('[data-certificate-save]').click())
  const profile = content.toString()
  expect(name).toBe(`${account.login}.ovpn`)
  expect(profile).toMatch(/^client$/m)
  expect(profile).not.toMatch(/auth-user-pass|CLIENT_CERT/)

  const request =
    new URLSearchParams(
      sent
        .find(line => line.includes('csr='))
        ?.split('} ')
        .at(-1),
    ).get('csr') ?? ''
  const csr = place.file('browser.csr', request)
  expect(await place.openssl('req', '-in', csr, '-verify', '-noout')).toMatch(/verify OK/i)
  expect(await place.openssl('req', '-in', csr, '-noout', '-subject')).toContain(`CN = ${account.login}`)
  const [key, own] = [place.file('browser.key', inline(profile, 'key')), place.file('browser.crt', inline(profile, 'cert'))]
  expect(await place.openssl('pkey', '-in', key, '-pubout')).toBe(await place.openssl('x509', '-in', own, '-noout', '-pubkey'))
  const authority = place.file('ca.pem', await (await fetch(`${site.url}vpn/ca.pem`)).text())
  expect(await place.openssl('verify', '-CAfile', authority, '-purpose', 'sslclient', own)).toContain('OK')
  const body = inline(profile, 'key').replace(/-----[^-]+-----|\s/g, '')
  for (const line of sent) {
    expect(decodeURIComponent(line).replaceAll(/\s/g, '')).not.toContain(body.slice(20, 60))
    expect(line).not.toContain('PRIVATE')
  }
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain('PRIVATE')

  await page.goto(`/vpn/${account.id}`)
  await look(page, 'valid', 'en', found)
  expect(await page.locator('#certificate').innerText()).toMatch(/Valid until/)
  await page.goto(`/vpn/${account.id}/certificate`)
  await page.locator('[data-certificate] form button').click()
  await page.locator('[data-certificate-failed]').waitFor()
  expect(await page.locator('[data-certificate-reason]').innerText()).toContain('too early to renew')
  expect(found).toEqual([])
  expect(complaints).toEqual([])
})

test.each([true, false])('a member gets the file with its password in French and revokes it, with scripts: %s', async scripts => {
  const { account, who } = await newMember(scripts ? 'cdurand' : 'edupont')
  const { page, complaints } = await openBrowser(site.url, { language: 'fr-FR', scripts })
  const found: string[] = []
  const see = async (what: string) => {
    if (scripts) await look(page, what, 'fr', found)
  }
  await signIn(page, who)
  await page.goto(`/vpn/${account.id}/certificate`)
  expect(await page.locator('[data-certificate]').isVisible()).toBe(scripts)
  await page.locator('form[action$="/bundle"] button').click()
  const password = await page.locator('code.secret').innerText()
  await see('the file')
  const { name, content } = await saved(page, () => page.locator('a[download$=".p12"]').click())
  expect(name).toBe(`${account.login}.p12`)
  const file = place.file('browser.p12', content)
  expect(await place.openssl('pkcs12', '-in', file, '-passin', `pass:${password}`, '-nodes')).toContain(`subject=CN = ${account.login}`)

  await page.goto(`/vpn/${account.id}`)
  expect(await page.locator('#certificate').innerText()).toMatch(/Valable jusqu’au/)
  await page.locator('#certificate a[href$="/revoke"]').click()
  await see('revoking')
  await page.locator('input[value=key_compromise]').check()
  await page.locator('form[action$="/revoke"] button[type=submit]').click()
  await page.waitForURL(url => url.pathname === `/vpn/${account.id}`)
  expect(await page.locator('#certificate').innerText()).toMatch(/Révoqué le/)
  await see('revoked')
  expect(found).toEqual([])
  expect(complaints).toEqual([])
})
