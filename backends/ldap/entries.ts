import { type AnyBackend, type BaseConfiguration, CoinError, type Configuration, type ConfigurationTable, defineBackend } from 'coin'
import { keyOf } from './dn.ts'
import { type AttributeRules, mappingOf } from './mapping.ts'
import type { LdapConnection } from './settings.ts'
import { openTarget } from './target.ts'
import { differencesOf, type LdapEntry, type LdapValue, toValues } from './values.ts'

/** What an attribute is given, with more to say about it. */
export interface LdapAttribute<C> extends AttributeRules {
  /** `null`, `undefined` and `[]`: the attribute is absent. */
  readonly value: (configuration: C) => LdapValue
  /** Its values are shown to nobody. */
  readonly secret?: boolean
  /** Another spelling in capitals is the same value. */
  readonly ignoreCase?: boolean
}

/** How configurations become entries of a directory. */
export interface LdapEntries<C> {
  /** The backend's name, which stays: see `defineBackend`. */
  readonly name: string
  /** What people call the directory. */
  readonly label?: string
  readonly connection: LdapConnection
  /** The entry that they are below, directly. It has to exist. */
  readonly base: string
  /** The attribute that names an entry, and its value: no two configurations have the same, whatever their capitals. */
  readonly rdn: (configuration: C) => readonly [attribute: string, value: string]
  /** The classes of a new entry. In one that is there, those missing are added, and others are left alone. */
  readonly objectClass: readonly string[]
  /** `false`: there should be no entry. */
  readonly when?: (configuration: C) => boolean
  /** A suspended subscription: without an entry (`removed`, unless given), or the functions here look at it (`told`). */
  readonly whenSuspended?: 'removed' | 'told'
  /** Each attribute that Coin looks after. All others are left alone. */
  readonly attributes: { readonly [attribute: string]: ((configuration: C) => LdapValue) | LdapAttribute<C> }
}

/** A backend that keeps one entry of an LDAP directory for each configuration of `table`, of several tables, or of `every` type. */
export function ldapEntries<T extends ConfigurationTable>(table: T | readonly T[], spec: LdapEntries<Configuration<T>>): AnyBackend
export function ldapEntries(table: 'every', spec: LdapEntries<BaseConfiguration>): AnyBackend
export function ldapEntries(table: ConfigurationTable | readonly ConfigurationTable[] | 'every', spec: LdapEntries<never>): AnyBackend {
  // a backend is only ever handed configurations of its own tables
  const { name, label, connection, base, rdn, objectClass, when, whenSuspended, attributes } =
    spec as unknown as LdapEntries<BaseConfiguration>
  const given = new Map(
    Object.entries(attributes).map(([attribute, value]) => [attribute, typeof value === 'function' ? { value } : value] as const),
  )
  const mapping = mappingOf(base, objectClass, given)
  return defineBackend<LdapEntry>(table as 'every', {
    name,
    ...(label !== undefined && { label }),
    ...(whenSuspended && { whenSuspended }),
    secrets: mapping.secrets,
    key(configuration) {
      const [attribute, value] = rdn(configuration)
      if (value.trim()) return keyOf(attribute, value, base)
      throw new CoinError('invalid', 'An entry of the directory needs a name: {{attribute}} is empty.', { values: { attribute } })
    },
    desired(configuration) {
      if (when && !when(configuration)) return undefined
      const entry: Record<string, readonly string[]> = { objectClass: [...objectClass].sort() }
      for (const [attribute, { value }] of given) {
        const values = toValues(value(configuration))
        if (values.length > 0) entry[attribute] = values
      }
      return entry
    },
    plan: (desired, observed) => differencesOf(mapping.rules, desired, observed),
    open: io => openTarget(connection, mapping, io),
  })
}
