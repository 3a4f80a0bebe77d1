import { sql } from 'drizzle-orm'
import { eraseBy, type PersonalData, rowsNaming, type Whom } from '../app/personal-data.ts'

const theirs = ({ emails }: Whom) => sql`lower(email) = ANY (${sql.param([...emails])}::text[])`

/** What members asked for, and what was answered. */
export const requested: PersonalData = {
  name: 'requests',
  label: 'Your requests and our answers',
  purpose: 'To do what you ask for.',
  basis: 'contract',
  term: 'membership',
  rows: {
    request: rowsNaming('request'),
    request_message: ({ id }) => sql`SELECT m.* FROM request_message m JOIN request r ON r.id = m.request_id WHERE r.member_id = ${id}`,
    sign_up: whom => sql`SELECT * FROM sign_up WHERE ${theirs(whom)}`,
  },
  erase: (tx, whom) => eraseBy(tx, sql`DELETE FROM sign_up WHERE ${theirs(whom)}`, sql`DELETE FROM request WHERE member_id = ${whom.id}`),
}
