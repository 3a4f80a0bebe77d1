import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { errorOf, Field, Form, Page } from '../ui/index.ts'
import { redirectTo } from '../web/reply.ts'
import { type AccountOwner, recordFor } from './account-events.ts'
import { refusalOf, statusAfter } from './answers.ts'
import { callAuth, passCookies } from './auth-of.ts'
import { challengedUser } from './challenge.ts'
import { afterSignIn, withNext } from './entering.ts'
import { textsOf } from './form.ts'
import { giveCodeBack, takeCode } from './used-codes.ts'

/** The second step of a sign-in: a code of the app, or one of those kept for when it is lost. */
type Step = 'app' | 'recovery'

/** Shows the form, to whoever has given a password. */
export const showCode = (step: Step) => async (c: Context) =>
  (await challengedUser(c)) ? <CodePage step={step} next={c.req.query('next')} /> : beginAgain(c)

/** Checks the code; the session begins. */
export const enterCode = (step: Step) => async (c: Context) => {
  const { code, next } = await textsOf(c, 'code', 'next')
  const user = await challengedUser(c)
  if (!user) return beginAgain(c)
  const { answer, refusal } = step === 'app' ? await checkAppCode(c, user, code) : await checkRecoveryCode(c, user, code)
  if (!refusal) {
    passCookies(c, answer)
    const { user: entered } = (await answer.json()) as { user?: { role?: string } }
    await recordFor(c, user, step === 'app' ? 'signed_in' : 'recovery_used')
    return redirectTo(c, afterSignIn(next, [entered?.role ?? '']))
  }
  if (refusal === tooLate) {
    passCookies(c, answer)
    return beginAgain(c)
  }
  return c.html(<CodePage step={step} next={next} errors={[refusal]} />, statusAfter(answer))
}

const tooLate: FieldError = { field: '', message: 'This sign-in took too long, or too many codes were wrong. Begin again.' }
const words: Readonly<Record<string, FieldError>> = {
  INVALID_TWO_FACTOR_COOKIE: tooLate,
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: tooLate,
  INVALID_CODE: { field: 'code', message: 'This is not the code that the app shows now.' },
  INVALID_BACKUP_CODE: { field: 'code', message: 'This is none of the recovery codes, or was used already.' },
}
const usedAlready: FieldError = { field: 'code', message: 'This code was used already. Wait for the next one.' }

interface Checked {
  readonly answer: Response
  readonly refusal: FieldError | undefined
}

/** A code is taken before it is checked, so that of two that come at once one is refused. */
async function checkAppCode(c: Context, user: AccountOwner, text: string): Promise<Checked> {
  const { db } = c.var.coin.database
  const code = text.replace(/\s/g, '')
  if (!(await takeCode(db, user.id, code))) return { answer: new Response(null, { status: 422 }), refusal: usedAlready }
  const checked = await check(c, user, '/two-factor/verify-totp', code)
  if (checked.refusal) await giveCodeBack(db, user.id, code)
  return checked
}

const checkRecoveryCode = (c: Context, user: AccountOwner, text: string) => check(c, user, '/two-factor/verify-backup-code', text.trim())

async function check(c: Context, user: AccountOwner, path: string, code: string): Promise<Checked> {
  const answer = await callAuth(c, path, { body: { code } })
  // the copy: who goes on reads the answer itself
  const refusal = await refusalOf(answer.clone(), words, { field: 'code', message: 'This code is not right.' })
  if (refusal?.field === 'code') await recordFor(c, user, 'code_failed')
  return { answer, refusal }
}

const beginAgain = (c: Context) => redirectTo(c, url('accounts:signIn'), t(tooLate.message), 'fail')

const CodePage = ({ step, next, errors = [] }: { step: Step; next: string | undefined; errors?: readonly FieldError[] }) => {
  const [here, there] = step === 'app' ? (['signInCode', 'signInRecovery'] as const) : (['signInRecovery', 'signInCode'] as const)
  return (
    <Page title={step === 'app' ? t('The code of your app') : t('A recovery code')} shell="guest" errors={errors}>
      <Form
        action={url(`accounts:${here}`)}
        submit={t('Sign in')}
        hidden={withNext(next)}
        cancel={url('accounts:signIn')}
        note={
          <a href={url(`accounts:${there}`, withNext(next))}>
            {step === 'app' ? t('Use a recovery code instead') : t('Use a code of the app instead')}
          </a>
        }
      >
        <Field
          name="code"
          label={step === 'app' ? t('Code') : t('Recovery code')}
          hint={
            step === 'app'
              ? t('The six figures that your app shows now.')
              : t('One of those that you kept when you switched two factors on. It works once.')
          }
          autocomplete={step === 'app' ? 'one-time-code' : 'off'}
          attributes={{ ...(step === 'app' && { inputmode: 'numeric' }), autofocus: 'autofocus' }}
          error={errorOf(errors, 'code')}
        />
      </Form>
    </Page>
  )
}
