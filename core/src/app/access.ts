import { type Actor, isStaff, may, mayEverywhere } from './scope.ts'
import type { Access } from './view.ts'

/**
 * Whether an actor may use what states this access. A permission that is limited to some offers or groups counts only where what is shown
 * is narrowed to them.
 */
export function allows(access: Access, actor: Actor, narrowed = false): boolean {
  switch (access) {
    case 'public':
      return true
    case 'signing_in':
      return actor.kind !== 'nobody' || actor.signingIn === true
    case 'signed_in':
      return actor.kind !== 'nobody'
    case 'member':
      return actor.memberId !== undefined
    case 'staff':
      return isStaff(actor)
    default:
      return narrowed ? may(actor, access) : mayEverywhere(actor, access)
  }
}

/** The actor of start-up, jobs and the CLI: may do everything. */
export const systemActor = (label: string): Actor => ({ kind: 'system', label, roles: ['staff'], permissions: new Set(['*']) })

/** Somebody who has not signed in. */
export const nobody: Actor = { kind: 'nobody', label: 'nobody', roles: [], permissions: new Set() }
