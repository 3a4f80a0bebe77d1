import type { FieldError } from '../errors.ts'
import { longestPassword, shortestPassword } from './rules.ts'

/** What can be wrong with a new password, by better-auth's code. */
export const passwordWords = (field: string): Readonly<Record<string, FieldError>> => ({
  PASSWORD_TOO_SHORT: { field, message: 'A password has at least {{count}} characters.', values: { count: shortestPassword } },
  PASSWORD_TOO_LONG: { field, message: 'A password has at most {{count}} characters.', values: { count: longestPassword } },
})
