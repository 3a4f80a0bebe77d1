import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { Card, CopyButton, errorOf, Field, Form, Page, QrCode, Stack } from '../ui/index.ts'

/** What an app for codes has to know, once as a picture and once to type; then the code that it shows. Never shown again. */
export function SetUpPage({ uri, errors = [] }: { uri: string; errors?: readonly FieldError[] }) {
  const secret = URL.canParse(uri) ? (new URL(uri).searchParams.get('secret') ?? '') : ''
  return (
    <Page title={t('Set up an app for codes')} crumbs={[{ label: t('Two factors'), href: url('accounts:secondFactor') }]} errors={errors}>
      <Card title={t('First scan, then type a code')}>
        <Stack>
          <div class="pay">
            {secret && <QrCode text={uri} label={t('QR code for your app')} />}
            <div class="flex-fill">
              <p>{t('Scan this with the app: any that shows codes for two factors (TOTP) will do. Or type the secret into it:')}</p>
              <code class="secret">{spaced(secret)}</code>
              <CopyButton value={secret} what={t('the secret')} />
            </div>
          </div>
          <Form
            action={url('accounts:confirmSecondFactor')}
            submit={t('Switch codes on')}
            cancel={url('accounts:secondFactor')}
            hidden={{ uri }}
            frame="plain"
          >
            <Field
              name="code"
              label={t('Code')}
              hint={t('The six figures that your app shows now. Other browsers must sign in again.')}
              autocomplete="one-time-code"
              attributes={{ inputmode: 'numeric' }}
              error={errorOf(errors, 'code')}
            />
          </Form>
        </Stack>
      </Card>
    </Page>
  )
}

/** In fours, as it is easier to type. */
const spaced = (secret: string) => secret.replace(/(.{4})(?=.)/g, '$1 ')
