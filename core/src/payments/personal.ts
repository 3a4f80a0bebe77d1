import { sql } from 'drizzle-orm'
import { dayOf, eraseBy, type PersonalData, rowsNaming } from '../app/personal-data.ts'
import { accountingOver, accountingTerm, latestAccounting } from '../billing/kept-years.ts'

/** What members paid, and what a bank said about it. */
export const paid: PersonalData = {
  name: 'payments',
  label: 'Your payments, and what the bank told us of them',
  purpose: 'To know what you have paid, and to keep our accounts.',
  basis: 'law',
  term: accountingTerm,
  rows: {
    payment: rowsNaming('payment'),
    payment_allocation: ({ id }) => sql`
      SELECT x.* FROM payment_allocation x LEFT JOIN payment p ON p.id = coalesce(x.from_payment, x.to_payment)
      LEFT JOIN invoice i ON i.id = coalesce(x.from_credit_note, x.to_invoice) WHERE ${id} IN (p.member_id, i.member_id)`,
    bank_line: ({ id }) => sql`
      SELECT l.* FROM bank_line l WHERE l.member_id = ${id}
        OR EXISTS (SELECT FROM bank_line_payment b JOIN payment p ON p.id = b.payment_id WHERE b.line_id = l.id AND p.member_id = ${id})`,
    bank_line_payment: ({ id }) => sql`SELECT b.* FROM bank_line_payment b JOIN payment p ON p.id = b.payment_id WHERE p.member_id = ${id}`,
  },
  texts: { payment: ['comment'] },
  erase: (tx, { id }) =>
    eraseBy(
      tx,
      sql`UPDATE payment SET comment = '' WHERE member_id = ${id} AND comment <> ''`,
      sql`UPDATE payment SET reference = '' WHERE member_id = ${id} AND reference <> '' AND ${accountingOver(sql`received_on`)}`,
      sql`UPDATE bank_line l SET label = '', counterparty_name = NULL, counterparty_iban = NULL FROM bank_line_payment b JOIN payment p ON p.id = b.payment_id
        WHERE b.line_id = l.id AND p.member_id = ${id} AND (l.label <> '' OR l.counterparty_name IS NOT NULL) AND ${accountingOver(sql`l.booked_on`)}`,
      sql`UPDATE bank_import SET content = NULL WHERE content IS NOT NULL AND ${accountingOver(sql`until_on`)}`,
    ),
  keptUntil: (tx, { id }) =>
    dayOf(
      tx,
      latestAccounting(
        sql`SELECT received_on AS day FROM payment WHERE member_id = ${id} UNION ALL SELECT booked_on FROM bank_line WHERE member_id = ${id}`,
      ),
    ),
}

/** By what a member's transfers are known: of no use when there are none any more. */
export const payerRules: PersonalData = {
  name: 'payer_rules',
  label: 'How we recognise your transfers',
  purpose: 'To know that a transfer is yours.',
  basis: 'contract',
  term: 'membership',
  rows: { bank_rule: rowsNaming('bank_rule') },
  erase: (tx, { id }) => eraseBy(tx, sql`DELETE FROM bank_rule WHERE member_id = ${id}`),
}

const noAccount = sql`'XX0000000000000'`

/** Mandates and what was collected by them. One that was never used goes at once. */
export const mandates: PersonalData = {
  name: 'mandates',
  label: 'Your direct debit mandates, and what was collected',
  purpose: 'To collect what you owe, and to prove that you allowed it.',
  basis: 'law',
  term: accountingTerm,
  rows: {
    sepa_mandate: rowsNaming('sepa_mandate'),
    sepa_collection: rowsNaming('sepa_collection'),
    sepa_collection_invoice: ({ id }) =>
      sql`SELECT x.* FROM sepa_collection_invoice x JOIN sepa_collection c ON c.id = x.collection_id WHERE c.member_id = ${id}`,
  },
  erase: (tx, { id }) =>
    eraseBy(
      tx,
      sql`DELETE FROM sepa_mandate m WHERE member_id = ${id} AND NOT EXISTS (SELECT FROM sepa_collection c WHERE c.mandate_id = m.id)`,
      sql`UPDATE sepa_mandate SET state = 'revoked', ended_on = greatest(coin.today(), signed_on) WHERE member_id = ${id} AND state = 'active'`,
      sql`UPDATE sepa_collection c SET name = '-', iban = ${noAccount}, bic = '' FROM sepa_batch b
        WHERE b.id = c.batch_id AND c.member_id = ${id} AND c.name <> '-' AND ${accountingOver(sql`b.collect_on`)}`,
      sql`UPDATE sepa_mandate m SET name = '-', iban = ${noAccount}, bic = '' WHERE member_id = ${id} AND name <> '-'
        AND NOT EXISTS (SELECT FROM sepa_collection c WHERE c.mandate_id = m.id AND c.name <> '-')`,
    ),
  keptUntil: (tx, { id }) =>
    dayOf(
      tx,
      latestAccounting(
        sql`SELECT b.collect_on AS day FROM sepa_collection c JOIN sepa_batch b ON b.id = c.batch_id WHERE c.member_id = ${id}`,
      ),
    ),
}
