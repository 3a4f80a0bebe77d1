import type { FieldError } from '../errors.ts'

/** As long as a message of a member may be. */
const longest = 10_000

/** What is wrong with something that a person wrote into `field`. Empty is not wrong. */
export function writtenErrors(field: string, text: string): FieldError[] {
  if (text.length > longest) return [{ field, message: 'This is longer than {{count}} characters.', values: { count: longest } }]
  return /[^\P{Cc}\n\r\t]/u.test(text) || !text.isWellFormed()
    ? [{ field, message: 'This holds a character that cannot be kept. Type it again instead of pasting it.' }]
    : []
}
