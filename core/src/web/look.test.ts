import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contrast } from '../app/colour.ts'
import { defineConfig } from '../app/config.ts'
import { type TestWeb, testWeb } from '../testing/web.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coin-look-'))
const logo = path.join(folder, 'ours.svg')
writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>')
afterAll(() => rmSync(folder, { recursive: true }))

describe('a deployment', () => {
  let t: TestWeb
  beforeAll(async () => {
    t = await testWeb({ basePath: '/coin', provider: { name: 'Réseau du Lac', look: { accent: '#0b6b4f', logo } } })
  })
  afterAll(() => t.close())

  test('has its name, its logo and its colour, under a path of a site too', async () => {
    const page = await t.client().page('/sign-in')
    expect(page).toContain('Réseau du Lac')
    const shown = /<img src="(\/coin\/static\/coin\/provider-logo\.[0-9a-f]{8}\.svg)"/.exec(page)?.[1]
    expect(await (await t.request((shown ?? '').slice(5))).text()).toContain('M0 0h8v8z')
    const sheet = /href="(\/coin\/static\/coin\/look\.[0-9a-f]{8}\.css)"/.exec(page)?.[1]
    const styles = await (await t.request((sheet ?? '').slice(5))).text()
    const [, light, dark] = /--accent: light-dark\((#\w{6}), (#\w{6})\)/.exec(styles) ?? []
    expect(light).toBe('#0b6b4f')
    // the dark theme's colour was found, and can be read
    expect(contrast(dark ?? '', '#1b1d22')).toBeGreaterThan(4.5)
  })

  test('a browser keeps the theme that was chosen in it, and goes back to the system’s', async () => {
    const browser = t.client()
    expect(await browser.page('/sign-in')).not.toContain('data-bs-theme')
    const chosen = await browser.get('/theme/dark?next=%2Fsign-in')
    expect([chosen.status, chosen.headers.get('Location')]).toEqual([303, '/coin/sign-in'])
    expect(await browser.page('/sign-in')).toContain('data-bs-theme="dark"')
    await browser.get('/theme/system')
    expect(await browser.page('/sign-in')).not.toContain('data-bs-theme')
    expect((await browser.get('/theme/pink')).status).toBe(404)
    // nobody is sent to another site
    expect((await browser.get('/theme/light?next=https%3A%2F%2Fexample.org')).headers.get('Location')).toBe('/coin/')
  })
})

test.each([
  [{ accent: 'green' }, 'provider.look.accent: is not a colour'],
  [{ accent: '#ffff00' }, 'provider.look.accent: cannot be read on white'],
  [{ accent: '#0b6b4f', accentDark: '#0b6b4f' }, 'provider.look.accentDark: cannot be read on the dark theme'],
  [{ accentDark: '#aab0ff' }, 'provider.look.accentDark: needs an accent'],
  [{ logo: '/nowhere/logo.svg' }, 'provider.look.logo: is not a file'],
  [{ logo: '/etc/passwd' }, 'provider.look.logo: is not the name of an .svg or .png file'],
])('what cannot be looked at stops the start: %j', (look, problem) => {
  expect(defineConfig({ provider: { look }, apps: [] }).problems.join('\n')).toContain(problem)
})
