import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { View } from '../app/view.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { redirectTo } from '../web/reply.ts'

/** Has the whole log verified by a job; a long one takes minutes. */
export const verifyView: View = {
  path: '/admin/audit/verify',
  access: 'audit.view',
  async post(c) {
    await c.var.coin.transaction(c.var.actor, tx => enqueue(tx, 'audit:verify', {}, { key: 'now' }))
    return redirectTo(c, url('audit:log'), t('The log is being verified. Load this page again in a moment.'))
  },
}
