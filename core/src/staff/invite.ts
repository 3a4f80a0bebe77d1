import { mailInvitation } from '../accounts/invite.ts'
import { checkedEmail, createUser } from '../accounts/rules.ts'
import type { Actor } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { invalid } from '../errors.ts'
import { requireRolesCovered } from './giving.ts'
import { personNamed } from './queries.ts'
import { setRoles } from './rules.ts'

export interface NewStaff {
  readonly email: string
  readonly name: string
  readonly language?: string
  readonly roleIds: readonly number[]
}

/**
 * Gives somebody roles by hand: whoever has an account already, such as a member, keeps it and gets them beside those that they have; anybody
 * else gets an account, and a mail with a link to choose a password.
 */
export async function inviteStaff(tx: Tx, actor: Actor, { email: typed, name, language = '', roleIds }: NewStaff) {
  const email = checkedEmail(typed)
  if (roleIds.length === 0) throw invalid('roles', 'Choose a role: without one there is nothing to do here.')
  await requireRolesCovered(tx, actor, roleIds)
  const known = await personNamed(tx, email)
  if (known) {
    await setRoles(tx, known.id, [...roleIds, ...known.roles.filter(({ source }) => source === 'hand').map(({ id }) => id)])
    return { id: known.id, email, invited: false }
  }
  if (name.trim() === '') throw invalid('name', 'Give the name of whoever it is.')
  const { id } = await createUser({ email, name: name.trim(), role: 'member', language }, tx)
  await setRoles(tx, id, roleIds)
  await mailInvitation(tx, 'staff', id, { email, name: name.trim(), language })
  return { id, email, invited: true }
}

/** Mails the link to choose a password again. */
export async function inviteAgain(tx: Tx, userId: string): Promise<string> {
  const known = await personNamed(tx, userId)
  if (!known) throw invalid('', 'There is no such account.')
  await mailInvitation(tx, 'staff', known.id, known)
  return known.email
}
