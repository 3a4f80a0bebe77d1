import { type Actor, mayEverywhere } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { allRoles } from './queries.ts'

/** True when somebody has all of these permissions themselves, for everything: nobody gives what they do not have. */
export const coversAll = (actor: Actor, permissions: readonly string[]): boolean =>
  permissions.every(permission => (permission === '*' ? actor.permissions.has('*') : mayEverywhere(actor, permission)))

/** Throws unless the actor has each permission of these. */
export function requireCovered(actor: Actor, permissions: readonly string[]): void {
  const missing = permissions.filter(permission => !coversAll(actor, [permission]))
  if (missing.length === 0) return
  throw new CoinError('refused', 'You may not give or take what you may not do yourself: {{permissions}}.', {
    values: { permissions: missing.slice(0, 5).join(', ') },
    hint: 'Ask an administrator.',
  })
}

/** Throws unless the actor has what these roles allow. */
export async function requireRolesCovered(tx: Tx, actor: Actor, roleIds: readonly number[]): Promise<void> {
  const concerned = (await allRoles(tx)).filter(role => roleIds.includes(role.id))
  requireCovered(actor, [...new Set(concerned.flatMap(role => role.permissions))])
}
