import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { defineResource, type Row } from '../app/resource.ts'
import { currentScope, may } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { ButtonLink, Card, CardBody, Stack, sitePath, Table } from '../ui/index.ts'
import { groupMembers, memberGroups } from './tables.ts'

/** Groups of members: what roles may be limited to. */
export const groupResource = defineResource({
  name: 'member_group',
  plural: 'member-groups',
  label: 'Group of members',
  labelPlural: 'Groups of members',
  labelNew: 'New group of members',
  icon: 'users-group',
  section: 'people',
  order: 112,
  empty: 'Members put together, so that roles can be limited to them: those of a place, or of a partner.',
  table: memberGroups,
  key: ['name'],
  fields: { name: { label: 'Name' }, purpose: { label: 'What for', kind: 'textarea' } },
  add: ['name', 'purpose'],
  change: ['name', 'purpose'],
  list: {
    from: sql`member_group`,
    columns: [
      { key: 'name', label: 'Name', sql: sql`member_group.name` },
      { key: 'purpose', label: 'What for', sql: sql`member_group.purpose`, wide: true },
      {
        key: 'members',
        label: 'Members',
        late: true,
        align: 'end',
        sql: sql`(SELECT count(*)::int FROM group_member g WHERE g.group_id = row.id)`,
      },
    ],
    search: term => sql`coin.fold(member_group.name) LIKE '%' || coin.fold(${term}) || '%'`,
    searchHint: 'Name',
    sort: 'name',
  },
  within: ({ groups }) => sql`member_group.id = ANY (${sql.param([...groups])}::bigint[])`,
  describe: row => String(row.name),
  find: async (text, tx) => {
    const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM member_group WHERE name = ${text}`)
    return rows[0]?.id
  },
  details: (row, tx) => <GroupDetails row={row} tx={tx} />,
})

interface InGroup extends Record<string, unknown> {
  readonly id: number
  readonly memberId: number
  readonly member: string
}

async function GroupDetails({ row, tx }: { row: Row; tx: Tx }) {
  const { actor } = currentScope()
  const { rows } = await tx.execute<InGroup>(sql`
    SELECT g.id, m.id AS "memberId", m.display_name AS member FROM group_member g JOIN member m ON m.id = g.member_id
    WHERE g.group_id = ${row.id} ORDER BY m.display_name, m.id`)
  return (
    <Stack>
      {row.purpose ? (
        <Card title={t('What for')}>
          <p class="pre-line">{String(row.purpose)}</p>
        </Card>
      ) : null}
      <Card
        title={t('Members')}
        body={false}
        actions={
          may(actor, 'group_membership.add') && (
            <ButtonLink
              small
              icon="plus"
              href={`${sitePath('/admin/group-memberships/new')}?groupId=${row.id}&next=/admin/member-groups/${row.id}`}
            >
              {t('Add a member')}
            </ButtonLink>
          )
        }
      >
        <Table
          caption={t('Members')}
          rows={rows}
          rowHref={({ memberId }) => sitePath(`/admin/members/${memberId}`)}
          columns={[
            { key: 'member', label: t('Member'), render: ({ member }) => member },
            {
              key: 'actions',
              label: t('Actions'),
              unlabelled: true,
              align: 'end',
              render: ({ id, member }) =>
                may(actor, 'group_membership.remove') && (
                  <a class="btn btn-sm btn-plain" href={sitePath(`/admin/group-memberships/${id}/remove`)}>
                    {t('Take out')}
                    <span class="visually-hidden"> {member}</span>
                  </a>
                ),
            },
          ]}
          empty={<CardBody>{t('Nobody yet')}</CardBody>}
        />
      </Card>
    </Stack>
  )
}

/** Who is in which group. Nobody who is limited puts somebody into a group: it would widen what they see. */
export const groupMembershipResource = defineResource({
  name: 'group_membership',
  plural: 'group-memberships',
  label: 'Membership of a group',
  labelPlural: 'Memberships of groups',
  labelNew: 'Put into a group',
  icon: 'users-group',
  offMenu: true,
  table: groupMembers,
  fields: {
    groupId: { label: 'Group', kind: 'reference', reference: 'member_group' },
    memberId: { label: 'Member', kind: 'reference', reference: 'member' },
  },
  add: ['groupId', 'memberId'],
  change: [],
  list: {
    from: sql`group_member JOIN member_group ON member_group.id = group_member.group_id JOIN member ON member.id = group_member.member_id`,
    columns: [
      { key: 'member', label: 'Member', sql: sql`member.display_name` },
      { key: 'group', label: 'Group', sql: sql`member_group.name` },
    ],
    hidden: { memberId: sql`member.id`, groupId: sql`member_group.id` },
    search: term => sql`coin.fold(member.display_name || ' ' || member_group.name) LIKE '%' || coin.fold(${term}) || '%'`,
    searchHint: 'Member or group',
    sort: 'member',
  },
  describe: row => String(row.said ?? `#${row.id}`),
  async load(id, tx) {
    const { rows } = await tx.execute<{ id: number; groupId: number; memberId: number; said: string; version: number }>(sql`
      SELECT g.id, g.version, g.group_id AS "groupId", g.member_id AS "memberId", m.display_name || ' – ' || x.name AS said
      FROM group_member g JOIN member m ON m.id = g.member_id JOIN member_group x ON x.id = g.group_id WHERE g.id = ${id}`)
    return rows[0]
  },
})
