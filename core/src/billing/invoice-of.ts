import { sql } from 'drizzle-orm'
import type { Context } from '../app/html.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'

/** What the pages of one invoice need to know of it. */
export interface InvoiceHeadRow extends Record<string, unknown> {
  readonly id: number
  readonly version: number
  readonly kind: 'invoice' | 'credit_note' | 'fee' | 'donation'
  readonly state: 'draft' | 'issued'
  readonly number: string | null
  readonly memberId: number
  readonly memberName: string
  readonly currency: string
  readonly total: string
  readonly dueOn: string | null
  readonly disputedOn: string | null
  readonly disputeReason: string
  /** SHA-256 in hexadecimal. */
  readonly pdfHash: string | null
}

/** The invoice that the path names, for staff. Throws when there is none. */
export async function invoiceOf(c: Context, tx: Tx): Promise<InvoiceHeadRow> {
  const id = Number(c.req.param('id'))
  const row = Number.isSafeInteger(id) ? await readInvoice(tx, id) : undefined
  if (!row) throw noInvoice()
  return row
}

export const noInvoice = () => new CoinError('not_found', 'This invoice is not there any more.')

/** One invoice by its id; undefined when there is none. `lock`: nobody else changes it until `tx` ends. */
export async function readInvoice(tx: Tx, id: number, lock = false): Promise<InvoiceHeadRow | undefined> {
  const { rows } = await tx.execute<InvoiceHeadRow>(sql`
    SELECT i.id, i.version, i.kind, i.state, i.number, i.member_id AS "memberId", m.display_name AS "memberName", i.currency, i.total::text AS total,
      i.due_on::text AS "dueOn", i.disputed_on::text AS "disputedOn", i.dispute_reason AS "disputeReason", encode(i.pdf_hash, 'hex') AS "pdfHash"
    FROM invoice i JOIN member m ON m.id = i.member_id WHERE i.id = ${id} ${lock ? sql`FOR UPDATE OF i` : sql``}`)
  return rows[0]
}
