import { getTableColumns, inArray, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { type Choice, defineResource, type Input, type Row } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { memberMatches } from '../members/queries.ts'
import { membersWithin } from '../members/within.ts'
import { formatDate, formatMoney, parseMoney } from '../ui/index.ts'
import { changePayment, type PaymentChange, removePayment } from './change-payment.ts'
import { methodLabel, methods } from './methods.ts'
import { PaymentActions, PaymentDetails } from './payment-page.tsx'
import { type NewPayment, recordPayment } from './rules.ts'
import { payments } from './tables.ts'

/** Invoices that are not wholly paid; more than a list holds are looked up by their number. */
const openInvoices = async (tx: Tx): Promise<Choice[]> => {
  const { rows } = await tx.execute<{ id: number; number: string; member: string; open: string; currency: string }>(sql`
    SELECT i.id, i.number, m.display_name AS member, (i.total - i.allocated)::text AS open, i.currency FROM invoice i JOIN member m ON m.id = i.member_id
    WHERE i.state = 'issued' AND i.allocated <> i.total AND i.total > 0 ORDER BY i.id LIMIT 201`)
  return rows.map(({ id, number, member, open, currency }) => ({
    value: String(id),
    label: `${number} · ${member} · ${formatMoney(open, currency)}`,
  }))
}

const form = ['memberId', 'amount', 'receivedOn', 'method', 'reference', 'invoiceId', 'comment']

export const paymentResource = defineResource({
  name: 'payment',
  plural: 'payments',
  label: 'Payment',
  labelPlural: 'Payments',
  labelNew: 'Record a payment',
  icon: 'wallet',
  section: 'money',
  order: 20,
  empty: 'Money that members paid, and money that went back. Each payment covers the oldest unpaid invoices by itself.',
  table: payments,
  key: [
    ['memberId', 'receivedOn', 'amount', 'reference'],
    ['memberId', 'receivedOn', 'amount'],
  ],
  fields: {
    memberId: { label: 'Member', kind: 'reference', reference: 'member' },
    amount: { label: 'Amount', kind: 'money', help: 'Below zero for money that you gave back' },
    receivedOn: { label: 'Day', kind: 'date', required: false, help: 'Today unless given' },
    method: { label: 'How', kind: 'choice', choices: methods },
    reference: { label: 'Reference', help: 'What the payer wrote, or the number of the cheque' },
    invoiceId: {
      label: 'For the invoice',
      kind: 'reference',
      reference: 'invoice',
      choices: openInvoices,
      help: 'Covered first. Otherwise the oldest unpaid one is.',
    },
    comment: { label: 'Comment', kind: 'textarea', help: 'For staff only' },
    currency: { label: 'Currency', help: 'The provider’s unless given' },
    allocated: { label: 'Allocated', kind: 'money' },
    reversesId: { label: 'Undoes the payment', kind: 'reference', reference: 'payment' },
  },
  add: [...form, 'currency'],
  change: form,
  list: {
    from: sql`payment JOIN member ON member.id = payment.member_id`,
    countFrom: sql`payment`,
    choice: sql`member.display_name || ' · ' || payment.received_on || ' · ' || payment.amount`,
    columns: [
      { key: 'member', label: 'Member', sql: sql`member.display_name` },
      {
        key: 'amount',
        label: 'Amount',
        sql: sql`payment.amount`,
        align: 'end',
        render: (value, row) => formatMoney(String(value), String(row.currency)),
      },
      {
        key: 'left',
        label: 'Not allocated',
        sql: sql`payment.amount - payment.allocated`,
        align: 'end',
        render: (value, row) => (Number(value) === 0 ? '–' : formatMoney(String(value), String(row.currency))),
      },
      { key: 'method', label: 'How', sql: sql`payment.method`, wide: true, render: value => t(methodLabel(String(value))) },
      {
        key: 'receivedOn',
        label: 'Day',
        sql: sql`payment.received_on`,
        align: 'end',
        wide: true,
        render: value => formatDate(String(value), 'table'),
      },
    ],
    hidden: { currency: sql`payment.currency`, reference: sql`payment.reference`, day: sql`payment.received_on` },
    sub: row => (row.reference ? String(row.reference) : formatDate(String(row.day), 'table')),
    search: term =>
      sql`(${memberMatches(term)} OR coin.fold(payment.reference) LIKE '%' || coin.fold(${term}) || '%' ${amountMatches(term)})`,
    searchHint: 'Member, reference or amount',
    filters: {
      method: { label: 'How', choices: methods, where: value => sql`payment.method = ${value}` },
      member: { label: 'Member', kind: 'reference', reference: 'member', where: id => sql`payment.member_id = ${id}` },
      received: { label: 'Day', kind: 'date', sql: sql`payment.received_on` },
      amount: { label: 'Amount', kind: 'money', sql: sql`payment.amount` },
      reference: {
        label: 'Reference',
        kind: 'text',
        where: term => sql`coin.fold(payment.reference) LIKE '%' || coin.fold(${term}) || '%'`,
      },
    },
    views: [
      { name: 'open', label: 'Not fully allocated', where: sql`payment.allocated <> payment.amount` },
      { name: 'refunds', label: 'Paid back or returned', where: sql`payment.amount < 0` },
    ],
    sort: '-receivedOn',
  },
  within: part => sql`payment.member_id IN ${membersWithin(part)}`,
  describe: row =>
    row.memberName
      ? t('{{amount}} · {{name}}', { amount: formatMoney(String(row.amount), String(row.currency)), name: String(row.memberName) })
      : formatMoney(String(row.amount), String(row.currency)),
  load: async (id, tx) => (await loadPayments([id], tx))[0],
  loadMany: loadPayments,
  details: (row, tx) => <PaymentDetails row={row} tx={tx} />,
  actions: row => <PaymentActions row={row} />,
  create: (input, tx) => recordPayment(tx, given(input) as unknown as NewPayment),
  // the form has checked the values against the columns
  update: (id, input, tx) => changePayment(tx, id, changed(input) as PaymentChange),
  remove: (id, tx) => removePayment(tx, id),
  async consequences(row, tx) {
    const { rows } = await tx.execute<{ number: string }>(
      sql`SELECT DISTINCT i.number FROM payment_allocation a JOIN invoice i ON i.id = a.to_invoice WHERE a.from_payment = ${row.id} ORDER BY i.number`,
    )
    return [
      t('The payment goes as if it had never been recorded. If the money was given back, pay it back instead.'),
      ...(rows.length > 0
        ? [t('What it covers is open again: {{numbers}}.', { numbers: rows.map(({ number }) => number).join(', ') })]
        : []),
    ]
  },
})

function amountMatches(term: string) {
  const amount = parseMoney(term)
  return amount.ok ? sql`OR abs(payment.amount) = abs(${amount.value}::numeric)` : sql``
}

/** What was left empty keeps the default. */
const given = (input: Input): Input =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null && value !== ''))

/** An emptied invoice is none; a day stays when it is emptied. */
const changed = (input: Input): Input =>
  Object.fromEntries(Object.entries(input).filter(([name, value]) => value !== null || name === 'invoiceId'))

async function loadPayments(ids: readonly number[], tx: Tx): Promise<readonly Row[]> {
  const memberName = sql<string>`(SELECT m.display_name FROM member m WHERE m.id = payment.member_id)`
  const rows = await tx
    .select({ ...getTableColumns(payments), memberName })
    .from(payments)
    .where(inArray(payments.id, [...ids]))
  return rows as unknown as Row[]
}
