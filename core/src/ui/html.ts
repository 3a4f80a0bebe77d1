import type { Child } from 'hono/jsx'
import type { Html } from '../app/html.ts'

export type { Html } from '../app/html.ts'

/** What may stand between two tags. */
export type Content = Child | Html

/** Joins class names, leaving out what is not there. */
export const classes = (...names: (string | false | null | undefined)[]): string | undefined => names.filter(Boolean).join(' ') || undefined

/** A query string from an earlier one with some values replaced; `undefined` removes. Begins with `?`. */
export function withQuery(
  query: string | URLSearchParams | undefined,
  changes: Readonly<Record<string, string | number | undefined>>,
): string {
  const result = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') result.delete(name)
    else result.set(name, String(value))
  }
  return `?${result}`
}
