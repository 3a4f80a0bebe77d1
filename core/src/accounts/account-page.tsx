import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { ButtonLink, Card, errorOf, Facts, Field, Form, Note, Page, Stack, State } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { recordFor } from './account-events.ts'
import { refusalOf, statusAfter } from './answers.ts'
import { callAuth, passCookies } from './auth-of.ts'
import { EventsCard } from './events-card.tsx'
import { textsOf } from './form.ts'
import { forgetLinks } from './links.ts'
import { type OwnAccount, ownAccount } from './own-account.ts'
import { passwordWords } from './password-words.ts'
import { shortestPassword } from './rules.ts'
import { SessionsCard } from './sessions-card.tsx'

export const showAccount = async (c: Context) => <AccountPage account={await ownAccount(c)} />

const words: Readonly<Record<string, FieldError>> = {
  ...passwordWords('newPassword'),
  INVALID_PASSWORD: { field: 'currentPassword', message: 'This is not your password.' },
}

/** Changes the password; the other sessions end. */
export async function changePassword(c: Context) {
  const { currentPassword, newPassword } = await textsOf(c, 'currentPassword', 'newPassword')
  const account = await ownAccount(c)
  const answer = await callAuth(c, '/change-password', { body: { currentPassword, newPassword, revokeOtherSessions: true } })
  const refusal = await refusalOf(answer, words, { field: 'currentPassword', message: 'The password cannot be changed.' })
  if (refusal) return c.html(<AccountPage account={account} errors={[refusal]} />, statusAfter(answer))
  passCookies(c, answer)
  await forgetLinks(c.var.coin.database.db, account.id)
  await recordFor(c, account, 'password_changed')
  return redirectTo(c, url('accounts:account'), t('The password is changed. Other browsers must sign in again.'))
}

const AccountPage = ({ account, errors = [] }: { account: OwnAccount; errors?: readonly FieldError[] }) => (
  <Page title={t('Security')} errors={errors}>
    <Stack>
      <Card title={t('Account')}>
        <Facts
          items={[
            { label: t('Name'), value: account.name },
            { label: t('E-mail address'), value: account.email },
          ]}
        />
      </Card>
      <FactorsCard account={account} />
      <Card title={t('Change the password')} body={false}>
        {account.hasPassword ? <PasswordForm errors={errors} /> : <NoPassword />}
      </Card>
      <SessionsCard account={account} />
      <EventsCard account={account} />
    </Stack>
  </Page>
)

const FactorsCard = ({ account: { hasCodes, passkeys } }: { account: OwnAccount }) => (
  <Card
    title={t('Two factors')}
    actions={<ButtonLink href={url('accounts:secondFactor')}>{hasCodes || passkeys.length > 0 ? t('Manage') : t('Set up')}</ButtonLink>}
  >
    <Facts
      items={[
        {
          label: t('An app for codes'),
          value: hasCodes ? (
            <State tone="ok">{t('On')}</State>
          ) : (
            <State tone="none" icon="circle-dashed">
              {t('Off')}
            </State>
          ),
        },
        { label: t('Passkeys'), value: passkeys.length === 0 ? t('None') : t('{{count}} passkeys', { count: passkeys.length }) },
      ]}
    />
  </Card>
)

const PasswordForm = ({ errors }: { errors: readonly FieldError[] }) => (
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
)

const NoPassword = () => (
  <div class="card-body">
    <Note>
      {t('You sign in without a password.')} <a href={url('accounts:forgotten')}>{t('Choose one by a link that is mailed to you')}</a>
    </Note>
  </div>
)
