import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { CoinError } from '../errors.ts'
import { redirectTo } from '../web/reply.ts'
import { sendShown } from './send.ts'
import { declineProposed, suspendProposed } from './suspensions.ts'

/** Sends what was chosen of the preview, as it was shown there; what has changed meanwhile is shown again. */
export const sendView: View = {
  path: '/admin/reminders/send',
  access: 'reminder.send',
  async post(c) {
    const { shown } = await c.req.parseBody({ all: true })
    const texts = [shown ?? []].flat().map(String)
    if (texts.some(text => !/^\d{1,15}:[0-9a-f]{32}$/.test(text)))
      throw new CoinError('invalid', 'What was sent cannot be read.', { hint: 'Open the page again and send it from there.' })
    if (texts.length === 0) return redirectTo(c, url('reminders:preview'), t('Choose who is to be reminded.'), 'fail')
    const wanted = new Map(texts.map(text => [Number(text.split(':')[0]), text.split(':')[1] ?? '']))
    const { sent, changed } = await c.var.coin.transaction(c.var.actor, tx => sendShown(tx, wanted))
    const words = t('{{count}} reminders are on their way.', { count: sent.length })
    return redirectTo(c, url('reminders:preview', changed.length > 0 ? { changed: changed.join(',') } : {}), words)
  },
}

/** A person agrees to a suspension that a reminder proposes. */
export const suspendView: View = {
  path: '/admin/reminders/suspensions/:id{[0-9]+}/suspend',
  access: 'reminder.send',
  async post(c) {
    const id = idIn(c.req.param('id'))
    const done = await c.var.coin.transaction(c.var.actor, tx => suspendProposed(tx, sql`w.id = ${id}`))
    return done > 0
      ? redirectTo(c, url('reminders:preview'), t('The subscription is suspended from today.'))
      : redirectTo(c, url('reminders:preview'), t('It was suspended, paid or declined meanwhile.'), 'fail')
  },
}

/** A person leaves the subscription on. */
export const declineView: View = {
  path: '/admin/reminders/suspensions/:id{[0-9]+}/decline',
  access: 'reminder.send',
  async post(c) {
    await c.var.coin.transaction(c.var.actor, tx => declineProposed(tx, idIn(c.req.param('id'))))
    return redirectTo(c, url('reminders:preview'), t('The subscription stays on. It is not proposed again for these invoices.'))
  },
}

export function idIn(text: string | undefined): number {
  const id = Number(text)
  if (!Number.isSafeInteger(id)) throw new CoinError('not_found', 'This is not there any more.')
  return id
}
