import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import type { ImportState, LineState, Outcome, Reason } from './tables.ts'

/** How many lines of an import, and how much money. */
export interface LineCount {
  readonly what: Outcome | LineState
  readonly count: number
  readonly amount: string
}

/** An import with what it does or did. */
export interface ImportRow extends Record<string, unknown> {
  readonly id: number
  readonly accountId: number
  readonly account: string
  readonly currency: string
  readonly fileName: string
  readonly hash: string
  readonly state: ImportState
  readonly format: 'camt053' | 'ofx' | 'csv' | null
  readonly from: string | null
  readonly until: string | null
  readonly digest: string | null
  readonly hasContent: boolean
  /** Of the file: all its lines, those of zero, and once it is imported those that were known. */
  readonly counts: { readonly lines?: number; readonly zero?: number; readonly known?: number }
  readonly previewedBy: string
  readonly previewedAt: string
  readonly appliedBy: string | null
  readonly appliedAt: string | null
  readonly undoneBy: string | null
  readonly undoneAt: string | null
  readonly lines: readonly LineCount[]
}

const columns = sql`i.id, i.account_id AS "accountId", a.name AS account, a.currency, i.file_name AS "fileName", encode(i.hash, 'hex') AS hash, i.state, i.format,
  i.from_on AS "from", i.until_on AS "until", i.digest, i.content IS NOT NULL AS "hasContent", i.counts, i.previewed_by AS "previewedBy", to_json(i.previewed_at) #>> '{}' AS "previewedAt",
  i.applied_by AS "appliedBy", to_json(i.applied_at) #>> '{}' AS "appliedAt", i.undone_by AS "undoneBy", to_json(i.undone_at) #>> '{}' AS "undoneAt",
  coalesce((SELECT jsonb_agg(jsonb_build_object('what', what, 'count', count, 'amount', amount::text)) FROM (
    SELECT coalesce(l.outcome, l.state) AS what, count(*)::int AS count, sum(l.amount) AS amount FROM bank_line l WHERE l.import_id = i.id GROUP BY 1) c), '[]') AS lines`

/** The imports, newest first, previews that wait among them; not those that were dropped. */
export async function listImports(db: Tx, limit = 30): Promise<ImportRow[]> {
  const { rows } = await db.execute<ImportRow>(sql`
    SELECT ${columns} FROM bank_import i JOIN bank_account a ON a.id = i.account_id WHERE i.state <> 'dropped' ORDER BY i.id DESC LIMIT ${limit}`)
  return rows
}

/** One import. Throws `not_found`. */
export async function importOf(db: Tx, id: number): Promise<ImportRow> {
  const { rows } = await db.execute<ImportRow>(
    sql`SELECT ${columns} FROM bank_import i JOIN bank_account a ON a.id = i.account_id WHERE i.id = ${id}`,
  )
  if (!rows[0]) throw new CoinError('not_found', 'This import is not there any more.')
  return rows[0]
}

/** A line as pages and the command show it. */
export interface LineRow extends Record<string, unknown> {
  readonly id: number
  readonly importId: number
  readonly position: number
  readonly fileLine: number
  readonly bookedOn: string
  readonly amount: string
  readonly currency: string
  readonly label: string
  readonly name: string | null
  readonly iban: string | null
  readonly isReturn: boolean
  readonly state: LineState
  readonly outcome: Outcome | null
  readonly reason: Reason
  readonly confidence: number | null
  readonly settledBy: string | null
  readonly settledAt: string | null
  readonly invoiceNumber: string | null
  /** Whose payment it is or would be; several when it was split. */
  readonly payers: readonly { readonly memberId: number; readonly name: string; readonly paymentId?: number; readonly amount: string }[]
}

/** What of a line is read; `bank_line` is `l`. */
export const lineColumns = sql`l.id, l.import_id AS "importId", l.position, l.file_line AS "fileLine", l.booked_on AS "bookedOn", l.amount::text, l.currency, l.label,
  l.counterparty_name AS name, l.counterparty_iban AS iban, l.is_return AS "isReturn", l.state, l.outcome, l.reason, l.confidence, l.settled_by AS "settledBy",
  to_json(l.settled_at) #>> '{}' AS "settledAt", (SELECT i.number FROM invoice i WHERE i.id = l.invoice_id) AS "invoiceNumber",
  CASE WHEN l.state = 'proposed' THEN (SELECT jsonb_agg(jsonb_build_object('memberId', m.id, 'name', m.display_name, 'amount', l.amount::text)) FROM member m WHERE m.id = l.member_id)
    ELSE (SELECT jsonb_agg(jsonb_build_object('memberId', m.id, 'name', m.display_name, 'paymentId', p.id, 'amount', p.amount::text) ORDER BY p.id)
      FROM bank_line_payment b JOIN payment p ON p.id = b.payment_id JOIN member m ON m.id = p.member_id WHERE b.line_id = l.id) END AS payers`

/** Lines of an import in the order of the file, of one outcome or state if `what` is given. */
export async function importLines(
  db: Tx,
  importId: number,
  { what, offset = 0, limit }: { readonly what?: string | undefined; readonly offset?: number; readonly limit: number },
): Promise<LineRow[]> {
  const { rows } = await db.execute<LineRow>(sql`
    SELECT ${lineColumns} FROM bank_line l WHERE l.import_id = ${importId} ${what ? sql`AND coalesce(l.outcome, l.state) = ${what}` : sql``}
    ORDER BY l.position LIMIT ${limit} OFFSET ${offset}`)
  return rows.map(row => ({ ...row, payers: row.payers ?? [] }))
}

/** An import of the same account whose days overlap, in another format: its bookings have other fingerprints. */
export interface Overlap extends Record<string, unknown> {
  readonly id: number
  readonly fileName: string
  readonly format: string
  readonly from: string
  readonly until: string
  /** How many of the shown lines have the day and the amount of a line of it. */
  readonly same: number
}

/** What an import that is shown would count twice. */
export async function overlapsOf(db: Tx, importId: number): Promise<Overlap[]> {
  const { rows } = await db.execute<Overlap>(sql`
    SELECT o.id, o.file_name AS "fileName", o.format, o.from_on AS "from", o.until_on AS "until",
      (SELECT count(*)::int FROM bank_line l WHERE l.import_id = i.id AND l.outcome <> 'known'
        AND EXISTS (SELECT FROM bank_line k WHERE k.account_id = l.account_id AND k.booked_on = l.booked_on AND k.import_id = o.id AND k.amount = l.amount AND k.state IN ('matched', 'unmatched', 'ignored'))) AS same
    FROM bank_import i JOIN bank_import o ON o.account_id = i.account_id AND o.id <> i.id AND o.state = 'applied' AND o.format <> i.format
      AND o.from_on <= i.until_on AND o.until_on >= i.from_on
    WHERE i.id = ${importId} AND EXISTS (SELECT FROM bank_line l WHERE l.import_id = i.id AND l.outcome <> 'known') ORDER BY o.id`)
  return rows
}
