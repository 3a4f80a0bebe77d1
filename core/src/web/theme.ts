import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Theme } from '../app/scope.ts'
import { currentScope } from '../app/scope.ts'
import { CoinError } from '../errors.ts'
import { cookieOptions } from './flash.ts'
import { localPath } from './local-path.ts'

const cookie = 'coin.theme'
const year = 365 * 24 * 60 * 60

/** Light or dark when this browser chose one; otherwise the system decides. */
export function themeOf(c: Context): Theme | undefined {
  const chosen = getCookie(c, cookie)
  return chosen === 'light' || chosen === 'dark' ? chosen : undefined
}

/** Remembers in this browser how pages look, `light`, `dark` or as the `system`, and goes back to where one was. */
export function chooseTheme(c: Context): Response {
  const chosen = c.req.param('theme') ?? ''
  if (!['light', 'dark', 'system'].includes(chosen)) throw new CoinError('not_found', 'Pages are light, dark, or as the system is.')
  setCookie(c, cookie, chosen, { ...cookieOptions(c), maxAge: chosen === 'system' ? 0 : year })
  return c.redirect(currentScope().basePath + (localPath(c.req.query('next')) ?? '/'), 303)
}
