import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { sendMails } from '../system/mail.ts'
import { formatDateTime, sitePath } from '../ui/index.ts'
import { publicOrigin } from '../web/origin.ts'
import { kindLabel } from './kinds.ts'
import { answeringAddresses } from './people.ts'
import type { RequestRow } from './tables.ts'

/** What a member did that staff hear of. */
export type Heard = 'asked' | 'replied' | 'withdrawn'

/** Tells staff at once, unless they want it once a day or not at all. In the provider's language. */
export async function tellStaff(tx: Tx, request: RequestRow, heard: Heard, message: string): Promise<void> {
  if (currentScope().registry.config.requests.tell !== 'each') return
  await mailStaff(tx, () => {
    const values = { asker: request.asker, request: kindLabel(request.kind) }
    return {
      subject: subjects[heard](values),
      text: [...(message.trim() ? [message.trim()] : []), `${publicOrigin()}${sitePath(`/admin/requests/${request.id}`)}`].join('\n\n'),
    }
  })
}

/** One mail with every request that nobody has answered, the oldest first; none when there are none. */
export async function mailDigest(tx: Tx): Promise<void> {
  const { rows } = await tx.execute<{ kind: string; asker: string; since: string }>(
    sql`SELECT kind, asker, to_json(opened_at) #>> '{}' AS since FROM request WHERE state = 'open' ORDER BY queue LIMIT 100`,
  )
  if (rows.length === 0) return
  await mailStaff(tx, () => ({
    subject: t('{{count}} requests wait for an answer', { count: rows.length }),
    text: [
      rows.map(({ kind, asker, since }) => `– ${formatDateTime(since)}: ${kindLabel(kind)}, ${asker}`).join('\n'),
      publicOrigin() + sitePath('/admin/requests?view=open'),
    ].join('\n\n'),
  }))
}

const subjects: Readonly<Record<Heard, (values: Readonly<Record<string, string>>) => string>> = {
  asked: values => t('{{request}}: {{asker}} asks', values),
  replied: values => t('{{request}}: {{asker}} has written', values),
  withdrawn: values => t('{{request}}: {{asker}} does not want it any more', values),
}

async function mailStaff(tx: Tx, write: () => { readonly subject: string; readonly text: string }): Promise<void> {
  const { config } = currentScope().registry
  const to = config.requests.tellTo ?? (await answeringAddresses(tx))
  const language = config.provider.language
  await withinScope({ locale: language, app: 'request' }, () =>
    sendMails(
      tx,
      to.map(address => ({ to: address, language, ...write() })),
    ),
  )
}
