import { type Actor, isStaff, may } from './scope.ts'
import type { Access } from './view.ts'

/** Whether an actor may use what states this access. */
export function allows(access: Access, actor: Actor): boolean {
  switch (access) {
    case 'public':
      return true
    case 'signed_in':
      return actor.kind !== 'nobody'
    case 'member':
      return actor.memberId !== undefined
    case 'staff':
      return isStaff(actor)
    default:
      return may(actor, access)
  }
}

/** The actor of start-up, jobs and the CLI: may do everything. */
export const systemActor = (label: string): Actor => ({ kind: 'system', label, roles: ['staff'], permissions: new Set(['*']) })

/** Somebody who has not signed in. */
export const nobody: Actor = { kind: 'nobody', label: 'nobody', roles: [], permissions: new Set() }
