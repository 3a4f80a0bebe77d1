import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestCoin, testCoin } from '../testing/coin.ts'
import { testPassword } from '../testing/web.ts'
import { type Serving, serveWeb } from '../web/serve.ts'
import { createUser } from './rules.ts'

const profile = path.join(tmpdir(), `coin-passkey-${process.pid}`)
let coin: TestCoin
let serving: Serving
let site: string
let context: BrowserContext
let page: Page
beforeAll(async () => {
  coin = await testCoin({ apps: [], basePath: '/coin', accounts: { twoFactors: 'staff' } })
  const port = await freePort()
  site = `http://localhost:${port}/coin`
  serving = await serveWeb(coin, { host: '127.0.0.1', port, publicUrl: `http://localhost:${port}` })
  context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
  })
  context.setDefaultTimeout(10_000)
  page = context.pages()[0] ?? (await context.newPage())
})
afterAll(async () => {
  await context?.close()
  await serving?.close()
  await coin?.close()
  rmSync(profile, { recursive: true, force: true })
})

const email = 'root@example.org'

async function enterPassword() {
  await page.goto(`${site}/sign-in`)
  await page.fill('[name=email]', email)
  await page.fill('[name=password]', testPassword)
  await page.click('form[action="/coin/sign-in"] button')
}
const button = (name: string) => page.getByRole('button', { name })

test('a passkey is made, signs in as two factors, is renamed and removed, and one that was not unlocked is refused', async () => {
  await coin.write(tx => createUser({ email, name: 'Root', role: 'staff', password: testPassword }, tx))
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
  } as const
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options })

  await enterPassword()
  await page.waitForURL(`${site}/account/second-factor`)
  await page.fill('#passkey-password', 'not it at all')
  await button('Add a passkey').click()
  await page.getByText('This is not your password.').waitFor()
  await page.fill('#passkey-name', 'Laptop')
  await page.fill('#passkey-password', testPassword)
  await button('Add a passkey').click()
  await page.getByText('The passkey is added.').waitFor()

  await page.goto(`${site}/sign-in`)
  expect(page.url()).toBe(`${site}/account/second-factor`)
  await page.getByText('Sign in with your passkey, or sign out').waitFor()
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await button('Sign in with a passkey').click()
  await page.getByText('No passkey was used.').waitFor()
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
  await button('Sign in with a passkey').click()
  await page.waitForURL(`${site}/admin`)
  await button('Sign out').first().click()
  await page.waitForURL(`${site}/sign-in`)

  await page.goto(`${site}/sign-in?next=/account`)
  await button('Sign in with a passkey').click()
  await page.waitForURL(`${site}/account`)
  expect(await page.locator('main').innerText()).toContain('A passkey was added')
  const { rows } = await coin.pool.query(`SELECT subject FROM coin.mail WHERE recipient = $1`, [email])
  expect(rows).toEqual([{ subject: 'The security of your account at Coin' }])

  await page.goto(`${site}/account/second-factor`)
  await page.locator('details.drop summary').click()
  await page.locator('details.drop [name=name]').fill('Old laptop')
  await button('Rename').click()
  await page.getByText('The passkey has its new name.').waitFor()
  expect(await page.locator('main').innerText()).toContain('Old laptop')
  await button('Remove').click()
  await page.getByText('The passkey is removed.').waitFor()
  await context.clearCookies()
  await page.goto(`${site}/sign-in`)
  await button('Sign in with a passkey').click()
  await page.getByText('Nobody here has this passkey.').waitFor()
})

test('a passkey that was not unlocked, or made for another site, is none', async () => {
  for (const credential of ['', '{', '{}', '{"id":"x","rawId":"x","type":"public-key","response":{}}']) {
    const answer = await context.request.post(`${site}/sign-in/passkey`, {
      form: { credential },
      headers: { Origin: new URL(site).origin },
      maxRedirects: 0,
    })
    expect([answer.status(), answer.headers().location]).toEqual([303, '/coin/sign-in'])
  }
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || !address) throw new Error('No port is free.')
  return address.port
}
