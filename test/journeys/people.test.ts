import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pools } from '../../apps/vpn/fixture.ts'
import vpnApp from '../../apps/vpn/index.tsx'
import { addOffer, type TestWeb, testPassword, testWeb } from '../../core/src/testing/index.ts'
import { type Serving, serveWeb } from '../../core/src/web/serve.ts'
import { until } from '../fixtures/until.ts'
import { fillForm, openBrowser, signIn } from './browser.ts'
import { look } from './look.ts'

const office = 'office@example.org'
const ca = '-----BEGIN CERTIFICATE-----\nMIIBtest\n-----END CERTIFICATE-----'

let t: TestWeb
let site: Serving
let offer: number
beforeAll(async () => {
  const server = { remotes: [{ host: 'vpn.example.net' }], ca }
  t = await testWeb({
    provider: { name: 'Réseau des Collines' },
    settings: { members: { signUp: 'open' }, requests: { terms: 'https://example.org/statutes' } },
    apps: [vpnApp({ server })],
  })
  offer = await addOffer(t.coin, 'vpn', await pools(t.coin))
  await t.signIn('staff', office)
  site = await serveWeb(t.coin, { port: 0, publicUrl: undefined })
})
afterAll(async () => {
  await site.close()
  await t.close()
})

/** The link in the newest mail to somebody. */
async function linkTo(address: string, page: string): Promise<string> {
  const { rows } = await t.coin.pool.query<{ body: string }>('SELECT body FROM coin.mail WHERE recipient = $1 ORDER BY id DESC', [address])
  const link = rows.map(({ body }) => new RegExp(`/${page}\\?token=\\S+`).exec(body)?.[0]).find(Boolean)
  if (!link) throw new Error(`No mail to ${address} has a link to ${page}`)
  return link
}

test.each([true, false])('somebody signs up, is accepted, and connects, with scripts: %s', async scripts => {
  const found: string[] = []
  const seen = async (page: Page, language = 'fr') => {
    if (scripts) await look(page, new URL(page.url()).pathname, language, found)
  }
  const email = scripts ? 'luc@example.org' : 'lise@example.org'
  const visitor = await openBrowser(site.url, { language: 'fr-FR', scripts })
  const person = visitor.page
  await person.goto('/sign-in')
  await person.locator('a[href="/sign-up"]').click()
  await fillForm(person, { lastName: '', email: 'no address' })
  // everything that is missing is said at once, and what was typed is kept
  expect(await person.locator('[aria-invalid]').count()).toBe(3)
  expect(await person.locator('[name=email]').inputValue()).toBe('no address')
  await seen(person)
  await person.locator('[name=agreed]').check()
  await fillForm(person, { firstName: 'Luc', lastName: scripts ? 'Tessier' : 'Perrin', email, city: 'Crest', offerId: String(offer) })
  await seen(person)
  await person.goto(await linkTo(email, 'sign-up/confirm'))
  await person.locator('main form button[type=submit]').click()
  await person.waitForURL('**/sign-up/confirmed')

  const staff = await openBrowser(site.url, { scripts })
  const desk = staff.page
  await signIn(desk, { email: office, password: testPassword })
  await desk.goto('/admin/requests')
  await desk.locator('tbody th a').first().click()
  await seen(desk, 'en')
  await desk.getByRole('link', { name: 'Accept', exact: true }).first().click()
  await desk.locator('main form button', { hasText: 'Review the change' }).click()
  await seen(desk, 'en')
  await desk.locator('.card.plan').waitFor()
  await desk.locator('main button', { hasText: 'Accept' }).last().click()
  await desk.locator('.flash.ok').waitFor()
  const { rows } = await t.coin.pool.query<{ id: string; subscription: string }>(
    'SELECT m.id, s.id AS subscription FROM member m JOIN subscription s ON s.member_id = m.id WHERE m.email = $1',
    [email],
  )
  await desk.goto(`/admin/subscriptions/${rows[0]?.subscription}`)
  await desk.getByRole('link', { name: 'Configure it' }).click()
  await desk.locator('main form button[type=submit]').last().click()
  await desk.locator('.flash.ok').waitFor()

  await person.goto(await linkTo(email, 'reset'))
  await fillForm(person, { password: 'agile green rabbit' })
  await signIn(person, { email, password: 'agile green rabbit' })
  await seen(person)
  await person.goto('/vpn')
  await person.locator('#connect form button').click()
  await person.locator('#connect code.secret').waitFor()
  expect(await person.locator('main').innerText()).toContain('198.18.')
  await seen(person)
  expect([...found, ...visitor.complaints, ...staff.complaints]).toEqual([])
})

/** A file of 500 members; with the mistakes that people make in such files. */
function fileOf(stem: string, mistaken: boolean): string {
  const rows = Array.from({ length: 500 }, (_, index) => ({
    lastName: `${stem} ${index}`,
    email: `${stem.toLowerCase()}${index}@example.org`,
    joinedOn: '01/02/2024',
    status: 'member',
    country: 'FR',
  }))
  if (mistaken) {
    Object.assign(rows[9] ?? {}, { email: 'no address' })
    Object.assign(rows[99] ?? {}, { joinedOn: '31/11/2024' })
    Object.assign(rows[199] ?? {}, { lastName: '' })
    Object.assign(rows[299] ?? {}, { status: 'friend' })
    Object.assign(rows[499] ?? {}, { country: 'Frankreich' })
  }
  return ['Last name;E-mail address;Member since;Status;Country', ...rows.map(row => Object.values(row).join(';'))].join('\r\n')
}

test.each([true, false])(
  'staff import 500 members with mistakes in the file, mend it, and import it again, with scripts: %s',
  async scripts => {
    const found: string[] = []
    const stem = scripts ? 'Vallon' : 'Crête'
    const { page, complaints } = await openBrowser(site.url, { scripts })
    await signIn(page, { email: office, password: testPassword })
    const send = async (mistaken: boolean) => {
      await page.goto('/admin/members')
      await page.getByRole('link', { name: 'Import' }).click()
      // as a spreadsheet saves it
      const buffer = Buffer.from(fileOf(stem, mistaken), 'latin1')
      await page.locator('[name=file]').setInputFiles({ name: 'members.csv', mimeType: 'text/csv', buffer })
      await page.locator('main form button[type=submit]').click()
      await page.waitForURL(/\/admin\/import\/\d+$/)
      if (scripts) await look(page, 'import', 'en', found)
    }
    const members = async () =>
      (await t.coin.pool.query('SELECT count(*)::int AS n FROM member WHERE last_name LIKE $1', [`${stem} %`])).rows[0]?.n

    await send(true)
    const mistakes = await page.locator('tbody tr').allInnerTexts()
    // each with its line, its field, and what to do
    for (const [line, field] of [
      ['11', 'E-mail address'],
      ['101', 'Member since'],
      ['201', 'Last name'],
      ['301', 'Status'],
      ['501', 'Country'],
    ])
      expect(mistakes.map(text => text.split(/\s*[\t\n]\s*/)).find(([first]) => first === line)?.[1], line).toBe(field)
    expect(await members()).toBe(0)

    await send(false)
    await page
      .locator('main button', { hasText: /Import/ })
      .first()
      .click()
    await page.getByText(/500/).first().waitFor()
    await until(async () => (await members()) === 500)
    await send(false)
    expect(await page.locator('main').innerText()).toMatch(/nothing to import/)
    expect(await members()).toBe(500)
    expect([...found, ...complaints]).toEqual([])
  },
)
