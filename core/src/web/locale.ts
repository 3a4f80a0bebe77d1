import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { Registry } from '../app/registry.ts'

export const languageCookie = 'coin.language'

/** The language of the answer: what was chosen, what the user's account says, what the browser prefers, the provider's. */
export function localeOf(c: Context, registry: Registry, ofUser = ''): string {
  const known = registry.translations.languages
  const candidates = [getCookie(c, languageCookie), ofUser, ...preferred(c.req.header('accept-language') ?? '')]
  return candidates.find(candidate => candidate !== undefined && known.includes(candidate)) ?? registry.config.provider.language
}

function preferred(header: string): string[] {
  return header
    .slice(0, 300)
    .split(',')
    .map(part => {
      const [tag = '', ...options] = part.trim().split(';')
      const quality = options.map(option => /^\s*q=([\d.]+)/.exec(option)?.[1]).find(Boolean)
      return { language: tag.trim().toLowerCase().split('-')[0] ?? '', quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ language }) => language)
}
