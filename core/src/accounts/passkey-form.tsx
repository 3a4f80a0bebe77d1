import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import { asset, Button, type Content, Field } from '../ui/index.ts'
import { withNext } from './entering.ts'

/** What makes the forms below work. */
export const PasskeyScript = () => <script src={asset('accounts', 'passkey.js')} defer />

/** Signs in with a passkey. Shown once a script has found that the browser can. */
export const PasskeySignIn = ({ next }: { next?: string | undefined }) => (
  <PasskeyForm does="get" action={url('accounts:signInPasskey')} options={url('accounts:signInPasskeyOptions')} hidden={withNext(next)}>
    <div class="actions">
      <Button icon="fingerprint">{t('Sign in with a passkey')}</Button>
    </div>
  </PasskeyForm>
)

/** Makes a passkey, after the password. */
export const AddPasskey = ({ hasPassword }: { hasPassword: boolean }) => (
  <PasskeyForm does="create" action={url('accounts:addPasskey')} options={url('accounts:passkeyOptions')}>
    <Field
      name="name"
      id="passkey-name"
      label={t('Name')}
      hint={t('To know it by, such as the device that it is on.')}
      optional
      autocomplete="off"
    />
    {hasPassword && (
      <Field name="password" id="passkey-password" kind="password" label={t('Your password')} autocomplete="current-password" />
    )}
    <div class="actions">
      <Button icon="fingerprint">{t('Add a passkey')}</Button>
    </div>
  </PasskeyForm>
)

interface PasskeyFormProps {
  readonly does: 'get' | 'create'
  readonly action: string
  /** Where the script fetches what to ask the browser for. */
  readonly options: string
  readonly hidden?: Readonly<Record<string, string>>
  readonly children?: Content
}

const PasskeyForm = ({ does, action, options, hidden = {}, children }: PasskeyFormProps) => (
  <div>
    <form
      method="post"
      action={action}
      data-passkey={does}
      data-options={options}
      data-cancelled={t('No passkey was used. Try again, or go on with the password.')}
      data-known={t('This device has a passkey for this account already.')}
      data-unreachable={t('The server cannot be reached. Try again.')}
      novalidate
      hidden
    >
      <div class="fields">
        <input type="hidden" name="credential" value="" />
        {Object.entries(hidden).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        {children}
        <p class="error" role="alert" data-passkey-error hidden />
      </div>
    </form>
    <p class="hint" data-passkey-missing>
      {t('Passkeys need JavaScript, and a browser that knows them. The password works without.')}
    </p>
  </div>
)
