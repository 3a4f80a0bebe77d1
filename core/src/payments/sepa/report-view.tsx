import { t } from '../../app/i18n.ts'
import type { View } from '../../app/view.ts'
import { redirectTo } from '../../web/reply.ts'
import { showDebits } from './debits-page.tsx'
import { debitsPath } from './paths.ts'
import { applyReport } from './report.ts'

const megabytes = 16

/** Takes the bank's answer to a file. */
export const reportView: View = {
  path: '/admin/direct-debits/report',
  access: 'direct_debit.manage',
  largestBody: (megabytes + 1) * 1024 * 1024,
  async post(c) {
    const { file } = await c.req.parseBody()
    if (!(file instanceof File) || file.size === 0) {
      c.status(422)
      return showDebits(c, [{ field: 'file', message: 'Choose a file that is not empty.' }])
    }
    const bytes = new Uint8Array(await file.arrayBuffer())
    const done = await c.var.coin.transaction(c.var.actor, tx => applyReport(tx, bytes))
    if ('problems' in done) {
      c.status(422)
      return showDebits(
        c,
        done.problems.slice(0, 20).map(({ message, values }) => ({ field: 'file', message, ...(values && { values }) })),
      )
    }
    const { returned, known, accepted, unknown } = done
    const said = [
      t('{{count}} direct debits are returned.', { count: returned }),
      known > 0 && t('{{count}} were returned before.', { count: known }),
      accepted > 0 && t('{{count}} are accepted.', { count: accepted }),
      unknown > 0 && t('{{count}} are not ours.', { count: unknown }),
    ]
    return redirectTo(c, debitsPath(), said.filter(Boolean).join(' '), unknown > 0 ? 'fail' : 'ok')
  },
}
