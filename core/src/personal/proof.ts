import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { refusalOf } from '../accounts/answers.ts'
import { callAuth } from '../accounts/auth-of.ts'
import { ownAccount } from '../accounts/own-account.ts'
import type { FieldError } from '../errors.ts'

/** Minutes after signing in during which nobody is asked again who they are. */
const freshMinutes = 15

/** How somebody who is signed in shows that it is still them. */
export type Proof = 'fresh' | 'password' | 'sign_in'

/** What is needed: nothing right after signing in, then the password; who has none signs in again. */
export async function proofNeeded(c: Context): Promise<Proof> {
  const account = await ownAccount(c)
  const { rows } = await c.var.coin.database.db.execute(
    sql`SELECT FROM auth.session WHERE id = ${account.session} AND created_at > now() - make_interval(mins => ${freshMinutes}::int)`,
  )
  if (rows.length > 0) return 'fresh'
  return account.hasPassword ? 'password' : 'sign_in'
}

/** What is wrong with the proof; undefined when it is them. Guesses are counted as those of a sign-in are. */
export async function proofProblem(c: Context, password: string): Promise<FieldError | undefined> {
  const needed = await proofNeeded(c)
  if (needed === 'fresh') return undefined
  if (needed === 'sign_in') return { field: '', message: 'You signed in a while ago. Sign out, sign in again, then come back.' }
  const answer = await callAuth(c, '/verify-password', { body: { password } })
  return refusalOf(answer, {}, { field: 'password', message: 'This is not your password.' })
}
