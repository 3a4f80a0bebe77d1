import { CoinError, isCoinError } from '../errors.ts'

/** What a named constraint means, in words: declared by the app whose table has it. */
export interface ConstraintMessage {
  /** The field to mark, if one. */
  readonly field?: string
  readonly message: string
  readonly hint?: string
}
export type ConstraintMessages = Readonly<Record<string, ConstraintMessage>>

interface DatabaseFailure {
  readonly code: string
  readonly message: string
  readonly constraint?: string
  readonly detail?: string
  readonly hint?: string
  readonly column?: string
  readonly table?: string
}

/** The PostgreSQL error inside `error`, however wrapped (Drizzle puts it in `cause`); undefined when there is none. */
export function databaseFailure(error: unknown): DatabaseFailure | undefined {
  for (let at = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined) {
    if ('code' in at && typeof at.code === 'string' && /^[0-9A-Z]{5}$/.test(at.code) && 'severity' in at)
      return at as unknown as DatabaseFailure
  }
  return undefined
}

/** True for failures that go away when the transaction is run again: deadlock and serialisation. */
export const isTransient = (error: unknown): boolean => ['40P01', '40001'].includes(databaseFailure(error)?.code ?? '')

/** True when the database cannot be reached or is shutting down. */
export function isDatabaseDown(error: unknown): boolean {
  const code = databaseFailure(error)?.code ?? ''
  if (code.startsWith('57P') || code.startsWith('08') || code === '53300') return true
  for (let at = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined) {
    if ('code' in at && ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(String(at.code))) return true
    if (at instanceof Error && /Connection terminated|timeout exceeded when trying to connect/.test(at.message)) return true
  }
  return false
}

/** The same error in words for people, or the error itself when nothing better is known. */
export function explain(error: unknown, constraints: ConstraintMessages): unknown {
  if (isCoinError(error)) return error
  const failure = databaseFailure(error)
  if (!failure)
    return isDatabaseDown(error)
      ? new CoinError('unavailable', 'The database does not answer.', { hint: 'Try again in a moment.', cause: error })
      : error
  if (failure.code === 'CN000') return refusal(failure, error)
  const known = failure.constraint ? constraints[failure.constraint] : undefined
  if (known) {
    const fields = [{ field: known.field ?? '', message: known.message }]
    return new CoinError('invalid', known.message, {
      fields,
      ...(known.hint && { hint: known.hint }),
      constraint: failure.constraint ?? '',
      cause: error,
    })
  }
  return general(failure, error)
}

function refusal(failure: DatabaseFailure, cause: unknown): CoinError {
  const detail = parseDetail(failure.detail)
  const values = Object.fromEntries(
    Object.entries(detail).filter((entry): entry is [string, string | number] => ['string', 'number'].includes(typeof entry[1])),
  )
  const template = typeof detail.template === 'string' ? detail.template : failure.message
  return new CoinError('refused', template, {
    values,
    fields: [{ field: camel(failure.column ?? ''), message: template, values }],
    ...(failure.hint && { hint: typeof detail.hint_template === 'string' ? detail.hint_template : failure.hint }),
    constraint: failure.constraint ?? '',
    detail,
    cause,
  })
}

function parseDetail(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function general(failure: DatabaseFailure, cause: unknown): unknown {
  const details = { constraint: failure.constraint ?? '', cause }
  switch (failure.code) {
    case '23502':
      return new CoinError('invalid', 'This is required.', {
        ...details,
        fields: [{ field: camel(failure.column ?? ''), message: 'This is required.' }],
      })
    case '23503':
      return new CoinError('refused', 'Something else still refers to this, or what it refers to is gone.', details)
    case '23505':
      return new CoinError('invalid', 'This exists already.', details)
    case '23514':
      return new CoinError('invalid', 'The database refuses this value ({{constraint}}).', {
        ...details,
        values: { constraint: failure.constraint ?? failure.message },
      })
    case '23P01':
    case '40P01':
    case '40001':
      return new CoinError('refused', 'Somebody else changed the same thing at this moment.', { ...details, hint: 'Try again.' })
    case '22P02':
    case '22007':
    case '22008':
    case '22003':
    case '22001':
      return new CoinError('invalid', 'A value cannot be read: {{reason}}.', { ...details, values: { reason: failure.message } })
    default:
      return failure.code.startsWith('57P') || failure.code.startsWith('08')
        ? new CoinError('unavailable', 'The database does not answer.', { hint: 'Try again in a moment.', cause })
        : cause
  }
}

const camel = (column: string) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
