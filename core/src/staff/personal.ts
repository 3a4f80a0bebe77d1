import { sql } from 'drizzle-orm'
import { eraseBy, type PersonalData, rowsNaming } from '../app/personal-data.ts'

/** In which groups somebody is, and which roles their account has. */
export const grouped: PersonalData = {
  name: 'groups',
  label: 'Your groups and roles',
  purpose: 'To know who looks after you, and what your account may do.',
  basis: 'contract',
  term: 'membership',
  rows: {
    group_member: rowsNaming('group_member'),
    user_role: ({ userId }) => sql`SELECT * FROM user_role WHERE user_id = ${userId ?? null}`,
  },
  erase: (tx, { id }) => eraseBy(tx, sql`DELETE FROM group_member WHERE member_id = ${id}`),
}
