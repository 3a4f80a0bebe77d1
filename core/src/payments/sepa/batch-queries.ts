import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { noBatch } from './batches.ts'
import { pain008 } from './pain008.ts'
import type { BatchState, CollectionState, Creditor, PainFormat, Sequence } from './tables.ts'

const openReturns = sql`c.state = 'returned' AND c.handled_at IS NULL AND EXISTS (
  SELECT FROM sepa_collection_invoice i JOIN invoice v ON v.id = i.invoice_id WHERE i.collection_id = c.id AND v.allocated <> v.total)`

/** How many things of direct debits need a person: returns, and batches that should be with the bank by now. */
export const debitsToLookAt = sql`SELECT (SELECT count(*)::int FROM sepa_collection c WHERE ${openReturns}) AS returns,
  (SELECT count(*)::int FROM sepa_batch WHERE state = 'open' AND collect_on <= coin.today() + 3) AS late`

/** One batch among others. */
export interface BatchRow extends Record<string, unknown> {
  readonly id: number
  readonly collectOn: string
  readonly state: BatchState
  readonly messageId: string
  readonly format: PainFormat
  readonly madeBy: string
  readonly madeAt: string
  readonly sentBy: string | null
  readonly sentAt: string | null
  readonly executedAt: string | null
  readonly creditor: Creditor
  /** Its day has come. */
  readonly isDue: boolean
  readonly count: number
  readonly total: string
  readonly returned: number
  readonly returnedTotal: string
}

const columns = sql`b.id, b.collect_on AS "collectOn", b.state, b.message_id AS "messageId", b.format, b.made_by AS "madeBy", to_json(b.made_at) #>> '{}' AS "madeAt",
  b.sent_by AS "sentBy", to_json(b.sent_at) #>> '{}' AS "sentAt", to_json(b.executed_at) #>> '{}' AS "executedAt", b.creditor, b.collect_on <= coin.today() AS "isDue",
  n.count, n.total, n.returned, n."returnedTotal"`
const counts = sql`CROSS JOIN LATERAL (SELECT count(*)::int AS count, coalesce(sum(c.amount), 0)::text AS total, (count(*) FILTER (WHERE c.state = 'returned'))::int AS returned,
  coalesce(sum(c.amount) FILTER (WHERE c.state = 'returned'), 0)::text AS "returnedTotal" FROM sepa_collection c WHERE c.batch_id = b.id AND (c.state <> 'cancelled' OR b.state = 'cancelled')) n`

/** The last batches, newest first. */
export async function listBatches(tx: Tx): Promise<readonly BatchRow[]> {
  const { rows } = await tx.execute<BatchRow>(sql`
    SELECT ${columns} FROM (SELECT * FROM sepa_batch ORDER BY id DESC LIMIT 100) b ${counts} ORDER BY b.id DESC`)
  return rows
}

/** A batch by its id. Throws `not_found`. */
export async function batchOf(tx: Tx, id: number): Promise<BatchRow> {
  const { rows } = await tx.execute<BatchRow>(sql`SELECT ${columns} FROM sepa_batch b ${counts} WHERE b.id = ${id}`)
  const [row] = rows
  if (!row) throw noBatch()
  return row
}

/** What is collected from one member. */
export interface CollectionRow extends Record<string, unknown> {
  readonly id: number
  readonly batchId: number
  readonly memberId: number
  readonly member: string
  readonly amount: string
  readonly sequence: Sequence
  readonly reference: string
  readonly mandateId: number
  readonly endToEndId: string
  readonly state: CollectionState
  readonly paymentId: number | null
  readonly returnedOn: string | null
  readonly code: string
  readonly collectOn: string
  readonly invoices: readonly { readonly id: number; readonly number: string; readonly amount: string }[]
}

const collectionRows = (which: ReturnType<typeof sql>) => sql`
  SELECT c.id, c.batch_id AS "batchId", c.member_id AS "memberId", m.display_name AS member, c.amount::text, c.sequence, c.reference, c.mandate_id AS "mandateId",
    c.end_to_end_id AS "endToEndId", c.state, c.payment_id AS "paymentId", c.returned_on AS "returnedOn", c.return_code AS code, b.collect_on AS "collectOn",
    (SELECT jsonb_agg(jsonb_build_object('id', v.id, 'number', v.number, 'amount', i.amount::text) ORDER BY v.issued_on, v.id)
      FROM sepa_collection_invoice i JOIN invoice v ON v.id = i.invoice_id WHERE i.collection_id = c.id) AS invoices
  FROM sepa_collection c JOIN member m ON m.id = c.member_id JOIN sepa_batch b ON b.id = c.batch_id WHERE ${which}`

/** What a batch collects, by member. */
export async function collectionsOf(tx: Tx, batchId: number): Promise<readonly CollectionRow[]> {
  const { rows } = await tx.execute<CollectionRow>(sql`${collectionRows(sql`c.batch_id = ${batchId}`)} ORDER BY m.display_name, c.id`)
  return rows
}

/** One collection; undefined when there is none. */
export async function collectionOf(tx: Tx, id: number): Promise<CollectionRow | undefined> {
  const { rows } = await tx.execute<CollectionRow>(collectionRows(sql`c.id = ${id}`))
  return rows[0]
}

/** Returns that nobody has put aside, whose invoices are not all paid since. */
export async function returnsToSettle(tx: Tx): Promise<readonly CollectionRow[]> {
  const { rows } = await tx.execute<CollectionRow>(sql`${collectionRows(openReturns)} ORDER BY c.returned_on, c.id LIMIT 200`)
  return rows
}

/** The file of a batch, the same whenever it is asked for, less what a mandate that ended takes with it before the bank has it. */
export async function batchFile(tx: Tx, batch: BatchRow): Promise<string> {
  const { rows } = await tx.execute<Parameters<typeof pain008>[0]['lines'][number] & Record<string, unknown>>(sql`
    SELECT c.end_to_end_id AS "endToEndId", c.amount::text, c.sequence, c.reference AS mandate, c.signed_on AS "signedOn", c.name, c.iban, c.bic,
      (SELECT string_agg(v.number, ' ' ORDER BY v.issued_on, v.id) FROM sepa_collection_invoice i JOIN invoice v ON v.id = i.invoice_id WHERE i.collection_id = c.id) AS remittance
    FROM sepa_collection c WHERE c.batch_id = ${batch.id} AND c.state <> 'cancelled' ORDER BY c.id`)
  if (rows.length === 0) throw new CoinError('refused', 'Nothing is left in this batch.', { hint: 'Cancel it.' })
  return pain008({ ...batch, lines: rows })
}
