import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { storeFiles } from '../system/file.ts'
import { documentErrorWords, setAside } from './document-error.ts'
import { fileNameOf } from './file-name.ts'
import { invoiceDocuments } from './invoice-document.ts'
import { renderInvoicePdf } from './render-invoice.ts'

/** PDFs of one transaction, two at once: about half a second of work, which is done again if the process is killed. */
const batch = 25

interface Made {
  readonly made: number
  readonly failed: number
  /** Others may wait. */
  readonly more: boolean
  /** Another worker is at it. */
  readonly busy: boolean
}

/**
 * Makes the PDFs of issued invoices that have none, a batch of them, and keeps them for ever. Only one worker does so at a time: it holds a
 * lock of its own and none on invoices while it works, so that payments do not wait. What fails is set aside with the reason.
 */
export async function makeDocuments(tx: Tx, signal: AbortSignal): Promise<Made> {
  const { rows: lock } = await tx.execute<{ free: boolean }>(
    sql`SELECT pg_try_advisory_xact_lock(hashtextextended('billing.documents', 0)) AS free`,
  )
  if (!lock[0]?.free) return { made: 0, failed: 0, more: false, busy: true }
  const { rows } = await tx.execute<{ id: number }>(sql`
    SELECT id FROM invoice WHERE state = 'issued' AND pdf_hash IS NULL AND (document_retry_at IS NULL OR document_retry_at <= clock_timestamp())
    ORDER BY id LIMIT ${batch}`)
  const ids = rows.map(({ id }) => id)
  const files: { id: number; name: string; content: Uint8Array; mediaType: string }[] = []
  const failures: { id: number; error: string }[] = []
  const left = (ids.length > 0 ? await invoiceDocuments(tx, ids) : new Map<number, never>()).entries()
  const one = async () => {
    for (const [id, document] of left) {
      if (signal.aborted) break
      try {
        files.push({
          id,
          name: `${fileNameOf(document.number)}.pdf`,
          mediaType: 'application/pdf',
          content: await renderInvoicePdf(document),
        })
      } catch (error) {
        failures.push({ id, error: documentErrorWords(error) })
      }
    }
  }
  await Promise.all([one(), one()])
  const hashes = await storeFiles(tx, files)
  await keep(
    tx,
    files.map(({ id }, index) => ({ id, hash: hashes[index] ?? '' })),
  )
  await setAside(tx, failures)
  return { made: files.length, failed: failures.length, more: ids.length === batch || signal.aborted, busy: false }
}

async function keep(tx: Tx, made: readonly { readonly id: number; readonly hash: string }[]): Promise<void> {
  if (made.length === 0) return
  await tx.execute(sql`
    UPDATE invoice SET pdf_hash = decode(f.hash, 'hex'), document_error = NULL, document_retry_at = NULL, document_attempts = 0
    FROM json_to_recordset(${JSON.stringify(made)}::json) AS f (id bigint, hash text) WHERE invoice.id = f.id AND pdf_hash IS NULL`)
}
