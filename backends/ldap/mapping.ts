import { AndFilter, EqualityFilter, type Filter } from 'ldapts'
import type { Found } from './reader.ts'
import type { LdapEntry, Rules } from './values.ts'

/** A declaration, in the form that reading and writing use. */
export interface Mapping {
  readonly base: string
  readonly objectClass: readonly string[]
  /** The attributes that are mapped, by the names that the declaration uses. */
  readonly attributes: readonly string[]
  readonly secrets: readonly string[]
  /** Every attribute that Coin looks after, and how: the mapped ones and objectClass. */
  readonly rules: ReadonlyMap<string, Rules>
  /** What is asked of the directory. */
  readonly read: readonly string[]
  /** The entries that could be of this mapping. */
  readonly filter: Filter
  /** An entry of the directory, in the words of the declaration. */
  entryOf(found: Found): LdapEntry
}

/** What a declaration says about one attribute. */
export interface AttributeRules {
  readonly secret?: boolean
  readonly ignoreCase?: boolean
}

export function mappingOf(base: string, objectClass: readonly string[], attributes: ReadonlyMap<string, AttributeRules>): Mapping {
  const names = [...attributes.keys()]
  const classes = new Map(objectClass.map(name => [name.toLowerCase(), name]))
  return {
    base,
    objectClass,
    attributes: names,
    secrets: names.filter(name => attributes.get(name)?.secret),
    rules: new Map<string, Rules>([['objectClass', { ignoreCase: true, atLeast: true }], ...attributes]),
    read: ['objectClass', ...names],
    filter: new AndFilter({ filters: objectClass.map(value => new EqualityFilter({ attribute: 'objectClass', value })) }),
    entryOf(found) {
      const entry: Record<string, readonly string[]> = {
        // classes of others are left alone; the order says nothing
        objectClass: (found.get('objectclass') ?? []).flatMap(name => classes.get(name.toLowerCase()) ?? []).sort(),
      }
      for (const name of names) {
        const values = found.get(name.toLowerCase())
        if (values?.length) entry[name] = [...values].sort()
      }
      return entry
    },
  }
}
