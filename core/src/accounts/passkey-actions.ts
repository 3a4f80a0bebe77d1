import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { t } from '../app/i18n.ts'
import { url } from '../app/url.ts'
import { CoinError, type FieldError } from '../errors.ts'
import { redirectTo } from '../web/reply.ts'
import { type AccountOwner, ownerOf, recordAccountEvent, recordFor } from './account-events.ts'
import { refusalOf } from './answers.ts'
import { callAuth, passCookies } from './auth-of.ts'
import { afterSignIn } from './entering.ts'
import { textsOf } from './form.ts'
import { accountToSecure, ownAccount } from './own-account.ts'
import { wrongPassword } from './password-check.ts'

const notUsable: FieldError = { field: '', message: 'This passkey cannot be used here. Go on with the password.' }
const notUnlocked: FieldError = { field: '', message: 'Unlock the passkey with a PIN, your finger or your face.' }
const words: Readonly<Record<string, FieldError>> = {
  PASSKEY_NOT_UNLOCKED: notUnlocked,
  PASSKEY_NOT_FOUND: { field: '', message: 'Nobody here has this passkey. It may have been removed.' },
  CHALLENGE_NOT_FOUND: { field: '', message: 'This took too long. Try again.' },
}

/** What the browser is asked for to sign in; for the script. */
export const signInPasskeyOptions = (c: Context) => optionsAs(c, '/passkey/generate-authenticate-options', { userVerification: 'required' })

/** Signs in with what the browser gave: the passkey and what unlocked it are two factors. */
export async function signInWithPasskey(c: Context) {
  const { credential, next } = await textsOf(c, 'credential', 'next')
  const response = parsed(credential)
  if (!response) return redirectTo(c, url('accounts:signIn'), t(notUsable.message), 'fail')
  const answer = await callAuth(c, '/passkey/verify-authentication', { body: { response } })
  const refusal = await refusalOf(answer.clone(), words, notUsable)
  if (refusal) return redirectTo(c, url('accounts:signIn'), t(refusal.message, refusal.values), 'fail')
  passCookies(c, answer)
  const { user } = (await answer.json()) as { user: AccountOwner & { readonly role?: string } }
  await recordFor(c, user, 'signed_in')
  return redirectTo(c, afterSignIn(next, [user.role ?? '']))
}

/** What the browser is asked for to make a passkey, once the password is right; for the script. */
export async function passkeyOptions(c: Context) {
  const account = await accountToSecure(c)
  const { password } = await textsOf(c, 'password')
  const wrong = await wrongPassword(c, account, password)
  if (wrong) throw new CoinError('invalid', wrong.message)
  return optionsAs(c, '/passkey/generate-register-options', {})
}

/** Keeps the passkey that the browser made. */
export async function addPasskey(c: Context) {
  const account = await accountToSecure(c)
  const { credential, name } = await textsOf(c, 'credential', 'name')
  const back = url('accounts:secondFactor')
  const response = parsed(credential)
  if (!response)
    return redirectTo(c, back, t('Passkeys need JavaScript, and a browser that knows them. The password works without.'), 'fail')
  const answer = await callAuth(c, '/passkey/verify-registration', { body: { response, name: name.trim().slice(0, 100) } })
  const refusal = await refusalOf(answer, words, { field: '', message: 'This passkey cannot be kept. Try again.' })
  if (refusal) return redirectTo(c, back, t(refusal.message, refusal.values), 'fail')
  passCookies(c, answer)
  await recordFor(c, account, 'passkey_added', name.trim())
  return redirectTo(c, back, t('The passkey is added. Sign in with it next time.'))
}

/** Calls one's own passkey something else. */
export async function renamePasskey(c: Context) {
  const account = await ownAccount(c)
  const { name } = await textsOf(c, 'name')
  const renamed = await c.var.coin.transaction(c.var.actor, tx =>
    tx.execute(
      sql`UPDATE auth.passkey SET name = ${name.trim().slice(0, 100)} WHERE id = ${c.req.param('passkey') ?? ''} AND user_id = ${account.id}`,
    ),
  )
  if (renamed.rowCount === 0) throw gone()
  return redirectTo(c, url('accounts:secondFactor'), t('The passkey has its new name.'))
}

/** Removes a passkey of one's own: nobody signs in with it any more. */
export async function removePasskey(c: Context) {
  const account = await ownAccount(c)
  await c.var.coin.transaction(ownerOf(account), async tx => {
    const { rows } = await tx.execute<{ name: string | null }>(
      sql`DELETE FROM auth.passkey WHERE id = ${c.req.param('passkey') ?? ''} AND user_id = ${account.id} RETURNING name`,
    )
    if (!rows[0]) throw gone()
    await recordAccountEvent(tx, account.id, 'passkey_removed', { address: c.var.address, detail: rows[0].name ?? '' })
  })
  return redirectTo(c, url('accounts:secondFactor'), t('The passkey is removed. You may delete it on the device too.'))
}

const gone = () => new CoinError('not_found', 'This passkey has been removed already.')

async function optionsAs(c: Context, path: string, given: Readonly<Record<string, string>>) {
  const answer = await callAuth(c, path)
  const refusal = await refusalOf(answer.clone(), words, notUsable)
  if (refusal)
    throw new CoinError(answer.status === 429 ? 'too_many' : 'invalid', refusal.message, refusal.values ? { values: refusal.values } : {})
  passCookies(c, answer)
  return c.json({ ...((await answer.json()) as object), ...given })
}

function parsed(credential: string): object | undefined {
  try {
    const value: unknown = JSON.parse(credential)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
