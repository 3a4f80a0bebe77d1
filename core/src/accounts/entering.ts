import type { Context } from 'hono'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { localPath } from '../web/local-path.ts'
import { redirectTo } from '../web/reply.ts'
import { passCookies } from './auth-of.ts'

/** Where somebody goes who has signed in: where they wanted to, else to their first page. */
export const afterSignIn = (next: string | undefined, roles: readonly string[]): string =>
  currentScope().basePath + (localPath(next) ?? (roles.includes('staff') ? '/admin' : '/'))

/** Answers a sign-in that a code has to follow. */
export function askForCode(c: Context, answer: Response, next: string | undefined): Response {
  passCookies(c, answer)
  return redirectTo(c, url('accounts:signInCode', withNext(next)))
}

/** The page that was asked for, as it goes along through the pages of the sign-in. */
export function withNext(next: string | undefined): Readonly<Record<string, string>> {
  const path = localPath(next)
  return path === undefined ? {} : { next: path }
}
