import type { LoadedField } from '../admin/fields.ts'
import { summaryOf } from '../admin/form.tsx'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { ButtonLink, errorOf, Field, Form, Note, Page, Stack } from '../ui/index.ts'
import { termsFor } from './sign-up.ts'
import { SignUpFields } from './sign-up-fields.tsx'

interface SignUpPageProps {
  readonly fields: readonly LoadedField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly errors?: readonly FieldError[]
}

/** The form of somebody who wants to become a member. */
export function SignUpPage({ fields, values, errors = [] }: SignUpPageProps) {
  const { locale, registry } = currentScope()
  const { intro } = registry.config.requests
  const text = intro[locale] ?? intro[registry.config.provider.language] ?? Object.values(intro)[0]
  const terms = termsFor(locale)
  return (
    <Page
      title={t('Become a member of {{provider}}', { provider: registry.providerName })}
      shell="guest"
      errors={summaryOf(errors, fields)}
    >
      <Stack>
        <p class="pre-line">
          {text ?? t('Tell us who you are. We confirm your e-mail address first, then somebody of us looks at your request and answers.')}
        </p>
        <Form
          action={url('request:signUp')}
          submit={t('Ask to become a member')}
          note={<a href={url('accounts:signIn')}>{t('You have an account? Sign in.')}</a>}
        >
          <SignUpFields fields={fields} values={values} errors={errors} />
          <Trap />
          {terms && (
            <>
              <p class="hint">
                <a href={terms} rel="noopener">
                  {t('What you agree to: the statutes and terms')}
                </a>
              </p>
              <Field
                name="agreed"
                kind="checkbox"
                label={t('I have read them and agree')}
                value={values.agreed === 'true'}
                error={errorOf(errors, 'agreed')}
              />
            </>
          )}
        </Form>
      </Stack>
    </Page>
  )
}

/** What people do not see, and programs fill in. */
const Trap = () => (
  <div class="visually-hidden" aria-hidden="true">
    <label for="website">{t('Leave this empty')}</label>
    <input id="website" name="website" type="text" tabindex={-1} autocomplete="off" />
  </div>
)

/** The same answer, whatever became of it. */
export const SentPage = () => (
  <Page title={t('Look into your mailbox')} shell="guest">
    <Note tone="ok" live>
      {t(
        'We have sent a mail to the address that you gave. Open the link in it: then your request is with us. If nothing arrives within an hour, look among unwanted mails, or try again.',
      )}
    </Note>
  </Page>
)

/** The last step: a button, because programs that check mails open links by themselves. */
export const ConfirmPage = ({ token, email }: { token: string; email: string | undefined }) => (
  <Page title={t('Confirm your e-mail address')} shell="guest">
    {email === undefined ? (
      <Stack>
        <Note tone="drift">{t('This link has been used, or is too old.')}</Note>
        <p>
          <ButtonLink href={url('request:signUp')}>{t('Fill in the form again')}</ButtonLink>
        </p>
      </Stack>
    ) : (
      <Form action={url('request:confirm')} submit={t('Yes, it is mine')} hidden={{ token }}>
        <p>{t('Is {{email}} your address? With this your request to become a member goes to us.', { email })}</p>
      </Form>
    )}
  </Page>
)

/** It is with staff now. */
export const ConfirmedPage = () => (
  <Page title={t('Your request is with us')} shell="guest">
    <Note tone="ok" live>
      {t('Somebody looks at it, and we answer by mail.')}
    </Note>
  </Page>
)
