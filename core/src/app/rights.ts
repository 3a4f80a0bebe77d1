import type { Actor, Within } from './scope.ts'

/** A role as somebody has it: what it allows, and the offers and groups that it is limited to, if any. */
export interface HeldRole extends Within {
  readonly permissions: readonly string[]
}

/**
 * What several roles allow together. A permission holds for what any of the roles that give it holds for: one without a limit is enough
 * for everything.
 */
export function rightsOf(roles: readonly HeldRole[]): Pick<Actor, 'permissions'> & { readonly limits?: ReadonlyMap<string, Within> } {
  const limits = new Map<string, Within>()
  const everywhere = new Set<string>()
  for (const { permissions, offers, groups } of roles)
    for (const permission of permissions) {
      if (offers.length === 0 && groups.length === 0) everywhere.add(permission)
      else limits.set(permission, union(limits.get(permission), { offers, groups }))
    }
  const permissions = new Set([...everywhere, ...limits.keys()])
  for (const permission of everywhere.has('*') ? limits.keys() : everywhere) limits.delete(permission)
  return limits.size > 0 ? { permissions, limits } : { permissions }
}

/** The same text for whoever may do the same. */
export const rightsKey = ({ kind, roles, permissions, limits, signingIn }: Actor): string =>
  `${kind} ${signingIn} ${roles.join()} ${[...permissions].join()}${limits ? JSON.stringify([...limits]) : ''}`

const union = (one: Within | undefined, other: Within): Within => ({
  offers: [...new Set([...(one?.offers ?? []), ...other.offers])],
  groups: [...new Set([...(one?.groups ?? []), ...other.groups])],
})
