import type { Context } from 'hono'
import type { FieldError } from '../errors.ts'
import { authOf, isTooMany } from './auth-of.ts'
import type { OwnAccount } from './own-account.ts'

/** What is wrong with the password that confirms a change; nothing for an account without one. */
export async function wrongPassword(c: Context, account: OwnAccount, password: string): Promise<FieldError | undefined> {
  if (!account.hasPassword) return undefined
  if (await isTooMany(c, 'confirm-password')) return { field: 'password', message: 'Too many attempts. Try again in a minute.' }
  const auth = await authOf(c.var.coin, { publicUrl: c.var.publicUrl })
  const right = await auth.api.verifyPassword({ body: { password }, headers: c.req.raw.headers }).then(
    () => true,
    () => false,
  )
  return right ? undefined : { field: 'password', message: 'This is not your password.' }
}
