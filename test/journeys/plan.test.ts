import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defineApp, defineBackend } from 'coin'
import { addConfiguration, addMember, addOffer, addPool, addSubscription, type TestWeb, testPassword, testWeb } from 'coin/testing'
import { files } from 'coin-files'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningWorker, startWorker } from '../../core/src/jobs/worker.ts'
import { type Serving, serveWeb } from '../../core/src/web/serve.ts'
import withSubnetEvent, { tunnels } from '../fixtures/apps/with-subnet-event/index.ts'
import { until } from '../fixtures/until.ts'
import { openBrowser, signIn } from './browser.ts'
import { look } from './look.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coin-plan-'))
const routes = files(tunnels, {
  name: 'routes',
  label: 'Route files',
  folder,
  fileName: tunnel => `${tunnel.login}.conf`,
  render: tunnel => `# ${tunnel.login}\n${tunnel.ipSubnets.map(({ prefix }) => `route ${prefix} dev tun0\n`).join('')}`,
})
const gateway = defineBackend(tunnels, {
  name: 'gateway',
  label: 'VPN gateway',
  key: tunnel => tunnel.login,
  desired: tunnel => ({ password: `hash of ${tunnel.login}`, routes: tunnel.ipSubnets.map(({ prefix }) => prefix) }),
  secrets: ['password'],
  async read(): Promise<undefined> {
    throw Object.assign(new Error('connect ECONNREFUSED 198.51.100.1:1812'), { code: 'ECONNREFUSED' })
  },
  apply: async () => {},
  destroy: async () => {},
})

const email = 'solene@example.org'
let site: TestWeb
let served: Serving
let worker: RunningWorker
let id: number
let subscription: number
beforeAll(async () => {
  const network = defineApp(
    { name: 'network', verboseName: 'Network', root: new URL('./none/', import.meta.url).href },
    { backends: [routes, gateway] },
  )
  site = await testWeb({ apps: [withSubnetEvent(), network()], provider: { name: 'Réseau des Collines' } })
  await site.signIn('staff', email)
  worker = await startWorker(site.coin, { log: { info() {}, warn() {} } })
  served = await serveWeb(site.coin, { port: 0 })
  const pools = [
    await addPool(site.coin, '198.51.100.0/24', { length: 29, quarantineDays: 90 }),
    await addPool(site.coin, '2001:db8:4000::/40', { length: 48 }),
  ]
  const member = await addMember(site.coin, { firstName: 'Amina', lastName: 'Berthier' })
  subscription = await addSubscription(site.coin, { member, offer: await addOffer(site.coin, 'fixture_tunnel', pools) })
  id = await addConfiguration(site.coin, tunnels, { login: 'aberthier-1' }, { subscription })
  await until(async () => (await text('aberthier-1')).includes('route'))
})
afterAll(async () => {
  await served.close()
  await worker.stop()
  await site.close()
  rmSync(folder, { recursive: true, force: true })
})
const text = (login: string) => readFile(path.join(folder, `${login}.conf`), 'utf8').catch(() => '')

test('form, plan, done: with a keyboard, and without scripts; what was shown is in the file', async () => {
  for (const scripts of [true, false]) {
    const { page, complaints } = await openBrowser(served.url, { scripts })
    await signIn(page, { email, password: testPassword })
    await page.goto(`/admin/subscriptions/${subscription}`)
    await page.locator('#subnets a', { hasText: 'Allocate' }).click()
    await page.locator('[name=family]').selectOption('4')
    // the first button of a form is the one that Enter presses
    await page.locator('[name=prefixLength]').press('Enter')
    expect(await page.locator('h1').textContent()).toBe('Review the change')
    const added = await page.locator('#plan-addresses + dl .addr').first().textContent()
    expect(
      await page
        .locator('pre.diff')
        .allTextContents()
        .then(all => all.join()),
    ).toContain(`+ route ${added} dev tun0`)
    expect(await text('aberthier-1')).not.toContain(String(added))
    await page.locator('button[value=apply]').click()
    await page.waitForURL(/\/admin\/subnets\/\d+$/)
    await until(async () => (await text('aberthier-1')).includes(`route ${added} dev tun0`))
    expect(complaints).toEqual([])
  }
})

test('plans are in order for the eye, the keyboard and a screen reader, in English and French', async () => {
  for (const [language, code] of [
    ['en-GB', 'en'],
    ['fr-FR', 'fr'],
  ] as const) {
    const { page, complaints } = await openBrowser(served.url, { language })
    await signIn(page, { email, password: testPassword })
    const found: string[] = []
    const review = async (name: string, start: string, fill: () => Promise<unknown>, form = 'main form') => {
      await page.goto(start)
      await fill()
      await page.locator(`${form} button[value=review]`).click()
      await page.locator('section.plan').waitFor()
      await look(page, name, code, found)
    }
    const own = `/admin/configurations/${id}`
    await review('a new subnet', `/admin/subnets/new?configurationId=${id}`, async () => {})
    await review('another login', `${own}/edit`, () => page.locator('[name=login]').fill('aberthier-2'))
    await review('a removal', `${own}/remove`, async () => {})
    await review('a suspension', `/admin/suspensions/new?subscriptionId=${subscription}`, async () => {
      await page.locator('[name=from]').fill('2031-12-01')
      await page.locator('[name=until]').fill('2031-12-31')
    })
    await review(
      'the inline',
      `/admin/subscriptions/${subscription}`,
      () => page.locator('#configuration [name=login]').fill('aberthier-3'),
      '#configuration form',
    )
    // what was shown is not so any more: of a form with a version, the form; of one without, the plan as it is now
    await site.coin.pool.query(`UPDATE configuration SET comment = $2 WHERE id = $1`, [id, code])
    await page.locator('button[value=apply]').click()
    await look(page, 'a form that is too old', code, found)
    await review('a new subnet', `/admin/subnets/new?configurationId=${id}`, async () => {})
    await site.coin.pool.query(`UPDATE configuration SET comment = 'moved' WHERE id = $1`, [id])
    await page.locator('button[value=apply]').click()
    await page.locator('.note.drift').waitFor()
    await look(page, 'a plan that has moved', code, found)
    expect([...found, ...complaints]).toEqual([])
  }
}, 120_000)
