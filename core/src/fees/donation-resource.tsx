import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { defineResource, type Row } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { membersWithin } from '../members/within.ts'
import { methods } from '../payments/methods.ts'
import type { PaymentMethod } from '../payments/tables.ts'
import { Card, Facts, formatDate, formatMoney, State, sitePath } from '../ui/index.ts'
import { addDonation, withdrawDonation } from './donation-rules.ts'
import { billHref } from './fee-words.tsx'
import { donations } from './tables.ts'

const text = (value: unknown) => (value === null || value === undefined || value === '' ? undefined : String(value))

export const donationResource = defineResource({
  name: 'donation',
  inSearch: false,
  plural: 'donations',
  label: 'Donation',
  labelPlural: 'Donations',
  labelNew: 'New donation',
  icon: 'gift',
  section: 'people',
  order: 42,
  empty: 'What members give for nothing in return. Each is recorded with its payment, and has a receipt.',
  table: donations,
  key: ['memberId', 'givenOn', 'amount'],
  fields: {
    memberId: { label: 'Member', kind: 'reference', reference: 'member' },
    amount: { label: 'Amount', kind: 'money' },
    givenOn: { label: 'Given on', required: false, help: 'Today unless given' },
    method: { label: 'Paid by', kind: 'choice', required: true, choices: methods },
    reference: { label: 'Reference of the payment', help: 'Such as a cheque’s number' },
    withdrawnOn: { label: 'Given back' },
    invoiceId: { label: 'Bill', reference: 'invoice' },
    currency: { label: 'Currency' },
    anonymous: { label: 'Anonymous', help: 'The donor is not named in public' },
  },
  add: ['memberId', 'amount', 'givenOn', 'method', 'reference', 'anonymous'],
  change: ['anonymous'],
  list: {
    from: sql`donation JOIN member ON member.id = donation.member_id JOIN invoice ON invoice.id = donation.invoice_id`,
    columns: [
      { key: 'member', label: 'Member', sql: sql`member.display_name` },
      { key: 'givenOn', label: 'Given on', sql: sql`donation.given_on`, align: 'end', render: value => formatDate(String(value), 'table') },
      {
        key: 'amount',
        label: 'Amount',
        sql: sql`donation.amount`,
        align: 'end',
        render: (value, row) => formatMoney(String(value), String(row.currency)),
      },
      {
        key: 'state',
        label: 'State',
        sql: sql`CASE WHEN donation.withdrawn_on IS NOT NULL THEN 'withdrawn' WHEN invoice.settled_on IS NOT NULL THEN 'paid' ELSE 'due' END`,
        wide: true,
        render: value => <DonationState state={String(value)} />,
      },
    ],
    hidden: { number: sql`invoice.number`, currency: sql`donation.currency` },
    sub: row => String(row.number),
    search: term => sql`(member.display_name ILIKE '%' || ${term} || '%' OR invoice.number ILIKE '%' || ${term} || '%')`,
    searchHint: 'Name or number of the receipt',
    views: [{ name: 'withdrawn', label: 'Given back', where: sql`donation.withdrawn_on IS NOT NULL` }],
    sort: '-givenOn',
  },
  within: part => sql`donation.member_id IN ${membersWithin(part)}`,
  describe: row => t('{{member}}, {{date}}', { member: String(row.member), date: formatDate(String(row.givenOn)) }),
  load: async (id, tx) => (await loadDonations([id], tx))[0],
  loadMany: loadDonations,
  details: row => <DonationDetails row={row} />,
  create: (input, tx) =>
    addDonation(tx, {
      memberId: Number(input.memberId),
      amount: String(input.amount),
      givenOn: text(input.givenOn),
      method: text(input.method) as PaymentMethod | undefined,
      reference: text(input.reference),
      anonymous: input.anonymous === true,
    }),
  remove: (id, tx) => withdrawDonation(tx, id),
  consequences: async row => [
    t('Its bill {{number}} is cancelled by a credit note.', { number: String(row.number) }),
    t('The payment stays, as credit of the member: remove it or pay it back on its page.'),
  ],
})

const DonationState = ({ state }: { state: string }) =>
  state === 'withdrawn' ? (
    <State tone="none" icon="circle-dashed">
      {t('Given back')}
    </State>
  ) : state === 'paid' ? (
    <State name="paid" />
  ) : (
    <State name="due" />
  )

const DonationDetails = ({ row }: { row: Row }) => (
  <Card title={t('Donation')} actions={<DonationState state={String(row.state)} />}>
    <Facts
      items={[
        { label: t('Member'), value: <a href={sitePath(`/admin/members/${row.memberId}`)}>{String(row.member)}</a> },
        { label: t('Given on'), value: formatDate(String(row.givenOn)) },
        { label: t('Amount'), value: formatMoney(String(row.amount), String(row.currency)) },
        { label: t('Number'), value: <a href={billHref(Number(row.invoiceId))}>{String(row.number)}</a> },
        row.anonymous === true && { label: t('Anonymous'), value: t('Yes') },
        row.withdrawnOn !== null && { label: t('Given back'), value: formatDate(String(row.withdrawnOn)) },
      ]}
    />
  </Card>
)

async function loadDonations(ids: readonly number[], tx: Tx): Promise<readonly Row[]> {
  const { rows } = await tx.execute<Row & Record<string, unknown>>(sql`
    SELECT d.id, d.version, d.member_id AS "memberId", m.display_name AS member, d.given_on AS "givenOn", d.amount, d.currency, d.anonymous, d.invoice_id AS "invoiceId",
      i.number, d.withdrawn_on AS "withdrawnOn", CASE WHEN d.withdrawn_on IS NOT NULL THEN 'withdrawn' WHEN i.settled_on IS NOT NULL THEN 'paid' ELSE 'due' END AS state
    FROM donation d JOIN member m ON m.id = d.member_id JOIN invoice i ON i.id = d.invoice_id WHERE d.id = ANY (${sql.param([...ids])}::bigint[])`)
  return rows
}
