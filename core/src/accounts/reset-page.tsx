import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { ButtonLink, errorOf, Field, Form, Note, Page } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { refusalOf, statusAfter } from './answers.ts'
import { callAuth } from './auth-of.ts'
import { textsOf } from './form.ts'
import { passwordWords } from './password-words.ts'
import { shortestPassword } from './rules.ts'

export function showReset(c: Context) {
  c.header('Cache-Control', 'no-store')
  return <ResetPage token={c.req.query('token') ?? ''} />
}

const tooOld: FieldError = { field: '', message: 'This link has been used, or is too old. Ask for another one.' }

/** Sets the password; every session of the account ends. */
export async function setNewPassword(c: Context) {
  const { token, password } = await textsOf(c, 'token', 'password')
  const answer = await callAuth(c, '/reset-password', { body: { token, newPassword: password } })
  const refusal = await refusalOf(answer, passwordWords('password'), tooOld)
  c.header('Cache-Control', 'no-store')
  if (refusal) return c.html(<ResetPage token={refusal === tooOld ? '' : token} errors={[refusal]} />, statusAfter(answer))
  return redirectTo(c, url('accounts:signIn'), t('The password is set. Sign in with it.'))
}

const ResetPage = ({ token, errors = [] }: { token: string; errors?: readonly FieldError[] }) => (
  <Page title={t('Choose a password')} shell="guest" errors={errors}>
    {token ? (
      <Form action={url('accounts:reset')} submit={t('Set the password')} hidden={{ token }}>
        <Field
          name="password"
          kind="password"
          label={t('New password')}
          hint={t('At least {{count}} characters.', { count: shortestPassword })}
          autocomplete="new-password"
          error={errorOf(errors, 'password')}
        />
      </Form>
    ) : (
      <>
        {errors.length === 0 && <Note>{t('This address lacks its end. Open the whole link of the mail.')}</Note>}
        <p>
          <ButtonLink href={url('accounts:forgotten')}>{t('Ask for another link')}</ButtonLink>
        </p>
      </>
    )}
  </Page>
)
