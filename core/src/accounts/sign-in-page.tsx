import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { errorOf, Field, Form, Page } from '../ui/index.ts'
import { localPath } from '../web/local-path.ts'
import { redirectTo } from '../web/reply.ts'
import { refusalOf } from './answers.ts'
import { callAuth, forgiveSignIn, passCookies } from './auth-of.ts'
import { textsOf } from './form.ts'

interface Entered {
  readonly email?: string
  readonly next?: string | undefined
  readonly errors?: readonly FieldError[]
}

export function showSignIn(c: Context) {
  const next = localPath(c.req.query('next'))
  if (c.var.actor.kind === 'user') return c.redirect(currentScope().basePath + (next ?? firstPage(c.var.actor.roles)), 302)
  return <SignInPage next={next} />
}

const wrong: FieldError = { field: 'email', message: 'The e-mail address or the password is not right.' }

export async function signIn(c: Context) {
  const { email, password, next } = await textsOf(c, 'email', 'password', 'next')
  const answer = await callAuth(c, '/sign-in/email', { email: email.trim(), password })
  const refusal = await refusalOf(answer, {}, wrong)
  if (refusal) return c.html(<SignInPage email={email} next={localPath(next)} errors={[refusal]} />, answer.status === 429 ? 429 : 401)
  await forgiveSignIn(c)
  passCookies(c, answer)
  const { user } = (await answer.json()) as { user?: { role?: string } }
  return redirectTo(c, currentScope().basePath + (localPath(next) ?? firstPage([user?.role ?? ''])))
}

export async function signOut(c: Context) {
  const answer = await callAuth(c, '/sign-out', {})
  passCookies(c, answer)
  return redirectTo(c, url('accounts:signIn'), t('You are signed out.'))
}

const firstPage = (roles: readonly string[]) => (roles.includes('staff') ? '/admin' : '/')

const SignInPage = ({ email, next, errors = [] }: Entered) => (
  <Page title={t('Sign in')} shell="guest" errors={errors}>
    <Form
      action={url('accounts:signIn')}
      submit={t('Sign in')}
      hidden={next ? { next } : {}}
      note={<a href={url('accounts:forgotten')}>{t('Password forgotten?')}</a>}
    >
      <Field name="email" kind="email" label={t('E-mail address')} value={email} autocomplete="username" error={errorOf(errors, 'email')} />
      <Field name="password" kind="password" label={t('Password')} autocomplete="current-password" />
    </Form>
  </Page>
)
