import { eraseBy, type PersonalData, rowsNaming } from 'coin'
import { sql } from 'drizzle-orm'

/** To whom the terms were sent. */
export const letters: PersonalData = {
  name: 'radio_letters',
  label: 'Letters about your antenna',
  purpose: 'To send them once only.',
  basis: 'contract',
  term: 'membership',
  rows: { radio_letter: rowsNaming('radio_letter') },
  erase: (tx, { id }) => eraseBy(tx, sql`DELETE FROM radio_letter WHERE member_id = ${id}`),
}
