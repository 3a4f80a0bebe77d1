import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { Card, CardBody, Moment, PostButton, Table } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { recordAccountEvent } from './account-events.ts'
import { browserName } from './browser-name.ts'
import { type OwnAccount, ownAccount } from './own-account.ts'

interface OwnSession extends Record<string, unknown> {
  readonly id: string
  readonly address: string
  readonly browser: string
  readonly since: string
  readonly seen: string
}

/** Ends a session of one's own. */
export async function endSession(c: Context) {
  const { coin, actor, address } = c.var
  const userId = actor.userId ?? ''
  await coin.transaction(actor, async tx => {
    const { rows } = await tx.execute<{ browser: string | null }>(
      sql`DELETE FROM auth.session WHERE id = ${c.req.param('session') ?? ''} AND user_id = ${userId} RETURNING user_agent AS browser`,
    )
    if (!rows[0]) throw new CoinError('not_found', 'This session has ended already.')
    await recordAccountEvent(tx, userId, 'session_ended', { address, detail: browserName(rows[0].browser ?? '') })
  })
  return redirectTo(c, url('accounts:account'), t('The session is ended.'))
}

/** Ends all sessions of one's own but the one that asks. */
export async function endOtherSessions(c: Context) {
  const { coin, actor, address } = c.var
  const { id, session } = await ownAccount(c)
  await coin.transaction(actor, async tx => {
    const ended = await tx.execute(sql`DELETE FROM auth.session WHERE user_id = ${id} AND id <> ${session}`)
    if (ended.rowCount) await recordAccountEvent(tx, id, 'sessions_ended', { address })
  })
  return redirectTo(c, url('accounts:account'), t('Other browsers must sign in again.'))
}

/** Where somebody is signed in, and what ends it. */
export async function SessionsCard({ account }: { account: OwnAccount }) {
  const sessions = await sessionsOf(account.id, currentScope().db)
  return (
    <Card title={t('Where you are signed in')} body={false}>
      <Table
        caption={t('Sessions, the last used first')}
        rows={sessions}
        columns={[
          { key: 'browser', label: t('Browser'), render: row => browserName(row.browser), sub: row => row.address },
          { key: 'since', label: t('Since'), wide: true, render: row => <Moment at={row.since} /> },
          { key: 'seen', label: t('Last used'), render: row => <Moment at={row.seen} /> },
          {
            key: 'end',
            label: t('End'),
            unlabelled: true,
            align: 'end',
            render: row => <EndButton id={row.id} current={row.id === account.session} />,
          },
        ]}
      />
      {sessions.length > 1 && (
        <CardBody>
          <PostButton action={url('accounts:endOtherSessions')}>{t('End all others')}</PostButton>
        </CardBody>
      )}
    </Card>
  )
}

async function sessionsOf(userId: string, db: Tx): Promise<readonly OwnSession[]> {
  const { rows } = await db.execute<OwnSession>(sql`
    SELECT id, coalesce(ip_address, '') AS address, coalesce(user_agent, '') AS browser, to_json(created_at) #>> '{}' AS since,
      to_json(updated_at) #>> '{}' AS seen FROM auth.session
    WHERE user_id = ${userId} AND expires_at > now() ORDER BY updated_at DESC LIMIT 50`)
  return rows
}

const EndButton = ({ id, current }: { id: string; current: boolean }) =>
  current ? (
    <span class="quiet">{t('This one')}</span>
  ) : (
    <PostButton action={url('accounts:endSession', { session: id })} small>
      {t('End')}
    </PostButton>
  )
