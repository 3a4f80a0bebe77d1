import type { Difference } from 'coin'

/** What an attribute can be given: nothing (then it is absent), one value or several. A boolean is written TRUE or FALSE. */
export type LdapValue = string | number | bigint | boolean | null | undefined | readonly (string | number | bigint | boolean)[]

/** An entry: the values of its attributes, by the names that the declaration uses. */
export type LdapEntry = { readonly [attribute: string]: readonly string[] }

/** How the values of an attribute are looked at. */
export interface Rules {
  /** Whether another spelling in capitals is the same value. */
  readonly ignoreCase?: boolean
  /** Only that these values are there matters; others may be. */
  readonly atLeast?: boolean
}

/** Values as the directory keeps them: text, each once, in an order that does not depend on anything. */
export function toValues(value: LdapValue): readonly string[] {
  if (value === null || value === undefined) return []
  return Array.isArray(value) ? [...new Set(value.map(toText))].sort() : [toText(value as Exclude<typeof value, readonly unknown[]>)]
}

const toText = (value: string | number | bigint | boolean): string =>
  typeof value === 'boolean' ? String(value).toUpperCase() : String(value)

/** Whether two sets of values say the same. */
export function sameValues(desired: readonly string[], observed: readonly string[], { ignoreCase, atLeast }: Rules = {}): boolean {
  // most have one value, and it is the same
  if (desired.length === observed.length && desired.every((value, index) => value === observed[index])) return true
  const fold = (value: string) => (ignoreCase ? value.toLowerCase() : value)
  const there = new Set(observed.map(fold))
  const wanted = new Set(desired.map(fold))
  return [...wanted].every(value => there.has(value)) && (atLeast || wanted.size === there.size)
}

/** Attribute by attribute, what is not as it should be. Attributes that are not in `rules` are nobody's business here. */
export function differencesOf(
  rules: ReadonlyMap<string, Rules>,
  desired: LdapEntry,
  observed: LdapEntry | undefined,
): readonly Difference[] {
  return [...rules].flatMap(([path, rule]) => {
    const to = desired[path] ?? []
    const from = observed?.[path] ?? []
    return sameValues(to, from, rule) ? [] : [{ path, from: from.length ? from : undefined, to: to.length ? to : undefined }]
  })
}
