import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { defineResource, type Row } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { membersWithin } from '../members/within.ts'
import { methods } from '../payments/methods.ts'
import type { PaymentMethod } from '../payments/tables.ts'
import { formatDate, formatMoney, formatRange } from '../ui/index.ts'
import { FeeActions, FeeDetails } from './fee-page.tsx'
import { FeeStateLabel } from './fee-words.tsx'
import { type FeeState, feeState } from './queries.ts'
import { recordFee } from './record-fee.ts'
import { changeFeeAmount, withdrawFee } from './rules.ts'
import { membershipFees } from './tables.ts'

const fee = sql`membership_fee`
const unpaid = sql`membership_fee.withdrawn_on IS NULL AND invoice.settled_on IS NULL`
const text = (value: unknown) => (value === null || value === undefined || value === '' ? undefined : String(value))

export const feeResource = defineResource({
  name: 'fee',
  inSearch: false,
  plural: 'fees',
  label: 'Membership fee',
  labelPlural: 'Membership fees',
  labelNew: 'New membership fee',
  icon: 'calendar',
  section: 'people',
  order: 40,
  empty: 'Who is a member until when: each fee holds from a day to a day, and its bill says whether it is paid.',
  table: membershipFees,
  key: ['memberId', 'from'],
  fields: {
    memberId: { label: 'Member', kind: 'reference', reference: 'member' },
    from: { label: 'First day', kind: 'date', help: 'The day after the last fee, or today, unless given' },
    until: { label: 'Last day', kind: 'date', help: 'As many months later as a fee lasts unless given' },
    amount: { label: 'Amount', kind: 'money', required: false, help: 'What is advised unless given' },
    during: { label: 'When' },
    invoiceId: { label: 'Bill', reference: 'invoice' },
    currency: { label: 'Currency' },
    withdrawnOn: { label: 'Withdrawn' },
    method: { label: 'Paid by', kind: 'choice', choices: methods, help: 'Left empty, the fee is called for and waits for its payment' },
    receivedOn: { label: 'Paid on', kind: 'date', help: 'Today unless given' },
    reference: { label: 'Reference of the payment', help: 'Such as a cheque’s number' },
  },
  add: ['memberId', 'from', 'until', 'amount', 'method', 'receivedOn', 'reference'],
  change: ['amount'],
  list: {
    from: sql`membership_fee JOIN member ON member.id = membership_fee.member_id JOIN invoice ON invoice.id = membership_fee.invoice_id`,
    choice: sql`member.display_name || ' (' || lower(membership_fee.during) || ')'`,
    columns: [
      { key: 'member', label: 'Member', sql: sql`member.display_name` },
      {
        key: 'first',
        label: 'When',
        sql: sql`lower(membership_fee.during)`,
        wide: true,
        render: (value, row) => formatRange(String(value), String(row.last)),
      },
      {
        key: 'last',
        label: 'Ends',
        sql: sql`upper(membership_fee.during) - 1`,
        align: 'end',
        render: value => formatDate(String(value), 'table'),
      },
      {
        key: 'amount',
        label: 'Amount',
        sql: sql`membership_fee.amount`,
        align: 'end',
        wide: true,
        render: (value, row) => formatMoney(String(value), String(row.currency)),
      },
      {
        key: 'state',
        label: 'State',
        sql: feeState(fee, sql`invoice`),
        render: value => <FeeStateLabel state={value as FeeState} />,
      },
    ],
    hidden: { number: sql`invoice.number`, currency: sql`membership_fee.currency` },
    sub: row => String(row.number),
    search: term => sql`(member.display_name ILIKE '%' || ${term} || '%' OR invoice.number ILIKE '%' || ${term} || '%')`,
    searchHint: 'Name or number of the bill',
    views: [
      { name: 'unpaid', label: 'Not paid', where: unpaid },
      {
        name: 'ending',
        label: 'Ending soon',
        where: sql`membership_fee.withdrawn_on IS NULL AND upper(membership_fee.during) BETWEEN coin.today() + 1 AND coin.today() + interval '3 months'
          AND NOT EXISTS (SELECT FROM membership_fee f WHERE f.member_id = membership_fee.member_id AND f.withdrawn_on IS NULL AND f.during >> membership_fee.during)`,
      },
      { name: 'withdrawn', label: 'Withdrawn', where: sql`membership_fee.withdrawn_on IS NOT NULL` },
    ],
    sort: '-last',
  },
  within: part => sql`membership_fee.member_id IN ${membersWithin(part)}`,
  describe: row => t('{{member}}, {{range}}', { member: String(row.member), range: formatRange(String(row.first), String(row.last)) }),
  load: async (id, tx) => (await loadFees([id], tx))[0],
  loadMany: loadFees,
  details: row => <FeeDetails row={row} />,
  actions: row => <FeeActions row={row} />,
  create: (input, tx) =>
    recordFee(tx, {
      memberId: Number(input.memberId),
      from: text(input.from),
      until: text(input.until),
      amount: text(input.amount),
      method: text(input.method) as PaymentMethod | undefined,
      receivedOn: text(input.receivedOn),
      reference: text(input.reference),
    }),
  update: (id, input, tx) => changeFeeAmount(tx, id, text(input.amount) ?? currentScope().registry.config.fees.amount),
  remove: (id, tx) => withdrawFee(tx, id),
  consequences: async row => [
    t('Its bill {{number}} is cancelled by a credit note.', { number: String(row.number) }),
    t('The fee stays in the list as withdrawn; another one may take its place.'),
  ],
})

async function loadFees(ids: readonly number[], tx: Tx): Promise<readonly Row[]> {
  const { rows } = await tx.execute<Row & Record<string, unknown>>(sql`
    SELECT f.id, f.version, f.member_id AS "memberId", m.display_name AS member, lower(f.during) AS first, lower(f.during) AS "from", upper(f.during) - 1 AS last,
      upper(f.during) - 1 AS until, f.amount, f.currency,
      f.invoice_id AS "invoiceId", i.number, i.issued_on AS "issuedOn", i.due_on AS "dueOn", (i.total - i.allocated)::text AS due, i.allocated::text AS allocated,
      p.paid_on AS "paidOn", f.withdrawn_on AS "withdrawnOn", ${feeState(sql`f`, sql`i`)} AS state
    FROM membership_fee f JOIN member m ON m.id = f.member_id JOIN invoice i ON i.id = f.invoice_id LEFT JOIN membership_fee_paid p ON p.id = f.id WHERE f.id = ANY (${sql.param([...ids])}::bigint[])`)
  return rows
}
