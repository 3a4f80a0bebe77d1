import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Choice, ResourceList, Row } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { memberMatches } from '../members/queries.ts'
import { formatDate, formatMoney, Owed } from '../ui/index.ts'
import { type InvoiceStanding, InvoiceState, invoiceKinds, kindWord } from './invoice-words.tsx'
import { invoiceStateSql } from './tables.ts'

const open = sql`invoice.state = 'issued' AND invoice.kind <> 'credit_note' AND invoice.allocated <> invoice.total AND invoice.disputed_on IS NULL`
const numberOrDraft = (row: Row) => (typeof row.number === 'string' ? row.number : t('Draft'))
const amount = (value: unknown, row: Row) => <span class="money">{formatMoney(String(value), String(row.currency))}</span>

/** Months in which something was issued, the last first. */
const months = async (tx: Tx): Promise<Choice[]> => {
  const { rows } = await tx.execute<{ month: string }>(
    sql`SELECT DISTINCT month::text AS month FROM invoice_counter ORDER BY 1 DESC LIMIT 120`,
  )
  return rows.map(({ month }) => ({ value: month.slice(0, 7), label: month.slice(0, 7) }))
}

const offers = async (tx: Tx): Promise<Choice[]> => {
  const { rows } = await tx.execute<{ id: number; name: string }>(sql`SELECT id, name FROM offer WHERE billable ORDER BY name, id`)
  return rows.map(({ id, name }) => ({ value: String(id), label: name }))
}

/** The list of invoices. `mailed`: whether they go out by mail, and one that did not is worth a look. */
export const invoiceList = (mailed: boolean): ResourceList => ({
  from: sql`invoice JOIN member ON member.id = invoice.member_id`,
  countFrom: sql`invoice`,
  columns: [
    { key: 'number', label: 'Number', sql: sql`invoice.number`, render: (_, row) => <span class="text-nowrap">{numberOrDraft(row)}</span> },
    { key: 'member', label: 'Member', sql: sql`member.display_name` },
    { key: 'issuedOn', label: 'Issued', sql: sql`invoice.issued_on`, wide: true, align: 'end', render: value => <Day date={value} /> },
    {
      key: 'dueOn',
      label: 'Due',
      sql: sql`invoice.due_on`,
      wide: true,
      align: 'end',
      render: (value, row) => <Day date={row.kind === 'credit_note' ? null : value} />,
    },
    { key: 'total', label: 'Total', sql: sql`invoice.total`, wide: true, align: 'end', render: amount },
    {
      key: 'open',
      label: 'Open',
      sql: sql`CASE WHEN invoice.state = 'issued' THEN invoice.total - invoice.allocated ELSE 0 END`,
      wide: true,
      align: 'end',
      render: (value, row) => (
        <span class="money">
          <Owed amount={String(value)} currency={String(row.currency)} />
        </span>
      ),
    },
    {
      key: 'state',
      label: 'State',
      sql: invoiceStateSql,
      sortable: false,
      render: (value, row) => <Standing standing={value as InvoiceStanding} row={row} />,
    },
  ],
  hidden: {
    kind: sql`invoice.kind`,
    currency: sql`invoice.currency`,
    failed: sql`CASE WHEN invoice.document_error IS NOT NULL THEN CASE WHEN invoice.pdf_hash IS NULL THEN 'pdf' WHEN invoice.mailed_at IS NULL THEN 'mail' END END`,
  },
  sub: row => (row.kind === 'invoice' ? '' : kindWord(row.kind)),
  choice: sql`coalesce(invoice.number, '#' || invoice.id) || ' (' || member.display_name || ')'`,
  search:
    // a set from each of three indexes, because one condition with OR over them would read all invoices
    term => sql`invoice.id IN (
      SELECT n.id FROM invoice n WHERE n.number ILIKE '%' || ${term} || '%'
      UNION ALL SELECT n.id FROM member JOIN invoice n ON n.member_id = member.id WHERE ${memberMatches(term)}
      UNION ALL SELECT l.invoice_id FROM subscription s JOIN invoice_line l ON l.subscription_id = s.id WHERE coin.fold(s.reference) LIKE '%' || coin.fold(${term}) || '%')`,
  searchHint: 'Number, member or reference',
  filters: {
    month: { label: 'Month', choices: months, where: value => sql`invoice.month = ${`${value}-01`}::date` },
    member: { label: 'Member', kind: 'reference', reference: 'member', where: id => sql`invoice.member_id = ${id}` },
    issued: { label: 'Issued', kind: 'date', sql: sql`invoice.issued_on` },
    due: { label: 'Due', kind: 'date', sql: sql`invoice.due_on` },
    total: { label: 'Total', kind: 'money', sql: sql`invoice.total` },
    kind: { label: 'Kind', choices: invoiceKinds, where: value => sql`invoice.kind = ${value}` },
    offer: {
      label: 'Offer',
      choices: offers,
      where: value =>
        sql`EXISTS (SELECT FROM invoice_line l JOIN charge c ON c.id = l.charge_id WHERE l.invoice_id = invoice.id AND c.offer_id = ${Number(value) || 0})`,
    },
  },
  views: [
    { name: 'drafts', label: 'Drafts', where: sql`invoice.state = 'draft'` },
    { name: 'to_pay', label: 'To pay', where: open },
    { name: 'overdue', label: 'Overdue', where: sql`${open} AND invoice.due_on < coin.today()` },
    { name: 'disputed', label: 'In dispute', where: sql`invoice.disputed_on IS NOT NULL` },
    { name: 'credit_notes', label: 'Credit notes', where: sql`invoice.kind = 'credit_note'` },
    { name: 'fees', label: 'Fees and donations', where: sql`invoice.kind IN ('fee', 'donation')` },
    {
      name: 'unsent',
      label: mailed ? 'Not sent' : 'Without a PDF',
      where: mailed
        ? sql`invoice.state = 'issued' AND (invoice.pdf_hash IS NULL OR (invoice.mailed_at IS NULL AND invoice.total <> 0))`
        : sql`invoice.state = 'issued' AND invoice.pdf_hash IS NULL`,
    },
  ],
  sort: '-issuedOn',
})

const Day = ({ date }: { date: unknown }) => <span class="text-nowrap">{date === null ? '–' : formatDate(String(date), 'table')}</span>

function Standing({ standing, row }: { standing: InvoiceStanding; row: Row }) {
  return (
    <>
      <InvoiceState standing={standing} />
      {row.failed === 'pdf' && <span class="sub fail-text">{t('Its PDF could not be made')}</span>}
      {row.failed === 'mail' && <span class="sub fail-text">{t('Not sent yet: see its page')}</span>}
    </>
  )
}
