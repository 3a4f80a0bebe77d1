import { type SQL, sql } from 'drizzle-orm'
import { eraseBy, type PersonalData, type Whom } from '../app/personal-data.ts'

const ofUser =
  (table: SQL) =>
  ({ userId }: Whom): SQL =>
    sql`SELECT * FROM ${table} WHERE user_id = ${userId ?? null}`

/** Who signs in as a member, and from where. Erased with the account. */
export const account: PersonalData = {
  name: 'account',
  label: 'Your account and where you are signed in',
  purpose: 'To let you, and only you, into your pages.',
  basis: 'contract',
  term: 'membership',
  rows: {
    'auth."user"': ({ userId }) => sql`SELECT * FROM auth."user" WHERE id = ${userId ?? null}`,
    'auth.account': ofUser(sql`auth.account`),
    'auth.session': ofUser(sql`auth.session`),
    'auth.two_factor': ofUser(sql`auth.two_factor`),
    'auth.used_code': ofUser(sql`auth.used_code`),
    'auth.passkey': ofUser(sql`auth.passkey`),
    account_event: ofUser(sql`account_event`),
    saved_view: ofUser(sql`saved_view`),
    list_preference: ofUser(sql`list_preference`),
    // what identifies them is the secret itself
    'auth.verification': ({ userId }) => sql`SELECT created_at, expires_at FROM auth.verification WHERE value = ${userId ?? null}`,
  },
  erase: (tx, { userId }) =>
    eraseBy(
      tx,
      sql`DELETE FROM auth.verification WHERE value = ${userId ?? null}`,
      sql`DELETE FROM auth."user" WHERE id = ${userId ?? null} AND role = 'member'`,
    ),
}
