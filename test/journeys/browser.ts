import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

/** A browser of its own, with a fresh profile. */
export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained about: scripts, the content policy, answers of 500 and above. */
  readonly complaints: readonly string[]
}

interface Options {
  /** Without: nothing but links and forms. */
  readonly scripts?: boolean
  readonly language?: 'en-GB' | 'fr-FR'
}

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Opens a browser on a site; it is closed when the test ends. */
export async function openBrowser(baseURL: string, { scripts = true, language = 'en-GB' }: Options = {}): Promise<Visitor> {
  const profile = mkdtempSync(path.join(tmpdir(), 'coin-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: flags,
    baseURL,
    locale: language,
    javaScriptEnabled: scripts,
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  })
  onTestFinished(async () => {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  })
  context.setDefaultTimeout(10_000)
  const page = context.pages()[0] ?? (await context.newPage())
  return { page, context, complaints: listen(page) }
}

function listen(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', message => {
    // the browser reports each answer of 4xx as well, and those are asked for
    if (['error', 'warning'].includes(message.type()) && !/status of 4\d\d/.test(message.text()))
      complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', error => complaints.push(`${page.url()}: ${error.message}`))
  page.on('response', response => response.status() >= 500 && complaints.push(`${response.url()}: ${response.status()}`))
  return complaints
}

/** Signs in; ends on the first page of whoever it is. */
export async function signIn(page: Page, { email, password }: { readonly email: string; readonly password: string }): Promise<void> {
  await page.goto('/sign-in')
  await page.locator('[name=email]').fill(email)
  await page.locator('[name=password]').fill(password)
  await page.locator('main form[action$="/sign-in"] button[type=submit]').click()
  await page.waitForURL(url => url.pathname !== '/sign-in')
}

/** Fills a form by the names of its fields and sends it. */
export async function fillForm(page: Page, values: Readonly<Record<string, string>>, form = 'main form'): Promise<void> {
  for (const [name, value] of Object.entries(values)) await fillField(page, `${form} [name=${name}]`, value)
  await page.locator(`${form} button[type=submit]`).last().click()
}

async function fillField(page: Page, selector: string, value: string) {
  const field = page.locator(selector)
  const kind = await field.first().evaluate(element => (element instanceof HTMLInputElement ? element.type : element.tagName.toLowerCase()))
  if (kind === 'select') await field.selectOption(await optionLike(page, selector, value))
  else if (kind === 'radio') await page.locator(`${selector}[value="${value}"]`).check()
  else await field.fill(value)
}

/** The value of the choice that is called so, or has this value. */
const optionLike = (page: Page, selector: string, wanted: string) =>
  page.locator(selector).evaluate((select, text) => {
    const options = [...(select as HTMLSelectElement).options]
    return (
      (options.find(({ value }) => value === text) ?? options.find(({ label }) => label.includes(text)))?.value ?? `no choice like ${text}`
    )
  }, wanted)
