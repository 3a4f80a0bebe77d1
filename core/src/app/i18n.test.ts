import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createTranslations } from './i18n.ts'

const root = mkdtempSync(join(tmpdir(), 'coin-i18n-'))
afterAll(() => rmSync(root, { recursive: true }))
const write = (app: string, language: string, texts: object) => {
  mkdirSync(join(root, app), { recursive: true })
  writeFileSync(join(root, app, `${language}.json`), JSON.stringify(texts))
}
write('coin', 'en', { '{{count}} addresses_one': '{{count}} address', '{{count}} addresses_other': '{{count}} addresses' })
write('coin', 'fr', {
  Members: 'Membres',
  Save: 'Enregistrer',
  '{{count}} addresses_one': '{{count}} adresse',
  '{{count}} addresses_other': '{{count}} adresses',
})
write('vpn', 'fr', { Save: 'Sauver', 'Login: {{login}}.': 'Identifiant : {{login}}.' })
const translations = createTranslations(['coin', 'vpn', 'bare'].map(name => ({ name, localesFolder: join(root, name) })))
const vpn = translations.translator('fr', 'vpn')

test('an app has its own words, then the core’s, then English', () => {
  expect(translations.languages).toEqual(['en', 'fr'])
  expect([vpn('Save'), vpn('Members'), vpn('Not translated: a.b')]).toEqual(['Sauver', 'Membres', 'Not translated: a.b'])
  expect(translations.translator('fr', 'bare')('Save')).toBe('Enregistrer')
})

test('texts with dots and colons are whole, and what is filled in is left to JSX to escape', () => {
  expect(vpn('Login: {{login}}.', { login: '<b>' })).toBe('Identifiant : <b>.')
})

test('plurals and counts follow the language, other numbers are left alone', () => {
  const en = translations.translator('en', 'vpn')
  expect([0, 1, 2048].map(count => en('{{count}} addresses', { count }))).toEqual(['0 addresses', '1 address', '2,048 addresses'])
  expect([0, 1, 2048, 1_000_000].map(count => vpn('{{count}} addresses', { count }))).toEqual([
    '0 adresse',
    '1 adresse',
    '2\u202f048 adresses',
    '1\u202f000\u202f000 adresses',
  ])
  expect(en('Year {{year}}', { year: 2026 })).toBe('Year 2026')
})

test('the interface says everything in French', () => {
  const folder = join(import.meta.dirname, '../ui')
  const french = JSON.parse(readFileSync(join(folder, '../locales/fr.json'), 'utf8'))
  const texts = readdirSync(folder)
    .filter(file => /(?<!\.test)\.tsx?$/.test(file))
    .flatMap(file => [...readFileSync(join(folder, file), 'utf8').matchAll(/\bt\(\s*'((?:[^'\\]|\\.)*)'/g)].map(found => found[1] ?? ''))
  expect(texts.length).toBeGreaterThan(40)
  expect(texts.filter(text => !(text in french) && !(`${text}_other` in french))).toEqual([])
})
