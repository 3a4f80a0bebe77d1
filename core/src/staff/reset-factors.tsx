import { resetSecondFactor } from '../accounts/reset-factors.ts'
import type { Context } from '../app/html.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { PostButton } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { requireRolesCovered } from './giving.ts'
import { type Person, personNamed } from './queries.ts'

/** Takes away a second factor and passkeys that somebody has lost; nobody does so to whoever may do more than they. */
export const resetFactorsView: View = {
  path: '/admin/staff/account/:id/reset-factors',
  access: 'account.reset',
  async post(c: Context) {
    const person = await personNamed(currentScope().db, c.req.param('id') ?? '')
    if (!person) throw new CoinError('not_found', 'There is no such account.')
    await c.var.coin.transaction(c.var.actor, async tx => {
      await requireRolesCovered(
        tx,
        c.var.actor,
        person.roles.map(({ id }) => id),
      )
      await resetSecondFactor(tx, person.id)
    })
    return redirectTo(c, url('staff:user', { id: person.id }), t('The second factor is gone, and the sessions ended. A mail says so.'))
  },
}

/** The button for it. */
export const ResetFactorsButton = ({ person }: { person: Person }) => (
  <PostButton action={url('staff:resetFactors', { id: person.id })} icon="unlink">
    {t('Take the second factor away')}
  </PostButton>
)
