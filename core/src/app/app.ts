import type * as z from 'zod'
import type { ConstraintMessages } from '../db/errors.ts'
import type { AnyBackend } from './backend.ts'
import type { AnyBillingStrategy } from './billing-strategy.ts'
import type { AnyConfiguration } from './configuration.ts'
import type { AfterCommit, BeforeCommit } from './events.ts'
import type { AnyFinder } from './finder.ts'
import type { Command, Job } from './job.ts'
import type { MenuItem } from './menu.ts'
import type { PersonalData } from './personal-data.ts'
import type { AnyRequestKind } from './request-kind.ts'
import type { AnyResource } from './resource.ts'
import type { OnSignIn } from './sign-in.ts'
import type { SlotRenderers } from './slots.ts'
import type { View, Views } from './view.ts'

/** Everything an app may contribute. What is not a key here cannot be extended. */
export interface Contributions<V extends string = string> {
  /** Access technologies. */
  readonly configurations?: readonly AnyConfiguration[]
  /** Backends for types of configuration that this or another app declares. */
  readonly backends?: readonly AnyBackend[]
  /** Ways to bill offers. */
  readonly billingStrategies?: readonly AnyBillingStrategy[]
  readonly views?: { readonly [Name in V]: View }
  /** Where views are mounted: `[[name, views]]` unless given. The first entry with the app's own `views` keeps its reverse names. */
  readonly exportedUrls?: readonly (readonly [prefix: string, views: Views])[]
  readonly menu?: readonly MenuItem<V>[]
  /** Files of the app's `static/` folder linked from every page of the app. */
  readonly css?: readonly string[]
  readonly js?: readonly string[]
  readonly slots?: SlotRenderers
  readonly jobs?: { readonly [name: string]: Job }
  readonly commands?: { readonly [name: string]: Command }
  /** Tables of the app that are not configurations, for the back office and the CLI. */
  readonly resources?: readonly AnyResource[]
  /** What members may ask for. */
  readonly requests?: readonly AnyRequestKind[]
  /** What the search box finds besides the rows of resources. */
  readonly finders?: readonly AnyFinder[]
  /** What it holds about members, why and for how long. The tables of its configurations need no line. */
  readonly personalData?: readonly PersonalData[]
  /** Is told who comes from a sign-in service, and with which roles. */
  readonly signedIn?: OnSignIn
  readonly beforeCommit?: BeforeCommit
  readonly afterCommit?: AfterCommit
  /** Permissions beyond those of its resources: `{ 'vpn.reset': 'Make a new password for a member' }`. */
  readonly permissions?: { readonly [name: `${string}.${string}`]: string }
  /** What its tables' constraints mean, in words. */
  readonly constraints?: ConstraintMessages
}

export interface Identity<N extends string, S extends z.ZodType> {
  /** snake_case; its URL prefix, its CLI group, its translations' namespace. */
  readonly name: N
  readonly verboseName: string
  /** `import.meta.url` of the app: `migrations/`, `static/` and `locales/` are found next to it. */
  readonly root: string
  /** What a deployment may or must set, checked at boot. */
  readonly settings?: S
  /** Apps whose tables this one refers to. */
  readonly requires?: readonly string[]
}

const brand = Symbol.for('coin.app')

/** An app with its settings, ready for the registry. */
export interface App {
  readonly [brand]: 1
  readonly name: string
  readonly verboseName: string
  readonly root: string
  readonly requires: readonly string[]
  readonly contributions: Contributions
  /** What is wrong with its settings, path by path; the registry refuses to start with any. */
  readonly problems: readonly string[]
}

/** An object without keys. */
type Nothing = Record<never, never>
type Factory<S extends z.ZodType> = Nothing extends z.input<S> ? (settings?: z.input<S>) => App : (settings: z.input<S>) => App

/** True for an app, whichever copy of the package made it. */
export const isApp = (value: unknown): value is App => typeof value === 'object' && value !== null && brand in value

/**
 * Declares an app. Gives a function that a deployment calls in `coin.config.ts` with the app's settings. Wrong settings do
 * not throw here: they are reported at boot together with everything else.
 */
export function defineApp<const N extends string, S extends z.ZodType = z.ZodObject<Nothing, z.core.$strict>, V extends string = never>(
  identity: Identity<N, S>,
  contributions: Contributions<V> | ((settings: z.output<S>) => Contributions<V>),
): Factory<S> {
  const { name, verboseName, root, requires = [] } = identity
  const create = (input: unknown = {}): App => {
    const made = settle(identity.settings, input, contributions as Contributions | ((settings: unknown) => Contributions))
    return Object.freeze({ [brand]: 1 as const, name, verboseName, root, requires, ...made })
  }
  return create as Factory<S>
}

function settle(schema: z.ZodType | undefined, input: unknown, contributions: Contributions | ((settings: unknown) => Contributions)) {
  const parsed = schema?.safeParse(input)
  if (parsed && !parsed.success) {
    const problems = parsed.error.issues.map(issue => `setting ${issue.path.map(String).join('.') || '(all)'}: ${issue.message}`)
    return { contributions: {}, problems }
  }
  const unknownKeys = schema ? [] : Object.keys(input as object).map(key => `setting ${key}: this app has no settings`)
  return { contributions: typeof contributions === 'function' ? contributions(parsed?.data ?? {}) : contributions, problems: unknownKeys }
}
