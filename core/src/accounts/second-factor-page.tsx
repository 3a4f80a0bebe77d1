import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { Card, errorOf, Field, Form, Page, PostButton, Stack, State } from '../ui/index.ts'
import { lacksShown, type OwnAccount, ownAccount } from './own-account.ts'
import { PasskeyScript, PasskeySignIn } from './passkey-form.tsx'
import { passkeysWork } from './passkey-site.ts'
import { PasskeysCard } from './passkeys-card.tsx'

/** Which of the forms of the page what is wrong belongs to. */
export type FactorForm = 'begin' | 'recovery' | 'end'

export const showSecondFactor = async (c: Context) => <SecondFactorPage c={c} account={await ownAccount(c)} />

interface SecondFactorProps {
  readonly c: Context
  readonly account: OwnAccount
  readonly form?: FactorForm
  readonly errors?: readonly FieldError[]
}

/** What an account has besides its password, and the forms that change it. */
export function SecondFactorPage({ c, account, form, errors = [] }: SecondFactorProps) {
  const required = c.var.actor.signingIn === true
  const wrong = (of: FactorForm) => (of === form ? errorOf(errors, 'password') : undefined)
  return (
    <Page
      title={t('Two factors')}
      crumbs={required ? [] : [{ label: t('Security'), href: url('accounts:account') }]}
      errors={errors}
      extraJs={<PasskeyScript />}
    >
      <Stack>
        {required && <Required c={c} account={account} />}
        {!lacksShown(c, account) && (
          <>
            {account.hasCodes ? <CodesOn account={account} wrong={wrong} /> : <CodesOff account={account} error={wrong('begin')} />}
            <PasskeysCard account={account} possible={passkeysWork(c)} />
          </>
        )}
      </Stack>
    </Page>
  )
}

/** Why nothing else opens, and the way on. */
const Required = ({ c, account }: { c: Context; account: OwnAccount }) => (
  <Card title={t('One more step')}>
    <Stack>
      {lacksShown(c, account) ? (
        <>
          <p>
            {t('Your account has a second factor, and needs it here. Sign in with your passkey, or sign out and in again with a code.')}
          </p>
          <p class="quiet">{t('If you have lost it, ask an administrator to take it away.')}</p>
          {account.passkeys.length > 0 && passkeysWork(c) && <PasskeySignIn />}
        </>
      ) : (
        <p>{t('Your account needs a second factor before anything else opens. Set up an app for codes, or a passkey.')}</p>
      )}
      <div class="row-flex">
        <PostButton action={url('accounts:signOut')}>{t('Sign out')}</PostButton>
      </div>
    </Stack>
  </Card>
)

const CodesOff = ({ account, error }: { account: OwnAccount; error: string | undefined }) => (
  <Card
    title={t('An app for codes')}
    actions={
      <State tone="none" icon="circle-dashed">
        {t('Off')}
      </State>
    }
    body={false}
  >
    <Form action={url('accounts:secondFactor')} submit={t('Set it up')} frame="card-body">
      <p>{t('An app on your telephone shows a new code every half minute. Signing in then takes your password and a code.')}</p>
      {account.hasPassword && <PasswordField id="begin-password" error={error} />}
    </Form>
  </Card>
)

const CodesOn = ({ account, wrong }: { account: OwnAccount; wrong: (form: FactorForm) => string | undefined }) => (
  <>
    <Card title={t('An app for codes')} actions={<State tone="ok">{t('On')}</State>} body={false}>
      <Form action={url('accounts:recoveryCodes')} submit={t('Make new recovery codes')} frame="card-body">
        <p>{t('Recovery codes let you in when the app is lost, each once. New ones end those that you have.')}</p>
        {account.hasPassword && <PasswordField id="recovery-password" error={wrong('recovery')} />}
      </Form>
    </Card>
    <Card title={t('Another telephone')} body={false}>
      <Form action={url('accounts:endSecondFactor')} submit={t('Switch codes off')} frame="card-body" kind="danger">
        <p>{t('To move to another telephone, switch codes off and set them up there.')}</p>
        {account.hasPassword && <PasswordField id="end-password" error={wrong('end')} />}
      </Form>
    </Card>
  </>
)

const PasswordField = ({ id, error }: { id: string; error: string | undefined }) => (
  <Field name="password" id={id} kind="password" label={t('Your password')} autocomplete="current-password" error={error} />
)
