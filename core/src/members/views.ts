import type { Context } from 'hono'
import { inviteMember } from '../accounts/invite.ts'
import { requireVisible } from '../admin/find.ts'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { View, Views } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { sitePath } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { memberResource } from './resource.tsx'
import { acceptMember } from './rules.ts'

const idOf = (text: string | undefined): number => {
  const id = Number(text)
  if (!Number.isSafeInteger(id)) throw new CoinError('not_found', 'This member does not exist.')
  return id
}

/** The member that is asked for, if whoever asks may change it. */
async function asked(c: Context): Promise<number> {
  const id = idOf(c.req.param('id'))
  await requireVisible(memberResource, id, c.var.coin.database.db, 'change')
  return id
}

const invite: View = {
  path: '/:id{[0-9]+}/invite',
  access: 'member.change',
  narrows: true,
  async post(c) {
    const id = await asked(c)
    const { email } = await c.var.coin.transaction(currentScope().actor, tx => inviteMember(id, tx))
    return redirectTo(c, sitePath(`/admin/members/${id}`), t('An invitation is on its way to {{email}}.', { email }))
  },
}

const accept: View = {
  path: '/:id{[0-9]+}/accept',
  access: 'member.change',
  narrows: true,
  async post(c) {
    const id = await asked(c)
    await c.var.coin.transaction(currentScope().actor, tx => acceptMember(tx, id))
    return redirectTo(c, sitePath(`/admin/members/${id}`), t('Accepted.'))
  },
}

/** What one does with a member beside changing fields. */
export const memberViews = { invite, accept } satisfies Views
