import { messageOf, storable } from '../db/storable.ts'
import { isCoinError } from '../errors.ts'

/** More of a message is not kept. */
export const longest = 1000

/** What an error says, in English and in one line: values filled in, with the remedy. Kept in the database, so not translated. */
export function wordsOf(error: unknown): string {
  if (isCoinError(error))
    return storable([filled(error.message, error.values), error.hint && filled(error.hint, error.values)].filter(Boolean).join(' ')).slice(
      0,
      2 * longest,
    )
  if (error instanceof Error && error.cause !== undefined && isCoinError(error.cause)) return wordsOf(error.cause)
  return messageOf(error).slice(0, longest)
}

const filled = (message: string, values: Readonly<Record<string, string | number>>) =>
  message.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole))
