import { setTimeout } from 'node:timers/promises'
import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { errorOf, Field, Form, Page } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { refusalOf, statusAfter } from './answers.ts'
import { callAuth } from './auth-of.ts'
import { textsOf } from './form.ts'

export const showForgotten = () => <ForgottenPage />

const unreadable: FieldError = { field: 'email', message: 'Give an e-mail address such as name@example.org.' }

/** Longer than writing a mail takes, so that the time of the answer does not tell whether one was. */
const pause = 300

/** Says the same whether or not somebody has this address, and as late. */
export async function askForPassword(c: Context) {
  const { email } = await textsOf(c, 'email')
  const [answer] = await Promise.all([callAuth(c, '/request-password-reset', { body: { email: email.trim() } }), setTimeout(pause)])
  const refusal = await refusalOf(answer, {}, unreadable)
  if (refusal) return c.html(<ForgottenPage email={email} errors={[refusal]} />, statusAfter(answer))
  return redirectTo(
    c,
    url('accounts:signIn'),
    t('If an account has this address, a mail with a link is on its way to it. The link works for an hour.'),
  )
}

const ForgottenPage = ({ email, errors = [] }: { email?: string; errors?: readonly FieldError[] }) => (
  <Page title={t('Password forgotten')} shell="guest" errors={errors}>
    <Form action={url('accounts:forgotten')} submit={t('Send the link')} cancel={url('accounts:signIn')}>
      <Field
        name="email"
        kind="email"
        label={t('E-mail address')}
        hint={t('A link to choose a new password is sent to it.')}
        value={email}
        autocomplete="username"
        error={errorOf(errors, 'email')}
      />
    </Form>
  </Page>
)
