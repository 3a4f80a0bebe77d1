import { sql } from 'drizzle-orm'
import { eraseBy, type PersonalData, rowsNaming } from '../app/personal-data.ts'

/** What members did with their own data: that somebody was forgotten is the proof of it. */
export const asked: PersonalData = {
  name: 'data_requests',
  label: 'Your requests about your data',
  purpose: 'To prove that we did what you asked.',
  basis: 'law',
  term: { from: 'for as long as we exist', law: 'GDPR, art. 5(2)' },
  rows: {
    erasure_request: rowsNaming('erasure_request'),
    erasure_part: ({ id }) => sql`SELECT x.* FROM erasure_part x JOIN erasure_request r ON r.id = x.request_id WHERE r.member_id = ${id}`,
    data_copy: rowsNaming('data_copy'),
    email_change: rowsNaming('email_change'),
  },
  erase: (tx, { id }) => eraseBy(tx, sql`DELETE FROM email_change WHERE member_id = ${id}`),
  keptUntil: async () => 'infinity',
}
