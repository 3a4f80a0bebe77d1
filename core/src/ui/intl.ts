import { scopeIfAny } from '../app/scope.ts'

/** English here is written as in Europe: day before month, 24 hours. */
const tags: Readonly<Record<string, string>> = { en: 'en-GB' }

/** The locale of the page, as a tag for Intl. */
export const localeTag = (locale: string = scopeIfAny()?.locale ?? 'en'): string => tags[locale] ?? locale

/** The provider's time zone. */
export const timeZone = (): string => scopeIfAny()?.registry.timeZone ?? 'UTC'

/** The provider's currency. */
export const currency = (): string => scopeIfAny()?.registry.config.provider.currency ?? 'EUR'

const numbers = new Map<string, Intl.NumberFormat>()
const dates = new Map<string, Intl.DateTimeFormat>()

/** A number format; building one is slow, so each is built once. */
export function numberFormat(options: Intl.NumberFormatOptions = {}, tag: string = localeTag()): Intl.NumberFormat {
  return remembered(numbers, `${tag} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(tag, options))
}

/** A date format; building one is slow, so each is built once. */
export function dateFormat(options: Intl.DateTimeFormatOptions, tag: string = localeTag()): Intl.DateTimeFormat {
  return remembered(dates, `${tag} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(tag, options))
}

function remembered<V>(map: Map<string, V>, key: string, build: () => V): V {
  const known = map.get(key)
  if (known) return known
  const built = build()
  map.set(key, built)
  return built
}
