import type { ConstraintMessages } from '../db/errors.ts'

/** What the constraints of roles and groups mean. */
export const constraints: ConstraintMessages = {
  role_name_key: { field: 'name', message: 'Another role has this name.' },
  role_name_given: { field: 'name', message: 'Give it a name.' },
  role_permissions_form: { field: 'permissions', message: 'A permission looks like member.view, or is * for everything.' },
  role_everything_unlimited: {
    field: 'permissions',
    message: 'What may do everything cannot be limited. Choose the permissions one by one, or take the limits away.',
  },
  user_role_role: { message: 'Somebody has this role.', hint: 'Take it from them first.' },
  user_role_once: { field: 'roleId', message: 'They have this role already.' },
  member_group_name_key: { field: 'name', message: 'Another group has this name.' },
  member_group_name_given: { field: 'name', message: 'Give it a name.' },
  group_member_once: { field: 'memberId', message: 'This member is in the group already.' },
}
