import { eq, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { defineResource } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { requireCovered } from './giving.ts'
import { permissionChoices } from './permission-list.ts'
import { PermissionBoxes } from './permission-table.tsx'
import { RoleDetails } from './role-page.tsx'
import { roles } from './tables.ts'

export const roleResource = defineResource({
  name: 'role',
  plural: 'roles',
  label: 'Role',
  labelPlural: 'Roles',
  labelNew: 'New role',
  icon: 'shield-check',
  section: 'settings',
  order: 111,
  empty: 'What those who work for the provider may do. Somebody can have several roles.',
  table: roles,
  importable: false,
  fields: {
    name: { label: 'Name' },
    permissions: {
      label: 'What it allows',
      many: true,
      choices: permissionChoices,
      control: props => <PermissionBoxes {...props} />,
    },
    offers: {
      label: 'Only for these offers',
      help: 'Their subscriptions, and the members who have them. Without an offer or a group, the role holds for everything.',
      many: true,
      reference: 'offer',
    },
    groups: {
      label: 'Only for these groups of members',
      help: 'Their members, and all that these have',
      many: true,
      reference: 'member_group',
    },
  },
  add: ['name', 'permissions', 'offers', 'groups'],
  change: ['name', 'permissions', 'offers', 'groups'],
  list: {
    from: sql`role`,
    columns: [
      { key: 'name', label: 'Name', sql: sql`role.name` },
      {
        key: 'permissions',
        label: 'Permissions',
        sql: sql`CASE WHEN '*' = ANY (role.permissions) THEN -1 ELSE cardinality(role.permissions) END`,
        align: 'end',
        wide: true,
        render: value => (value === -1 ? t('Everything') : String(value)),
      },
      {
        key: 'limited',
        label: 'Holds for',
        sql: sql`cardinality(role.offers) + cardinality(role.groups) > 0`,
        wide: true,
        render: value => (value ? t('Some offers or groups') : t('Everything')),
      },
      {
        key: 'people',
        label: 'People',
        late: true,
        align: 'end',
        sql: sql`(SELECT count(DISTINCT g.user_id)::int FROM user_role g WHERE g.role_id = row.id)`,
      },
    ],
    search: term => sql`coin.fold(role.name) LIKE '%' || coin.fold(${term}) || '%'`,
    searchHint: 'Name',
    sort: 'name',
  },
  describe: row => String(row.name),
  find: async (text, tx) => {
    const { rows } = await tx.execute<{ id: number }>(sql`SELECT id FROM role WHERE name = ${text}`)
    return rows[0]?.id
  },
  details: (row, tx) => <RoleDetails row={row} tx={tx} />,
  more: () => <a href={url('staff:routes')}>{t('Who may open which page')}</a>,
  async create(input, tx) {
    requireCovered(currentScope().actor, (input.permissions ?? []) as readonly string[])
    const [row] = await tx
      .insert(roles)
      .values(input as typeof roles.$inferInsert)
      .returning({ id: roles.id })
    return row?.id ?? 0
  },
  async update(id, input, tx) {
    const [before] = await tx.select({ permissions: roles.permissions }).from(roles).where(eq(roles.id, id))
    requireCovered(currentScope().actor, [...(before?.permissions ?? []), ...((input.permissions ?? []) as readonly string[])])
    await tx.update(roles).set(input).where(eq(roles.id, id))
  },
})
