import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import type { FieldError } from '../errors.ts'
import { redirectTo } from '../web/reply.ts'
import { recordFor } from './account-events.ts'
import { refusalOf, statusAfter } from './answers.ts'
import { authOf, callAuth, passCookies } from './auth-of.ts'
import { textsOf } from './form.ts'
import { accountToSecure } from './own-account.ts'
import { RecoveryCodesPage } from './recovery-codes-page.tsx'
import { type FactorForm, SecondFactorPage } from './second-factor-page.tsx'
import { SetUpPage } from './set-up-page.tsx'
import { giveCodeBack, takeCode } from './used-codes.ts'

const otherwise: FieldError = { field: 'password', message: 'This cannot be done now. Open the page again.' }
const words: Readonly<Record<string, FieldError>> = {
  INVALID_PASSWORD: { field: 'password', message: 'This is not your password.' },
  TOTP_ALREADY_ENABLED: { field: '', message: 'Codes are set up already.' },
}
const wrongCode: FieldError = { field: 'code', message: 'This is not the code that the app shows now.' }

/** Shows what the app has to scan, once the password is right. */
export async function beginSecondFactor(c: Context) {
  const answered = await withPassword(c, 'begin', '/two-factor/enable', { method: 'totp' })
  if (answered instanceof Response) return answered
  const { totpURI } = answered.said as { totpURI: string }
  c.header('Cache-Control', 'no-store')
  return <SetUpPage uri={totpURI} />
}

/** Switches codes on when the app shows the right one; every other session ends. Shows the recovery codes. */
export async function confirmSecondFactor(c: Context) {
  const { coin, publicUrl } = c.var
  const { db } = coin.database
  const account = await accountToSecure(c)
  if (account.hasCodes) return redirectTo(c, url('accounts:secondFactor'))
  const { code: text, uri } = await textsOf(c, 'code', 'uri')
  const code = text.replace(/\s/g, '')
  await takeCode(db, account.id, code)
  const answer = await callAuth(c, '/two-factor/verify-totp', { body: { code } })
  const refusal = await refusalOf(answer, {}, wrongCode)
  c.header('Cache-Control', 'no-store')
  if (refusal) {
    await giveCodeBack(db, account.id, code)
    return c.html(<SetUpPage uri={uri} errors={[refusal]} />, statusAfter(answer))
  }
  passCookies(c, answer)
  // those that began without a code
  await db.execute(sql`DELETE FROM auth.session WHERE user_id = ${account.id} AND NOT strong`)
  await recordFor(c, account, 'factor_on')
  const auth = await authOf(coin, { publicUrl })
  const { backupCodes } = await auth.api.viewBackupCodes({ body: { userId: account.id } })
  return <RecoveryCodesPage codes={backupCodes} />
}

/** Makes ten new recovery codes and shows them; the old ones end. */
export async function renewRecoveryCodes(c: Context) {
  const answered = await withPassword(c, 'recovery', '/two-factor/generate-backup-codes', {})
  if (answered instanceof Response) return answered
  await recordFor(c, answered.account, 'recovery_renewed')
  const { backupCodes } = answered.said as { backupCodes: string[] }
  c.header('Cache-Control', 'no-store')
  return <RecoveryCodesPage codes={backupCodes} />
}

/** Switches codes off. */
export async function endSecondFactor(c: Context) {
  const answered = await withPassword(c, 'end', '/two-factor/disable', {})
  if (answered instanceof Response) return answered
  await recordFor(c, answered.account, 'factor_off')
  return redirectTo(c, url('accounts:secondFactor'), t('Codes are off. The password alone lets you in again.'))
}

/** Asks better-auth for a change that the password confirms. When it refuses, the page comes back and says why. */
async function withPassword(c: Context, form: FactorForm, path: string, more: Readonly<Record<string, unknown>>) {
  const account = await accountToSecure(c)
  const { password } = await textsOf(c, 'password')
  const answer = await callAuth(c, path, { body: { ...more, ...(account.hasPassword && { password }) } })
  const refusal = await refusalOf(answer.clone(), words, otherwise)
  if (refusal) return c.html(<SecondFactorPage c={c} account={account} form={form} errors={[refusal]} />, statusAfter(answer))
  passCookies(c, answer)
  return { account, said: (await answer.json()) as unknown }
}
