import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createInstance, type Resource, type TFunction } from 'i18next'
import { scopeIfAny } from './scope.ts'

/** Says an English text in one language. Numbers in `{{count}}` are written as the language does. */
export type Translate = (text: string, params?: Readonly<Record<string, unknown>>) => string

/** Where an app keeps its `<language>.json` files. */
export interface TranslationSource {
  readonly name: string
  readonly localesFolder: string
  /** One of Coin's own apps: the others find its texts as well. */
  readonly shared?: boolean
}

/** All translations, one namespace per app, read once at start-up. */
export interface Translations {
  /** Sorted; English is always there, because the texts themselves are English. */
  readonly languages: readonly string[]
  translator(locale: string, app: string): Translate
}

const core = 'coin'

/** Reads the `locales/` of each app. What an app lacks is looked for in the core's, then said in English. */
export function createTranslations(apps: readonly TranslationSource[]): Translations {
  const resources: Resource = {}
  for (const app of apps) {
    for (const { language, texts } of readLocales(app.localesFolder)) {
      const all = withAllPlurals(texts, language)
      const known = resources[language] ?? {}
      resources[language] = { ...known, ...(app.shared && { [core]: { ...all, ...asTexts(known[core]) } }), [app.name]: all }
    }
  }
  const languages = [...new Set(['en', ...Object.keys(resources)])].sort()
  const instance = createInstance({
    lng: 'en',
    fallbackLng: 'en',
    resources,
    ns: [...new Set([core, ...apps.map(app => app.name)])],
    defaultNS: core,
    fallbackNS: core,
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    returnEmptyString: false,
    interpolation: { escapeValue: false },
  })
  void instance.init()
  const known = new Map<string, Map<string, Translate>>()
  return {
    languages,
    translator(locale, app) {
      const found = known.get(locale)?.get(app)
      if (found) return found
      const translate = translatorOf(instance.getFixedT(locale, app), locale)
      known.set(locale, (known.get(locale) ?? new Map()).set(app, translate))
      return translate
    },
  }
}

/** Says a text in the language of the current scope; outside of one, in English. */
export const t: Translate = (text, params) => {
  const scope = scopeIfAny()
  return scope
    ? scope.registry.translations.translator(scope.locale, scope.app)(text, params)
    : english.translator('en', core)(text, params)
}

const coreLocales = fileURLToPath(new URL('../locales/', import.meta.url))
const english = createTranslations([{ name: core, localesFolder: coreLocales }])

function readLocales(folder: string): { language: string; texts: Record<string, string> }[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(file => file.endsWith('.json'))
    .map(file => ({ language: file.slice(0, -'.json'.length), texts: JSON.parse(readFileSync(join(folder, file), 'utf8')) }))
}

const asTexts = (texts: unknown): Record<string, string> => (texts ?? {}) as Record<string, string>

/** A language may have more plurals than a translator wrote, such as the French one of millions: they say the same as `_other`. */
function withAllPlurals(texts: Readonly<Record<string, string>>, language: string): Record<string, string> {
  const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories
  const others = Object.entries(texts).filter(([key]) => key.endsWith('_other'))
  const filled = others.flatMap(([key, text]) => categories.map(category => [key.replace(/other$/, category), text] as const))
  return { ...Object.fromEntries(filled), ...texts }
}

/** Looks each text up once in each plural: a page says some hundred, and looking them up took longer than anything else it did. */
function translatorOf(look: TFunction, locale: string): Translate {
  const plurals = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  const known = new Map<string, string>()
  return (text, params) => {
    const count = typeof params?.count === 'number' ? params.count : undefined
    const key = count === undefined ? text : `${count === 0 ? 'zero' : plurals.select(count)} ${text}`
    let said = known.get(key)
    if (said === undefined) {
      said = String(look(text, { skipInterpolation: true, ...(count !== undefined && { count }) }))
      // texts are the program's own, but one that is made of what somebody typed must not fill the memory
      if (known.size < mostTexts) known.set(key, said)
    }
    return params ? filled(said, params, numbers) : said
  }
}

// what stands between the placeholders, and their names, in turn
const parts = new Map<string, readonly string[]>()

/** A text with its placeholders filled in. It is taken to pieces once: a list says some for every row. */
function filled(said: string, params: Readonly<Record<string, unknown>>, numbers: Intl.NumberFormat): string {
  let known = parts.get(said)
  if (!known) {
    known = said.split(placeholder)
    if (parts.size < mostTexts) parts.set(said, known)
  }
  return known.reduce((text, part, index) => text + (index % 2 === 0 ? part : written(part, params[part], numbers)), '')
}

const mostTexts = 10_000
const placeholder = /\{\{\s*(\w+)\s*\}\}/g

/** Only the count is a quantity, written as the language does: an id or a year given as a number keeps its figures. */
const written = (name: string, value: unknown, numbers: Intl.NumberFormat) =>
  name === 'count' && typeof value === 'number' ? numbers.format(value) : String(value ?? '')
