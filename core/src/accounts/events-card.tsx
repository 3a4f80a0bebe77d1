import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { Card, Timeline } from '../ui/index.ts'
import { eventWords, failures } from './event-words.ts'
import type { OwnAccount } from './own-account.ts'

interface AccountEvent extends Record<string, unknown> {
  readonly at: string
  readonly kind: string
  readonly address: string
  readonly detail: string
}

/** What happened to an account lately, so that its owner notices what was not them. */
export async function EventsCard({ account }: { account: OwnAccount }) {
  const { rows } = await currentScope().db.execute<AccountEvent>(sql`
    SELECT to_json(at) #>> '{}' AS at, kind, address, detail FROM account_event WHERE user_id = ${account.id} ORDER BY id DESC LIMIT 10`)
  return (
    <Card title={t('What happened lately')}>
      {rows.length === 0 ? (
        <p class="quiet">{t('Nothing yet')}</p>
      ) : (
        <Timeline items={rows.map(row => ({ at: row.at, text: sentence(row), ...(isFailure(row) && { mark: 'fail' as const }) }))} />
      )}
    </Card>
  )
}

const isFailure = ({ kind }: AccountEvent) => (failures as ReadonlySet<string>).has(kind)

function sentence({ kind, address, detail }: AccountEvent) {
  const whence = [detail, address].filter(Boolean).join(', ')
  return (
    <>
      {isKnown(kind) ? t(eventWords[kind].label) : kind}
      {whence && <span class="quiet"> · {whence}</span>}
    </>
  )
}

const isKnown = (kind: string): kind is keyof typeof eventWords => Object.hasOwn(eventWords, kind)
