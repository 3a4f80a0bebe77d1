import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { addConfiguration, type TestWeb, testPassword, testWeb } from 'coin/testing'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type RunningWorker, startWorker } from '../../core/src/jobs/worker.ts'
import { serveWeb } from '../../core/src/web/serve.ts'
import withShelf, { boxes } from '../fixtures/apps/with-shelf/index.ts'
import { until } from '../fixtures/until.ts'
import { openBrowser, signIn } from './browser.ts'
import { look } from './look.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coin-shelf-'))
const email = 'staff@example.org'
let web: TestWeb
let worker: RunningWorker
let site: Awaited<ReturnType<typeof serveWeb>>
let url = ''
beforeAll(async () => {
  process.env.FIXTURE_FOLDER = folder
  web = await testWeb({ apps: [withShelf()] })
  await web.signIn('staff', email)
  worker = await startWorker(web.coin, { log: { info() {}, warn() {} } })
  site = await serveWeb(web.coin, { host: '127.0.0.1', port: 0 })
  url = site.url
})
afterAll(async () => {
  await site.close()
  await worker.stop()
  await web.close()
  rmSync(folder, { recursive: true, force: true })
})

const file = (name: string) => path.join(folder, name)
afterEach(() => rmSync(file('.wait'), { force: true }))
const states = async () =>
  (await web.coin.pool.query(`SELECT state FROM provisioning_state ORDER BY configuration_id`)).rows.map(({ state }) => state)
const addBox = async (login: string) => {
  const id = await addConfiguration(web.coin, boxes, { login, password: 'open sesame' })
  await until(async () => existsSync(file(`${login}.json`)))
  await until(async () => (await states()).every(state => state === 'in_sync'))
  const [row] = (await web.coin.pool.query('SELECT subscription_id AS id FROM configuration WHERE id = $1', [id])).rows
  return { id, subscription: Number(row.id) }
}
const shelf = '/admin/provisioning/fixture_shelf'
const words = async (page: Page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ')

test('without scripts: compare, see what was changed by hand, put it right, and remove what nothing explains', async () => {
  const { subscription } = await addBox('amina')
  const { page, complaints } = await openBrowser(url, { scripts: false })
  await signIn(page, { email, password: testPassword })
  await page.goto(`/admin/subscriptions/${subscription}`)
  expect(await words(page)).toContain('Shelf In sync')

  writeFileSync(file('amina.json'), JSON.stringify({ login: 'amina', password: 'guessed' }))
  writeFileSync(file('left.json'), JSON.stringify({ login: 'left', password: 'hidden' }))
  await page.goto(`/admin/subscriptions/${subscription}`)
  await page.getByRole('link', { name: 'Compare Shelf' }).click()
  expect(await words(page)).toContain('- password: ••• + password: •••')

  await web.coin.pool.query(`UPDATE provisioning_state SET since = now()`)
  await page.goto('/admin/provisioning')
  await page.getByRole('button', { name: 'Compare now Shelf' }).click()
  await until(async () => {
    await page.reload()
    return (await words(page)).includes('1 entry explained by nothing')
  })
  await until(async () => JSON.parse(readFileSync(file('amina.json'), 'utf8')).password === 'open sesame')
  await page.goto(`${shelf}/orphans`)
  expect(await words(page)).toContain('left')
  expect(await words(page)).not.toContain('hidden')
  await page.getByRole('checkbox', { name: 'Choose left' }).check()
  await page.getByRole('button', { name: 'Remove…', exact: true }).click()
  expect(await words(page)).toContain('Remove 1 entry from Shelf?')
  expect(existsSync(file('left.json'))).toBe(true)
  await page.getByRole('button', { name: 'Remove them' }).click()
  expect(await words(page)).toContain('1 entry is being removed.')
  await until(async () => !existsSync(file('left.json')))
  expect(complaints).toEqual([])
})

test('a comparison shows how far it is, and ends on the page without it being loaded again', async () => {
  await addBox('slow')
  writeFileSync(file('.wait'), '')
  const { page, complaints } = await openBrowser(url, { language: 'fr-FR' })
  await signIn(page, { email, password: testPassword })
  await page.goto('/admin/provisioning')
  await page.getByRole('button', { name: 'Comparer maintenant' }).click()
  await page.locator('progress').waitFor()
  await page.evaluate(() => Object.assign(globalThis, { same: true }))
  rmSync(file('.wait'))
  await page.locator('progress').waitFor({ state: 'detached' })
  expect(await words(page)).toContain('2 à jour')
  expect(await page.evaluate(() => 'same' in globalThis)).toBe(true)
  expect(complaints).toEqual([])
})

test('retrying in place: the card answers where it stands', async () => {
  const { id, subscription } = await addBox('retried')
  await web.coin.pool.query(
    `UPDATE provisioning_state SET state = 'failed', error = 'It was refused', attempts = 3, due_at = now() + interval '1 hour' WHERE configuration_id = $1`,
    [id],
  )
  const { page, complaints } = await openBrowser(url)
  await signIn(page, { email, password: testPassword })
  await page.goto(`/admin/subscriptions/${subscription}`)
  expect(await words(page)).toContain('It was refused')
  await page.evaluate(() => Object.assign(globalThis, { same: true }))
  const answered = page.waitForResponse(response => response.request().method() === 'GET' && response.url().endsWith(`/${subscription}`))
  await page.getByRole('button', { name: 'Retry Shelf' }).click()
  await answered
  await until(async () => (await states()).every(state => state === 'in_sync'))
  expect(await page.evaluate(() => 'same' in globalThis)).toBe(true)
  expect(complaints).toEqual([])
})

test('the pages are for everybody, with much on them', async () => {
  const { id, subscription } = await addBox('looked-at')
  await web.coin.pool.query(
    `UPDATE provisioning_state SET state = 'drifted', due_at = NULL, difference = '[{"path": "password", "from": "•••", "to": "•••"}, {"path": "route", "to": "2001:db8:4012:a00::/56 via 2001:db8:4012:a00::1 and a rather long line of text"}]' WHERE configuration_id = $1`,
    [id],
  )
  await web.coin.pool.query(`
    INSERT INTO provisioning_state (configuration_id, backend, key, state, error, attempts, due_at) VALUES (900001, 'fixture_shelf', 'uid=gone,ou=vpn,dc=isp,dc=test', 'failed', 'invalid attribute syntax', 4, now() + interval '1 hour');
    INSERT INTO provisioning_state (configuration_id, backend, key, state) VALUES (900001, 'not_installed', 'k', 'pending');
    INSERT INTO provisioning_orphan (backend, key, value, sweep_id) SELECT 'fixture_shelf', 'uid=left-' || n || ',ou=vpn,dc=isp,dc=test', '{"vpnIPv4Route": ["198.51.100.0/28"]}', 1 FROM generate_series(1, 60) AS n;
    INSERT INTO provisioning_refusal (configuration_id, message, hint) VALUES (${id}, '203.0.113.0/24 is not for boxes.', 'Give it another one.');
    INSERT INTO provisioning_sweep (backend, heal, asked_by, status, started_at, ended_at, unwanted, orphaned, listed, message) VALUES ('fixture_shelf', 'all', 'schedule', 'asks', now(), now(), 5, 50, 115, 'x')`)
  const { page, complaints } = await openBrowser(url)
  await signIn(page, { email, password: testPassword })
  const found: string[] = []
  const tails = ['', '?state=drifted', '?state=pending', '/orphans', '/sweeps', '/go-ahead', `/compare/${id}`]
  for (const at of ['/admin/provisioning', `/admin/subscriptions/${subscription}`, ...tails.map(tail => shelf + tail)]) {
    await page.goto(at)
    await look(page, at, 'en', found)
  }
  expect([...found, ...complaints]).toEqual([])
}, 120_000)
