import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { defineResource, type Input } from '../app/resource.ts'
import { formatDate, State } from '../ui/index.ts'
import { kinds, memberFields, statuses } from './fields.ts'
import { owesColumn, owesFilter } from './owes.tsx'
import { MemberActions, MemberDetails } from './page.tsx'
import { findMember, memberMatches } from './queries.ts'
import { addMember, addMembers, type NewMember, removeMember, subscriptionCount } from './rules.ts'
import { members } from './tables.ts'
import { membersWithin } from './within.ts'

const form = [
  'kind',
  'firstName',
  'lastName',
  'organizationName',
  'nickname',
  'username',
  'email',
  'mobilePhone',
  'homePhone',
  'address',
  'postalCode',
  'city',
  'country',
  'language',
  'status',
  'joinedOn',
  'resignedOn',
  'feeReminders',
  'openpgpKey',
  'sshKeys',
  'comments',
]

const wordOf = (kind: unknown) => kinds.find(({ value }) => value === kind)?.label ?? String(kind)

/** What a status looks like. */
export const MemberStatus = ({ status }: { status: string }) =>
  status === 'member' ? (
    <State tone="ok">{t('Member')}</State>
  ) : status === 'pending' ? (
    <State name="to_accept" />
  ) : (
    <State tone="none" icon="user-off">
      {t('Not a member')}
    </State>
  )

export const memberResource = defineResource({
  name: 'member',
  plural: 'members',
  label: 'Member',
  labelPlural: 'Members',
  labelNew: 'New member',
  icon: 'users',
  section: 'people',
  order: 10,
  empty: 'The people and organisations that you serve: who they are, how to reach them, and what they subscribe to.',
  table: members,
  // an address may be that of a whole family, and a name that of two people
  key: [['username'], ['email', 'firstName', 'lastName'], ['email', 'organizationName'], ['email', 'lastName']],
  fields: memberFields,
  add: form,
  change: form,
  list: {
    from: sql`member`,
    columns: [
      { key: 'displayName', label: 'Name', sql: sql`member.display_name` },
      { key: 'status', label: 'Status', sql: sql`member.status`, render: status => <MemberStatus status={String(status)} /> },
      {
        key: 'subscriptions',
        label: 'Subscriptions',
        sql: sql`(SELECT count(*)::int FROM subscription s WHERE s.member_id = row.id AND (s.resigned_on IS NULL OR s.resigned_on >= current_date))`,
        late: true,
        align: 'end',
        wide: true,
      },
      owesColumn,
      { key: 'joinedOn', label: 'Member since', sql: sql`member.joined_on`, wide: true, render: date => formatDate(String(date), 'table') },
      { key: 'kind', label: 'Kind', sql: sql`member.kind`, sortable: false, optional: true, wide: true, render: kind => t(wordOf(kind)) },
      { key: 'city', label: 'City', sql: sql`member.city`, sortable: false, optional: true, wide: true },
      { key: 'mobilePhone', label: 'Mobile phone', sql: sql`member.mobile_phone`, sortable: false, optional: true, wide: true },
      { key: 'email', label: 'E-mail address', sql: sql`member.email`, sortable: false, optional: true, wide: true },
      { key: 'resignedOn', label: 'Resignation', sql: sql`member.resigned_on`, sortable: false, optional: true, wide: true },
      { key: 'id', label: 'Id', sql: sql`member.id`, optional: true, wide: true, align: 'end' },
    ],
    hidden: { username: sql`member.username` },
    sub: row => `${row.username} · ${row.email}`,
    search: memberMatches,
    searchHint: 'Name, username or e-mail address',
    filters: {
      status: { label: 'Status', choices: statuses, where: value => sql`member.status = ${value}` },
      kind: { label: 'Kind', choices: kinds, where: value => sql`member.kind = ${value}` },
      city: { label: 'City', kind: 'text', where: term => sql`coin.fold(member.city) LIKE '%' || coin.fold(${term}) || '%'` },
      joined: { label: 'Member since', kind: 'date', sql: sql`member.joined_on` },
      resigned: { label: 'Resignation', kind: 'date', sql: sql`member.resigned_on` },
      owes: owesFilter,
      account: { label: 'Can sign in', kind: 'boolean', where: sql`member.user_id IS NOT NULL` },
    },
    views: [
      { name: 'pending', label: 'To accept', where: sql`member.status = 'pending'` },
      { name: 'members', label: 'Members', where: sql`member.status = 'member'` },
      { name: 'former', label: 'Former', where: sql`member.status = 'not_member'` },
    ],
    sort: 'displayName',
  },
  within: part => sql`member.id IN ${membersWithin(part)}`,
  describe: row => String(row.displayName),
  details: (row, tx) => <MemberDetails row={row} tx={tx} />,
  actions: row => <MemberActions row={row} />,
  // the form has checked the values against the columns
  create: (input: Input, tx) => addMember(tx, input as unknown as NewMember),
  createMany: (inputs, tx) => addMembers(tx, inputs as unknown as readonly NewMember[]),
  remove: (id, tx) => removeMember(tx, id),
  async consequences(row, tx) {
    const count = await subscriptionCount(tx, row.id)
    return count > 0
      ? [
          t('{{name}} has {{count}} subscriptions and cannot be removed.', { name: String(row.displayName), count }),
          t('Give the date of resignation instead: the history of addresses and bills needs the member.'),
        ]
      : [t('The account that signs in as this member is kept, but sees nothing any more.')]
  },
  find: (text, tx) => findMember(tx, text),
})
