import { sql } from 'drizzle-orm'
import { eraseBy, type PersonalData, rowsNaming, rowsOfSubscriptions } from '../app/personal-data.ts'

/** Reminders of what was not paid. That there was one stays with its bills, what it said goes. */
export const reminded: PersonalData = {
  name: 'reminders',
  label: 'When we reminded you of what you owed',
  purpose: 'To be paid, and not to remind you too often.',
  basis: 'interest',
  term: 'membership',
  rows: {
    reminder: rowsNaming('reminder'),
    reminder_invoice: ({ id }) => sql`SELECT x.* FROM reminder_invoice x JOIN reminder r ON r.id = x.reminder_id WHERE r.member_id = ${id}`,
    reminder_pause: rowsNaming('reminder_pause'),
    reminder_suspension: rowsOfSubscriptions('reminder_suspension'),
  },
  erase: (tx, { id }) =>
    eraseBy(
      tx,
      sql`DELETE FROM reminder_pause WHERE member_id = ${id}`,
      sql`UPDATE reminder SET recipient = '', subject = '', body = '' WHERE member_id = ${id} AND (recipient, subject, body) <> ('', '', '')`,
    ),
}
