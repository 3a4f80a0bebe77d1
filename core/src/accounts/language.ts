import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'
import { currentScope } from '../app/scope.ts'
import { CoinError } from '../errors.ts'
import { cookieOptions } from '../web/flash.ts'
import { localPath } from '../web/local-path.ts'
import { languageCookie } from '../web/locale.ts'

const year = 365 * 24 * 60 * 60

/** Remembers the language in this browser and goes back to where one was. */
export function chooseLanguage(c: Context): Response {
  const { registry, basePath } = currentScope()
  const language = c.req.param('language') ?? ''
  if (!registry.translations.languages.includes(language)) throw new CoinError('not_found', 'This site does not speak that language.')
  setCookie(c, languageCookie, language, { ...cookieOptions(c), maxAge: year })
  return c.redirect(basePath + (localPath(c.req.query('next')) ?? '/'), 303)
}
