import { sql } from 'drizzle-orm'
import { eraseBy, type PersonalData, rowsOfSubscriptions } from '../app/personal-data.ts'

/** The technical side of subscriptions, with the tables of every type. Removing it removes it from the network too. */
export const lines: PersonalData = {
  name: 'configurations',
  label: 'How your lines are set up',
  purpose: 'To make what you subscribed to work.',
  basis: 'contract',
  term: 'membership',
  rows: { configuration: rowsOfSubscriptions('configuration') },
  erase: (tx, { id }) =>
    eraseBy(tx, sql`DELETE FROM configuration c USING subscription s WHERE s.id = c.subscription_id AND s.member_id = ${id}`),
}
