/**
 * Every error that a person may see. The English message is the key of its translation; `values` fill its
 * `{{names}}`. What HTTP status or exit code it becomes is decided at the edge.
 */
export type ErrorCode =
  /** What was given cannot be accepted; `fields` say why. */
  | 'invalid'
  | 'not_found'
  | 'not_signed_in'
  | 'forbidden'
  /** The row was changed by somebody else meanwhile. */
  | 'conflict'
  /** The database's rules, or an app's, refuse it. */
  | 'refused'
  /** A configuration or an app is wrong: Coin does not start. */
  | 'boot'
  /** Too many attempts. */
  | 'too_many'
  /** Something outside does not answer. */
  | 'unavailable'

export type Values = Readonly<Record<string, string | number>>

export interface FieldError {
  /** The field's name, as in the form and the CLI option; `''` for the whole. */
  readonly field: string
  readonly message: string
  readonly values?: Values
}

export interface ErrorDetails {
  readonly app?: string
  /** What to do about it. */
  readonly hint?: string
  readonly values?: Values
  readonly fields?: readonly FieldError[]
  /** The database constraint or rule that refused. */
  readonly constraint?: string
  /** What a page may use to say more, such as `{ member_id }`. */
  readonly detail?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

const brand = Symbol.for('coin.error')

/** An error for people: it says what is wrong and what to do. Test it with `isCoinError`, two copies of the package may be loaded. */
export class CoinError extends Error {
  readonly [brand] = 1
  readonly code: ErrorCode
  readonly app: string | undefined
  readonly hint: string | undefined
  readonly values: Values
  readonly fields: readonly FieldError[]
  readonly constraint: string | undefined
  readonly detail: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'CoinError'
    this.code = code
    this.app = details.app
    this.hint = details.hint
    this.values = details.values ?? {}
    this.fields = details.fields ?? []
    this.constraint = details.constraint
    this.detail = details.detail ?? {}
  }
}

/** True for a CoinError of any copy of the package. */
export const isCoinError = (error: unknown): error is CoinError => typeof error === 'object' && error !== null && brand in error

/** A refusal of one field: `throw invalid('email', 'Give an e-mail address.')`. */
export const invalid = (field: string, message: string, values: Values = {}): CoinError =>
  new CoinError('invalid', message, { values, fields: [{ field, message, values }] })
