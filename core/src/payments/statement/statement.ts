/** What a bank's file says, whatever its format. Amounts are decimal strings, dates ISO strings. */
export interface Statement {
  readonly format: 'camt053' | 'ofx' | 'csv'
  /** As the file names the account: its IBAN, or what the bank has instead. A CSV often names none. */
  readonly account?: { readonly iban?: string; readonly other?: string }
  readonly currency: string
  /** First and last day of the period: as the file says, else of its lines. Absent when there is neither. */
  readonly from?: string
  readonly until?: string
  readonly openingBalance?: string
  readonly closingBalance?: string
  /** In the order of the file. */
  readonly lines: readonly StatementLine[]
}

/** A booking. Texts have one space between words, no control character, and are text only: never a formula, never markup. */
export interface StatementLine {
  readonly bookedOn: string
  readonly valueOn?: string
  /** Above zero: money came in. Two decimals at least: `12.50`, `-3.00`. */
  readonly amount: string
  readonly currency: string
  readonly label: string
  readonly counterpartyName?: string
  /** Only if valid, in capitals without spaces. */
  readonly counterpartyIban?: string
  readonly endToEndId?: string
  /** A creditor reference (ISO 11649, `RF…`) or another structured one, in capitals without spaces. */
  readonly structuredReference?: string
  readonly mandateId?: string
  /** The bank's own name of the entry; the bookings of one batch may share it. */
  readonly bankReference?: string
  /** ISO code, such as AM04, of a returned direct debit or transfer. */
  readonly returnReason?: string
  /** A payment that came back: its reversal, return or refusal after booking. */
  readonly isReturn: boolean
  /** Where it begins in the file; lines count from 1. */
  readonly source: { readonly line: number }
  /** See `withFingerprints`: the same for the same booking of the same account in any export of the same format. */
  readonly fingerprint: string
}

/** Why a file, or a line of it, cannot be read. The message is English and the key of its translation. */
export interface StatementProblem {
  readonly line?: number
  /** The column's header, or the name of the element. */
  readonly field?: string
  readonly message: string
  readonly values?: Readonly<Record<string, string | number>>
}

/** A booking before it has its fingerprint. */
export type Booking = Omit<StatementLine, 'fingerprint'>

/** The bookings of one account, as a format's reader gives them; one file may hold several of the same account. */
export interface AccountBookings extends Omit<Statement, 'lines' | 'format'> {
  readonly line?: number
  readonly lines: readonly Booking[]
}

/** What a format's reader found: all it could read, and every problem. */
export interface Reading {
  readonly accounts: readonly AccountBookings[]
  readonly problems: readonly StatementProblem[]
}
