import type { Context } from 'hono'
import { allows } from '../app/access.ts'
import { currentScope } from '../app/scope.ts'
import type { Access } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { wantsPage } from './wants.ts'

/**
 * Undefined when whoever asks may go on; with `narrowed`, also with a permission for some offers or groups only. Somebody who has not signed in is sent to do so and comes back; for what is not a page
 * to look at, and for somebody signed in without the right, it throws.
 */
export function requireAccess(c: Context, access: Access, narrowed = false): Response | undefined {
  const { actor, basePath, path } = currentScope()
  if (allows(access, actor, narrowed)) return undefined
  if (actor.kind !== 'nobody')
    throw new CoinError('forbidden', 'You may not open this page.', { hint: 'Ask somebody who works for the provider.' })
  if (actor.signingIn) {
    if (wantsPage(c)) return c.redirect(`${basePath}/account/second-factor`, 302)
    throw new CoinError('forbidden', 'Your account needs a second factor.', { hint: 'Set it up first, on the page Two factors.' })
  }
  if (!wantsPage(c)) throw new CoinError('not_signed_in', 'You are not signed in.', { hint: 'Sign in, then try again.' })
  const { search } = new URL(c.req.url)
  const here = path + search
  return c.redirect(here === '/' ? `${basePath}/sign-in` : `${basePath}/sign-in?next=${encodeURIComponent(here)}`, 302)
}
