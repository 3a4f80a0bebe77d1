import { AsyncLocalStorage } from 'node:async_hooks'
import type { Tx } from '../db/database.ts'
import type { Registry } from './registry.ts'
import type { Sealer } from './sealed.ts'

/** Who acts. `nobody` has not signed in; `system` is a job, the CLI or the start-up. */
export interface Actor {
  readonly kind: 'nobody' | 'user' | 'system'
  /** How the history names the actor. */
  readonly label: string
  readonly userId?: string
  /** The member that this user is, if any. */
  readonly memberId?: number
  readonly roles: readonly string[]
  /** Of nobody: their password was right, and the second factor that they must have is not set up. */
  readonly signingIn?: true
  /** What the roles allow, such as `member.change`; `*` is everything. */
  readonly permissions: ReadonlySet<string>
  /** Of permissions that hold for some offers and groups of members only: which. What is not here holds for everything. */
  readonly limits?: ReadonlyMap<string, Within>
}

/** A part of what there is: what belongs to these offers, or to the members of these groups. */
export interface Within {
  readonly offers: readonly number[]
  readonly groups: readonly number[]
}

export type Theme = 'light' | 'dark'

/** One sentence kept until the next page. */
export interface Flash {
  readonly kind: 'ok' | 'fail'
  readonly message: string
}

/** What a request, a job or a command carries along, so that `t`, `url` and `asset` are plain functions. */
export interface Scope {
  readonly registry: Registry
  /** For reading: what slots and components look up. Writing goes through `coin.transaction`. */
  readonly db: Tx
  readonly actor: Actor
  /** BCP 47, such as `en` or `fr`. */
  readonly locale: string
  /** `''` at a site's root, else such as `/coin`. */
  readonly basePath: string
  /** The path asked for, without the base path. */
  readonly path: string
  /** What follows the `?`. */
  readonly query: URLSearchParams
  /** The app whose code runs: its translations come first. */
  readonly app: string
  readonly flash?: Flash | undefined
  /** What this browser chose; the system decides unless given. */
  readonly theme?: Theme | undefined
  /** Numbers that may be some seconds old are counted for each page: so that the statements of two pages can be compared. */
  readonly exact?: boolean
  /** True when htmx asked and wants a fragment. */
  readonly fragment: boolean
  /** Where generated copies go, such as `var`; known to jobs and commands. */
  readonly data?: string
  /** Behind `seal` and `unseal`. */
  readonly sealer?: Sealer
}

const storage = new AsyncLocalStorage<Scope>()

/** Runs `work` with `scope` as the current one. */
export const withScope = <R>(scope: Scope, work: () => R): R => storage.run(scope, work)

/** The current scope. Throws outside of a request, job or command: a programmer's mistake. */
export function currentScope(): Scope {
  const scope = storage.getStore()
  if (!scope) throw new Error('No scope: call this inside a request, a job or withScope()')
  return scope
}

/** The current scope, or undefined at start-up. */
export const scopeIfAny = (): Scope | undefined => storage.getStore()

/** Runs `work` with some of the current scope replaced. */
export const withinScope = <R>(part: Partial<Scope>, work: () => R): R => storage.run({ ...currentScope(), ...part }, work)

/** True when the actor has the permission, or all of them. */
export const may = (actor: Actor, permission: string): boolean => actor.permissions.has('*') || actor.permissions.has(permission)

/** True when the actor has the permission for everything, not for some offers or groups only: what no query narrows asks this. */
export const mayEverywhere = (actor: Actor, permission: string): boolean => may(actor, permission) && !actor.limits?.has(permission)

/** True for somebody who works for the provider. */
export const isStaff = (actor: Actor): boolean => actor.kind === 'system' || actor.roles.includes('staff')
