import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import type { Actor } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { Tx } from '../db/database.ts'
import { CoinError, type FieldError } from '../errors.ts'
import { Card, errorOf, Facts, Field, Form, Moment, Page, PostButton, Stack, Table } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { refusalOf, statusAfter } from './answers.ts'
import { authOf, callAuth, passCookies } from './auth-of.ts'
import { browserName } from './browser-name.ts'
import { textsOf } from './form.ts'
import { forgetLinks } from './links.ts'
import { passwordWords } from './password-words.ts'
import { shortestPassword } from './rules.ts'

interface OwnSession extends Record<string, unknown> {
  readonly id: string
  readonly ip_address: string | null
  readonly user_agent: string | null
  readonly updated_at: string
}

export const showAccount = async (c: Context) => <AccountPage {...(await accountOf(c))} />

const words: Readonly<Record<string, FieldError>> = {
  ...passwordWords('newPassword'),
  INVALID_PASSWORD: { field: 'currentPassword', message: 'This is not your password.' },
}

/** Changes the password; the other sessions end. */
export async function changePassword(c: Context) {
  const { currentPassword, newPassword } = await textsOf(c, 'currentPassword', 'newPassword')
  const answer = await callAuth(c, '/change-password', { currentPassword, newPassword, revokeOtherSessions: true })
  const refusal = await refusalOf(answer, words, { field: 'currentPassword', message: 'The password cannot be changed.' })
  if (refusal) return c.html(<AccountPage {...(await accountOf(c))} errors={[refusal]} />, statusAfter(answer))
  passCookies(c, answer)
  await forgetLinks(c.var.coin.database.db, c.var.actor.userId ?? '')
  return redirectTo(c, url('accounts:account'), t('The password is changed. Other browsers must sign in again.'))
}

/** Ends a session of one's own. */
export async function endSession(c: Context) {
  const { coin, actor } = c.var
  const ended = await coin.transaction(actor, tx =>
    tx.execute(sql`DELETE FROM auth.session WHERE id = ${c.req.param('session') ?? ''} AND user_id = ${actor.userId ?? ''}`),
  )
  if (ended.rowCount === 0) throw new CoinError('not_found', 'This session has ended already.')
  return redirectTo(c, url('accounts:account'), t('The session is ended.'))
}

interface Account {
  readonly email: string
  readonly name: string
  readonly sessions: readonly OwnSession[]
  /** The one that asks. */
  readonly current: string
}

async function accountOf(c: Context): Promise<Account> {
  const { coin, actor, secure } = c.var
  const auth = await authOf(coin, secure)
  const found = await auth.api.getSession({ headers: c.req.raw.headers })
  if (!found) throw new CoinError('not_signed_in', 'You are not signed in.', { hint: 'Sign in, then try again.' })
  return { email: found.user.email, name: found.user.name, current: found.session.id, sessions: await sessionsOf(actor, coin.database.db) }
}

async function sessionsOf(actor: Actor, db: Tx): Promise<readonly OwnSession[]> {
  const { rows } = await db.execute<OwnSession>(sql`
    SELECT id, ip_address, user_agent, to_json(updated_at)::text AS updated_at FROM auth.session
    WHERE user_id = ${actor.userId ?? ''} AND expires_at > now() ORDER BY updated_at DESC LIMIT 50`)
  return rows.map(row => ({ ...row, updated_at: String(JSON.parse(row.updated_at)) }))
}

const AccountPage = ({ email, name, sessions, current, errors = [] }: Account & { errors?: readonly FieldError[] }) => (
  <Page title={t('My account')} errors={errors}>
    <Stack>
      <Card title={t('Account')}>
        <Facts
          items={[
            { label: t('Name'), value: name },
            { label: t('E-mail address'), value: email },
          ]}
        />
      </Card>
      <Card title={t('Change the password')} body={false}>
        <Form action={url('accounts:password')} submit={t('Change the password')} frame="card-body">
          <Field
            name="currentPassword"
            kind="password"
            label={t('Present password')}
            autocomplete="current-password"
            error={errorOf(errors, 'currentPassword')}
          />
          <Field
            name="newPassword"
            kind="password"
            label={t('New password')}
            hint={t('At least {{count}} characters.', { count: shortestPassword })}
            autocomplete="new-password"
            error={errorOf(errors, 'newPassword')}
          />
        </Form>
      </Card>
      <Card title={t('Where you are signed in')} body={false}>
        <Table
          caption={t('Sessions, the last used first')}
          rows={sessions}
          columns={[
            { key: 'browser', label: t('Browser'), render: row => browserName(row.user_agent ?? ''), sub: row => row.ip_address ?? '' },
            { key: 'used', label: t('Last used'), render: row => <Moment at={row.updated_at} /> },
            {
              key: 'end',
              label: t('End'),
              unlabelled: true,
              align: 'end',
              render: row => <EndButton id={row.id} current={row.id === current} />,
            },
          ]}
        />
      </Card>
    </Stack>
  </Page>
)

const EndButton = ({ id, current }: { id: string; current: boolean }) =>
  current ? (
    <span class="quiet">{t('This one')}</span>
  ) : (
    <PostButton action={url('accounts:endSession', { session: id })} small>
      {t('End')}
    </PostButton>
  )
