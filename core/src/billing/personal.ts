import { sql } from 'drizzle-orm'
import { dayOf, eraseBy, type PersonalData, rowsNaming, rowsOfSubscriptions } from '../app/personal-data.ts'
import { accountingOver, accountingTerm, latestAccounting } from './kept-years.ts'

const noName = sql`'{"name":"","address":"","postalCode":"","city":"","email":"","language":""}'::jsonb`

/** Bills: the name on one stays as long as the law wants the bill, the sums stay for ever. */
export const bills: PersonalData = {
  name: 'bills',
  label: 'Your bills and credit notes',
  purpose: 'To bill you, and to keep our accounts.',
  basis: 'law',
  term: accountingTerm,
  rows: {
    invoice: rowsNaming('invoice'),
    invoice_line: ({ id }) => sql`SELECT l.* FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id WHERE i.member_id = ${id}`,
    charge: rowsNaming('charge'),
    subscription_usage: rowsOfSubscriptions('subscription_usage'),
  },
  erase: (tx, { id }) =>
    eraseBy(
      tx,
      sql`DELETE FROM coin.file f USING invoice i WHERE i.member_id = ${id} AND i.pdf_hash = f.hash AND ${accountingOver(sql`i.issued_on`)}`,
      sql`UPDATE invoice SET member_snapshot = member_snapshot || ${noName}, note = '', dispute_reason = ''
        WHERE member_id = ${id} AND state = 'issued' AND member_snapshot ->> 'name' <> '' AND ${accountingOver(sql`issued_on`)}`,
    ),
  keptUntil: (tx, { id }) =>
    dayOf(tx, latestAccounting(sql`SELECT issued_on AS day FROM invoice WHERE member_id = ${id} AND state = 'issued'`)),
}

/** What a run worked out before anything was billed. */
export const workedOut: PersonalData = {
  name: 'billing_runs',
  label: 'What billing worked out about you',
  purpose: 'To look at bills before they are made.',
  basis: 'contract',
  term: 'membership',
  rows: { billing_run_member: rowsNaming('billing_run_member'), billing_state: rowsNaming('billing_state') },
  erase: (tx, { id }) => eraseBy(tx, sql`DELETE FROM billing_run_member WHERE member_id = ${id}`),
}
