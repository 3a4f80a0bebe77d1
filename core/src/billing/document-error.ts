import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Tx } from '../db/database.ts'
import { messageOf } from '../db/storable.ts'
import { isCoinError } from '../errors.ts'

/** Why a document could not be made, as staff read it on its page. */
export function documentErrorWords(error: unknown): string {
  const text = isCoinError(error)
    ? [t(error.message, error.values), error.hint && t(error.hint, error.values)].filter(Boolean).join(' ')
    : messageOf(error)
  return text.slice(0, 1000)
}

/** Keeps why documents of invoices could not be made; each is tried again after a minute, then two, four, and an hour at most. */
export async function setAside(tx: Tx, failures: readonly { readonly id: number; readonly error: string }[]): Promise<void> {
  if (failures.length === 0) return
  await tx.execute(sql`
    UPDATE invoice SET document_error = f.error, document_attempts = document_attempts + 1,
      document_retry_at = clock_timestamp() + least(interval '1 minute' * (2 ^ least(document_attempts, 10)), interval '1 hour')
    FROM json_to_recordset(${JSON.stringify(failures)}::json) AS f (id bigint, error text) WHERE invoice.id = f.id`)
}
