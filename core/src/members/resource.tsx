import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { defineResource, type Input } from '../app/resource.ts'
import { formatDate, State } from '../ui/index.ts'
import { kinds, memberFields, statuses } from './fields.ts'
import { MemberActions, MemberDetails } from './page.tsx'
import { findMember, memberMatches } from './queries.ts'
import { addMember, type NewMember, removeMember, subscriptionCount } from './rules.ts'
import { members } from './tables.ts'

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
      { key: 'joinedOn', label: 'Member since', sql: sql`member.joined_on`, wide: true, render: date => formatDate(String(date), 'table') },
    ],
    hidden: { username: sql`member.username`, email: sql`member.email` },
    sub: row => `${row.username} · ${row.email}`,
    search: memberMatches,
    searchHint: 'Name, username or e-mail address',
    filters: {
      status: { label: 'Status', choices: statuses, where: value => sql`member.status = ${value}` },
      kind: { label: 'Kind', choices: kinds, where: value => sql`member.kind = ${value}` },
    },
    views: [
      { name: 'pending', label: 'To accept', where: sql`member.status = 'pending'` },
      { name: 'members', label: 'Members', where: sql`member.status = 'member'` },
      { name: 'former', label: 'Former', where: sql`member.status = 'not_member'` },
    ],
    sort: 'displayName',
  },
  describe: row => String(row.displayName),
  details: (row, tx) => <MemberDetails row={row} tx={tx} />,
  actions: row => <MemberActions row={row} />,
  // the form has checked the values against the columns
  create: (input: Input, tx) => addMember(tx, input as unknown as NewMember),
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
