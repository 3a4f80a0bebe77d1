import { sql } from 'drizzle-orm'
import { dayOf, eraseBy, type PersonalData, rowsNaming } from '../app/personal-data.ts'
import { accountingTerm, latestAccounting } from '../billing/kept-years.ts'

/** What a member paid to be one, and gave besides. */
export const contributed: PersonalData = {
  name: 'fees',
  label: 'Your membership fees and donations',
  purpose: 'To know who is a member, and to keep our accounts.',
  basis: 'law',
  term: accountingTerm,
  rows: { membership_fee: rowsNaming('membership_fee'), donation: rowsNaming('donation') },
  keptUntil: (tx, { id }) =>
    dayOf(
      tx,
      latestAccounting(sql`SELECT i.issued_on AS day FROM invoice i WHERE i.issued_on IS NOT NULL AND i.id IN
        (SELECT invoice_id FROM membership_fee WHERE member_id = ${id} UNION ALL SELECT invoice_id FROM donation WHERE member_id = ${id})`),
    ),
}

/** Calls for the fee that were mailed. */
export const called: PersonalData = {
  name: 'fee_calls',
  label: 'When we asked you for the membership fee',
  purpose: 'Not to ask you too often.',
  basis: 'interest',
  term: 'membership',
  rows: { fee_reminder: rowsNaming('fee_reminder') },
  erase: (tx, { id }) => eraseBy(tx, sql`DELETE FROM fee_reminder WHERE member_id = ${id}`),
}
