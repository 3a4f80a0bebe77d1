import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { type LineRow, lineColumns } from './import-queries.ts'
import type { Reason } from './tables.ts'

/** What the bank said of a payment, and why it is this member's. */
export interface BankLineOf extends Record<string, unknown> {
  readonly paymentId: number
  readonly lineId: number
  readonly bookedOn: string
  /** The whole line's, which may have been split. */
  readonly amount: string
  readonly currency: string
  readonly label: string
  readonly name: string | null
  readonly account: string
  readonly importId: number
  readonly fileName: string
  readonly fileLine: number
  readonly reason: Reason
  readonly settledBy: string | null
}

/** The bank lines that these payments came of, by payment; payments of another origin have none. One statement. */
export async function bankLineOf(db: Tx, paymentIds: readonly number[]): Promise<ReadonlyMap<number, BankLineOf>> {
  if (paymentIds.length === 0) return new Map()
  const { rows } = await db.execute<BankLineOf>(sql`
    SELECT b.payment_id AS "paymentId", l.id AS "lineId", l.booked_on AS "bookedOn", l.amount::text, l.currency, l.label, l.counterparty_name AS name, a.name AS account,
      l.import_id AS "importId", i.file_name AS "fileName", l.file_line AS "fileLine", l.reason, l.settled_by AS "settledBy"
    FROM bank_line_payment b JOIN bank_line l ON l.id = b.line_id JOIN bank_import i ON i.id = l.import_id JOIN bank_account a ON a.id = l.account_id
    WHERE b.payment_id = ANY (${sql.param(paymentIds)}::bigint[])`)
  return new Map(rows.map(row => [row.paymentId, row]))
}

/** How many lines wait for a person, and since which day. */
export async function unmatchedCount(
  db: Tx,
): Promise<{ readonly count: number; readonly incoming: number; readonly since: string | null }> {
  const { rows } = await db.execute<{ count: number; incoming: number; since: string | null }>(sql`
    SELECT count(*)::int AS count, (count(*) FILTER (WHERE amount > 0))::int AS incoming, min(booked_on) AS since FROM bank_line WHERE state = 'unmatched'`)
  return rows[0] ?? { count: 0, incoming: 0, since: null }
}

export type Direction = 'in' | 'out'

/** Lines that wait for a person, the oldest first. */
export async function unmatchedLines(
  db: Tx,
  { direction, offset, limit }: { readonly direction?: Direction | undefined; readonly offset: number; readonly limit: number },
): Promise<LineRow[]> {
  const side = direction === 'in' ? sql`AND l.amount > 0` : direction === 'out' ? sql`AND l.amount < 0` : sql``
  const { rows } = await db.execute<LineRow>(
    sql`SELECT ${lineColumns} FROM bank_line l WHERE l.state = 'unmatched' ${side} ORDER BY l.booked_on, l.id LIMIT ${limit} OFFSET ${offset}`,
  )
  return rows.map(row => ({ ...row, payers: [] }))
}

/** A line with where it came from. */
export type LineHead = LineRow & {
  readonly account: string
  readonly fileName: string
  readonly valueOn: string | null
  readonly endToEndId: string | null
}

/** One line. Throws `not_found`; one that is only proposed is not there yet. */
export async function lineOf(db: Tx, id: number): Promise<LineHead> {
  const { rows } = await db.execute<LineHead & Record<string, unknown>>(sql`
    SELECT ${lineColumns}, a.name AS account, i.file_name AS "fileName", l.value_on AS "valueOn", l.end_to_end_id AS "endToEndId"
    FROM bank_line l JOIN bank_import i ON i.id = l.import_id JOIN bank_account a ON a.id = l.account_id WHERE l.id = ${id} AND l.state <> 'proposed'`)
  const [row] = rows
  if (!row) throw new CoinError('not_found', 'This bank line is not there any more.')
  return { ...row, payers: row.payers ?? [] }
}

/** An issued invoice that is not wholly paid. */
export interface OpenInvoice extends Record<string, unknown> {
  readonly id: number
  readonly number: string
  readonly issuedOn: string
  readonly open: string
}

/** What a member could have paid with a line, the oldest first. */
export async function openInvoicesOf(db: Tx, memberId: number, currency: string): Promise<OpenInvoice[]> {
  const { rows } = await db.execute<OpenInvoice>(sql`
    SELECT id, number, issued_on AS "issuedOn", (total - allocated)::text AS open FROM invoice
    WHERE member_id = ${memberId} AND currency = ${currency} AND state = 'issued' AND allocated <> total AND total > 0 ORDER BY issued_on, id LIMIT 30`)
  return rows
}

/** A payment that money may have gone back of. */
export interface Reversible extends Record<string, unknown> {
  readonly id: number
  readonly receivedOn: string
  readonly amount: string
  readonly left: string
}

/** Payments of a member of which at least this much is left to give back, the newest first. */
export async function reversiblePayments(db: Tx, memberId: number, currency: string, amount: string): Promise<Reversible[]> {
  const { rows } = await db.execute<Reversible>(sql`
    SELECT * FROM (SELECT id, received_on AS "receivedOn", amount::text, (amount + coalesce((SELECT sum(r.amount) FROM payment r WHERE r.reverses_id = p.id), 0))::text AS left
      FROM payment p WHERE member_id = ${memberId} AND currency = ${currency} AND amount > 0) e
    WHERE "left"::numeric >= ${amount}::numeric ORDER BY "receivedOn" DESC, id DESC LIMIT 30`)
  return rows
}
