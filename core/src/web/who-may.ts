import { rightsOf } from '../app/rights.ts'
import { may, type Within } from '../app/scope.ts'
import type { StatedRoute } from './stated.ts'

/** A role, as far as routes are concerned. */
export interface RoleOfRoutes extends Within {
  readonly name: string
  readonly permissions: readonly string[]
}

/** Everybody, whoever signed in, members: those who need no role. */
export type Audience = 'everybody' | 'signed_in' | 'members' | 'programs' | 'owner'

/** Who may use a route: those who need no role, and the roles; `limited` ones for their offers and groups only. */
export interface WhoMay {
  readonly audience: Audience | undefined
  readonly roles: readonly { readonly name: string; readonly limited: boolean }[]
}

/** Who may use a route, of these roles. */
export function whoMay(route: StatedRoute, roles: readonly RoleOfRoutes[]): WhoMay {
  const audience = audienceOf(route)
  if (route.access === 'staff' && !route.permission) return { audience, roles: roles.map(({ name }) => ({ name, limited: false })) }
  const permission = route.permission ?? (route.access.includes('.') ? route.access : undefined)
  if (permission === undefined) return { audience, roles: [] }
  return {
    audience,
    roles: roles.flatMap(role => {
      const { permissions, limits } = rightsOf([role])
      const limited = limits?.has(permission) ?? false
      const allowed = may({ kind: 'user', label: '', roles: [], permissions }, permission)
      return allowed && (!limited || route.narrows) ? [{ name: role.name, limited }] : []
    }),
  }
}

function audienceOf({ access, machine }: StatedRoute): Audience | undefined {
  if (machine) return 'programs'
  return ({ public: 'everybody', signing_in: 'signed_in', signed_in: 'signed_in', member: 'members', owner: 'owner' } as const)[
    access as 'public' | 'signing_in' | 'signed_in' | 'member' | 'owner'
  ]
}
