import { sql } from 'drizzle-orm'
import { eraseBy, type PersonalData, type Whom } from '../app/personal-data.ts'

// those to their addresses; a reminder or an invoice is mailed to the address of its time
const theirs = ({ emails }: Whom) => sql`lower(x.recipient) = ANY (${sql.param([...emails])}::text[])`

/** The mails to a member: that there was one stays, what it said does not. One that waits is not sent any more. */
export const mails: PersonalData = {
  name: 'mails',
  label: 'Mails',
  purpose: 'To know what we told you, and when.',
  basis: 'interest',
  term: 'membership',
  rows: {
    'coin.mail': whom =>
      sql`SELECT x.id, x.created_at, x.sent_at, x.recipient, x.subject, CASE WHEN NOT x.secret THEN x.body END AS body FROM coin.mail x WHERE ${theirs(whom)}`,
  },
  erase: (tx, whom) =>
    eraseBy(
      tx,
      sql`DELETE FROM coin.mail_attachment a USING coin.mail x WHERE x.id = a.mail_id AND ${theirs(whom)}`,
      sql`DELETE FROM coin.mail x WHERE x.sent_at IS NULL AND ${theirs(whom)}`,
      sql`UPDATE coin.mail x SET recipient = '', subject = '', body = '', error = NULL, openpgp_key = '', language = '' WHERE ${theirs(whom)}`,
    ),
}
