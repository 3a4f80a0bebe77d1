import { isCoinError } from '../errors.ts'

/** What an error says, in English and in one line: values filled in, with the remedy. Kept in the database, so not translated. */
export function wordsOf(error: unknown): string {
  if (isCoinError(error))
    return [filled(error.message, error.values), error.hint && filled(error.hint, error.values)].filter(Boolean).join(' ')
  if (error instanceof Error && error.cause !== undefined && isCoinError(error.cause)) return wordsOf(error.cause)
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.replace(/\s+/g, ' ').trim().slice(0, 1000)
}

const filled = (message: string, values: Readonly<Record<string, string | number>>) =>
  message.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole))
