import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { enqueue } from '../jobs/enqueue.ts'

/** Has issued invoices whose PDF or mail could not be made tried again now. Returns how many. */
export async function retryDocuments(tx: Tx, ids: readonly number[]): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    UPDATE invoice SET document_retry_at = NULL, document_attempts = 0, document_error = NULL
    WHERE id = ANY (${sql.param(ids)}::bigint[]) AND state = 'issued' AND (pdf_hash IS NULL OR mailed_at IS NULL)`)
  await startDocuments(tx)
  await enqueue(tx, 'billing:mail_invoices', {}, { key: 'all' })
  return rowCount ?? 0
}

/** Has the PDFs made of what was issued in this transaction, and mailed, as soon as it commits. Asked for twice, it is done once. */
export const startDocuments = (tx: Tx, runAt?: Date): Promise<void> =>
  enqueue(tx, 'billing:documents', {}, { key: 'all', ...(runAt && { runAt }) })
