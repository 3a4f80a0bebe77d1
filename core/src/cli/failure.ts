import { t } from '../app/i18n.ts'
import { databaseFailure, explain } from '../db/errors.ts'
import { CoinError, type ErrorCode, isCoinError } from '../errors.ts'
import type { CliContext } from './context.ts'

/** What was typed is not a command. */
export const usageCode = 2

const codes: Readonly<Record<ErrorCode, number>> = {
  invalid: 1,
  refused: 1,
  boot: 1,
  too_many: 1,
  forbidden: 1,
  not_signed_in: 1,
  not_found: 3,
  conflict: 4,
  unavailable: 69,
}

/** For `coin --help`. */
export const exitCodes = `
Exit codes:
  0   done
  1   refused, or failed
  2   wrong usage: not a command, an option or a value that it takes
  3   what was asked for does not exist
  4   something changed meanwhile (--if-version, --if-plan)
  69  the database cannot be reached`

/** A command that was typed wrongly. */
export const usage = (message: string, hint: string): CoinError => new CoinError('invalid', message, { hint, detail: { usage: true } })

/** The exit code of a failed command. */
export function exitCodeOf(thrown: unknown): number {
  const error = known(thrown)
  if (!error) return 1
  return error.detail.usage === true ? usageCode : codes[error.code]
}

/** An error as the page would say it, on standard error: in words, or as JSON. What nobody foresaw comes with its stack. */
export function printError(thrown: unknown, { json, subject, labels }: Pick<CliContext, 'json' | 'subject' | 'labels'>): void {
  const error = known(thrown)
  if (!error) {
    if (json)
      process.stderr.write(
        `${JSON.stringify({ error: { code: 'internal', message: thrown instanceof Error ? thrown.message : String(thrown) } })}\n`,
      )
    else console.error(thrown)
    return
  }
  const message = t(error.message, error.values)
  const hint = error.hint && t(error.hint, error.values)
  const fields = error.fields
    .filter(({ field }) => field !== '')
    .map(({ field, message: text, values }) => ({ field, message: t(text, values) }))
  if (json) {
    process.stderr.write(
      `${JSON.stringify({ error: { code: error.code, message, ...(hint && { hint }), ...(fields.length > 0 && { fields }), ...(error.constraint && { constraint: error.constraint }) } })}\n`,
    )
    return
  }
  const start = subject ? `coin: ${subject}:` : 'coin:'
  const lines =
    fields.length > 0
      ? fields.map(({ field, message: text }) => `${start} ${named(labels[field] ?? field, text)}`)
      : [`${start} ${message}`]
  process.stderr.write(`${[...lines, ...(hint ? [hint] : [])].join('\n')}\n`)
}

const named = (label: string, text: string) => (text.startsWith(label) ? text : `${label}: ${text}`)

function known(thrown: unknown): CoinError | undefined {
  const failure = databaseFailure(thrown)
  if (failure && ['42P01', '42703', '42883', '3F000'].includes(failure.code)) {
    return new CoinError('boot', 'The database is not what this version needs: {{reason}}.', {
      values: { reason: failure.message },
      hint: 'Run `coin migrate`.',
      cause: thrown,
    })
  }
  const error = explain(thrown, {})
  return isCoinError(error) ? error : undefined
}
