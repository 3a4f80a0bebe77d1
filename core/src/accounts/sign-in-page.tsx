import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { ButtonLink, Card, errorOf, Field, Form, Page, Stack } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { recordFailure, recordFor } from './account-events.ts'
import { refusalOf } from './answers.ts'
import { callAuth, forgiveSignIn, passCookies } from './auth-of.ts'
import { afterSignIn, askForCode, withNext } from './entering.ts'
import { textsOf } from './form.ts'
import { PasskeyScript, PasskeySignIn } from './passkey-form.tsx'
import { passkeysWork } from './passkey-site.ts'

interface Entered {
  readonly email?: string
  readonly next?: string | undefined
  readonly errors?: readonly FieldError[]
}

export function showSignIn(c: Context) {
  const { actor } = c.var
  const next = c.req.query('next')
  if (actor.signingIn) return c.redirect(url('accounts:secondFactor'), 302)
  if (actor.kind === 'user') return c.redirect(afterSignIn(next, actor.roles), 302)
  return <SignInPage c={c} next={next} />
}

const wrong: FieldError = { field: 'email', message: 'The e-mail address or the password is not right.' }

interface SignedIn {
  readonly twoFactorRedirect?: boolean
  readonly user?: { readonly id: string; readonly name: string; readonly email: string; readonly role: string }
}

/** Signs in with a password; a code follows when there is a second factor. */
export async function signIn(c: Context) {
  const { email, password, next } = await textsOf(c, 'email', 'password', 'next')
  const answer = await callAuth(c, '/sign-in/email', { body: { email: email.trim(), password } })
  const refusal = await refusalOf(answer, {}, wrong)
  if (refusal) {
    if (refusal === wrong) await recordFailure(c, email)
    return c.html(<SignInPage c={c} email={email} next={next} errors={[refusal]} />, answer.status === 429 ? 429 : 401)
  }
  await forgiveSignIn(c)
  const { user, twoFactorRedirect } = (await answer.json()) as SignedIn
  if (twoFactorRedirect) return askForCode(c, answer, next)
  passCookies(c, answer)
  if (user) await recordFor(c, user, 'signed_in')
  return redirectTo(c, afterSignIn(next, [user?.role ?? '']))
}

export async function signOut(c: Context) {
  const answer = await callAuth(c, '/sign-out', { body: {} })
  passCookies(c, answer)
  return redirectTo(c, url('accounts:signIn'), t('You are signed out.'))
}

/** The ways to sign in. */
export const SignInPage = ({ c, email, next, errors = [] }: Entered & { c: Context }) => (
  <Page title={t('Sign in')} shell="guest" errors={errors} extraJs={<PasskeyScript />}>
    <Stack>
      <Form
        action={url('accounts:signIn')}
        submit={t('Sign in')}
        hidden={withNext(next)}
        note={<a href={url('accounts:forgotten')}>{t('Password forgotten?')}</a>}
      >
        <Field
          name="email"
          kind="email"
          label={t('E-mail address')}
          value={email}
          autocomplete="username webauthn"
          error={errorOf(errors, 'email')}
        />
        <Field name="password" kind="password" label={t('Password')} autocomplete="current-password" />
      </Form>
      <OtherWays c={c} next={next} />
      {c.var.coin.registry.config.members.signUp === 'open' && (
        <p>
          {t('Not a member yet?')} <a href={url('request:signUp')}>{t('Become a member')}</a>
        </p>
      )}
    </Stack>
  </Page>
)

function OtherWays({ c, next }: { c: Context; next: string | undefined }) {
  const services = c.var.coin.registry.config.accounts.oidc
  const passkeys = passkeysWork(c)
  if (!passkeys && services.length === 0) return null
  return (
    <Card title={t('Without a password')}>
      <Stack>
        {passkeys && <PasskeySignIn next={next} />}
        {/* links, not forms: a form of ours may not lead to another site */}
        {services.length > 0 && (
          <div class="actions">
            {services.map(({ id, name }) => (
              <ButtonLink href={url('accounts:signInWith', { provider: id, ...withNext(next) })} icon="login">
                {t('Sign in with {{name}}', { name })}
              </ButtonLink>
            ))}
          </div>
        )}
      </Stack>
    </Card>
  )
}
