import { textsOf } from '../accounts/form.ts'
import { t } from '../app/i18n.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { SlotRenderers } from '../app/slots.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { memberOf } from '../members/queries.ts'
import { Button, ButtonLink, Card, PostButton } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { answerCopy, formatOf } from './answer-copy.ts'
import { ErasureState } from './erasure-words.tsx'
import { askForErasure, lastErasure } from './erasures.ts'

const memberAsked = async (text: string | undefined): Promise<number> => {
  const id = Number(text)
  const member = Number.isSafeInteger(id) ? await memberOf(currentScope().db, id) : undefined
  if (!member) throw new CoinError('not_found', 'This member does not exist.')
  return id
}

/** A copy of what is held about a member, for one who asks by letter. */
export const memberCopy: View = {
  path: '/admin/members/:id{[0-9]+}/data',
  access: 'personal.export',
  async post(c) {
    const id = await memberAsked(c.req.param('id'))
    const { format } = await textsOf(c, 'format')
    return answerCopy(c, id, formatOf(format), false)
  },
}

/** Writes down that a member wants to be forgotten. */
export const memberErasure: View = {
  path: '/admin/members/:id{[0-9]+}/erasure',
  access: 'personal.erase',
  async post(c) {
    const memberId = await memberAsked(c.req.param('id'))
    const id = await c.var.coin.transaction(c.var.actor, tx => askForErasure(tx, memberId, true))
    return redirectTo(c, url('personal:decide', { id }), t('The request is written down.'))
  },
}

/** On a member's page of the back office. */
export const slots = { 'member.details': MemberData } satisfies SlotRenderers

async function MemberData({ memberId }: { memberId: number }) {
  const { actor, db } = currentScope()
  const [exports, erases] = [mayEverywhere(actor, 'personal.export'), mayEverywhere(actor, 'personal.erase')]
  if (!exports && !erases) return undefined
  const last = await lastErasure(db, memberId)
  return (
    <Card title={t('Personal data')} actions={last && <ErasureState of={last} />}>
      <div class="actions">
        {exports && (
          <form method="post" action={url('personal:memberCopy', { id: memberId })} class="row-flex">
            <Button name="format" value="html" icon="download">
              {t('Copy to read')}
            </Button>
            <Button name="format" value="json">
              {t('Copy as JSON')}
            </Button>
          </form>
        )}
        {erases &&
          (last?.state === 'asked' || last?.state === 'done' ? (
            <ButtonLink href={url('personal:decide', { id: last.id })}>{t('See the request for erasure')}</ButtonLink>
          ) : (
            <PostButton action={url('personal:memberErasure', { id: memberId })}>{t('Note a request for erasure')}</PostButton>
          ))}
      </div>
    </Card>
  )
}
