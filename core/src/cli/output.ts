import { CommanderError } from 'commander'
import { t } from '../app/i18n.ts'
import { CoinError, isCoinError, type Values } from '../errors.ts'
import { explain } from '../db/errors.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'

const filled = (message: string, values: Values) => message.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => String(values[key] ?? whole))

/** Tells the shell what went wrong, in words or as JSON, and gives the exit code. */
export function reportError(error: unknown, options: { readonly json: boolean; readonly labels?: Readonly<Record<string, string>> }): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const explained = explain(error, {})
  const known = isCoinError(explained) ? explained : new CoinError('refused', explained instanceof Error ? explained.message : String(explained))
  const fields = known.fields.filter(({ field }) => field !== '').map(({ field, message, values }) => ({ field, message: filled(t(message), values ?? {}) }))
  const message = filled(known.message, known.values)
  if (options.json) {
    console.error(JSON.stringify({ error: { code: known.code, message, ...(known.hint && { hint: known.hint }), ...(fields.length > 0 && { fields }) } }))
  } else if (fields.length > 0) {
    for (const { field, message: text } of fields) console.error(`coin: ${options.labels?.[field] ?? field}: ${text}`)
    if (known.hint) console.error(filled(known.hint, known.values))
  } else {
    console.error(`coin: ${message}`)
    if (known.hint) console.error(filled(known.hint, known.values))
  }
  return exitCodeOf(known.code)
}

/** Prints a result: JSON on one line, or words. */
export function print(value: unknown, words: string, json: boolean): void {
  console.log(json ? JSON.stringify(value) : words)
}
