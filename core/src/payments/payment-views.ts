import { t } from '../app/i18n.ts'
import type { View } from '../app/view.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { sitePath } from '../ui/index.ts'
import { setFlash } from '../web/flash.ts'
import { allocateCreditNote, allocatePayment } from './allocate-view.tsx'
import { reallocate, takeBackAllocation } from './allocations.ts'
import { sourceOf } from './queries.ts'
import { refundView } from './refund-view.tsx'

/** Ends one allocation; back to the page of what it came from. */
const takeBack: View = {
  path: '/admin/payment-allocations/:id{[0-9]+}/take-back',
  access: 'payment.change',
  async post(c) {
    const { coin, actor } = c.var
    const id = Number(c.req.param('id'))
    const source = await sourceOf(coin.database.db, id)
    if (!source) throw new CoinError('not_found', 'This allocation was taken back already.')
    await coin.transaction(actor, (tx: Tx) => takeBackAllocation(tx, id))
    setFlash(c, { kind: 'ok', message: t('It is taken back. The next payment or invoice of this member is allocated by the rules again.') })
    return c.redirect(sitePath(source), 303)
  },
}

/** Applies the rules anew to all of a member's money; back to the payment that one came from. */
const reallocateView: View = {
  path: '/admin/members/:id{[0-9]+}/reallocate',
  access: 'payment.change',
  async post(c) {
    const { coin, actor } = c.var
    const id = Number(c.req.param('id'))
    const { payment } = await c.req.parseBody()
    await coin.transaction(actor, (tx: Tx) => reallocate(tx, id))
    setFlash(c, { kind: 'ok', message: t('The rules were applied again. What was allocated by hand stayed.') })
    return c.redirect(
      sitePath(typeof payment === 'string' && /^\d{1,15}$/.test(payment) ? `/admin/payments/${payment}` : `/admin/members/${id}`),
      303,
    )
  },
}

export const paymentViews = { allocate: allocatePayment, allocateCreditNote, refund: refundView, takeBack, reallocate: reallocateView }
