import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, may } from '../app/scope.ts'
import type { SlotRenderers } from '../app/slots.ts'
import { ButtonLink, Card, sitePath } from '../ui/index.ts'
import { DirectoryTrouble } from './directory-note.tsx'

/** Where groups show on pages of others. */
export const slots = { 'member.details': MemberGroups, 'home.staff': DirectoryTrouble } satisfies SlotRenderers

/** The groups of a member; nothing as long as there are no groups at all. */
async function MemberGroups({ memberId }: { memberId: number }) {
  const { actor, db } = currentScope()
  if (!may(actor, 'member_group.view')) return undefined
  const { rows } = await db.execute<{ id: number; name: string; member: boolean }>(sql`
    SELECT x.id, x.name, EXISTS (SELECT FROM group_member g WHERE g.group_id = x.id AND g.member_id = ${memberId}) AS member
    FROM member_group x ORDER BY x.name`)
  if (rows.length === 0) return undefined
  const own = rows.filter(({ member }) => member)
  return (
    <Card
      title={t('Groups')}
      actions={
        may(actor, 'group_membership.add') && (
          <ButtonLink
            small
            icon="plus"
            href={`${sitePath('/admin/group-memberships/new')}?memberId=${memberId}&next=/admin/members/${memberId}`}
          >
            {t('Put into a group')}
          </ButtonLink>
        )
      }
    >
      {own.length === 0 ? (
        <p class="quiet">{t('In no group')}</p>
      ) : (
        <ul class="plain">
          {own.map(({ id, name }) => (
            <li>
              <a href={sitePath(`/admin/member-groups/${id}`)}>{name}</a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
