import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import type { ReferenceShapes } from './keys.ts'

/** Which references there are, in two statements: shapes of those of subscriptions, and patterns of invoice numbers. */
export async function loadShapes(tx: Tx): Promise<ReferenceShapes> {
  const { rows } = await tx.execute<{ shape: string }>(
    sql`SELECT DISTINCT regexp_replace(coin.reference_key(reference), '[0-9]', '9', 'g') AS shape FROM subscription`,
  )
  const { rows: patterns } = await tx.execute<{ series: string; pattern: string }>(
    sql`SELECT series, pattern FROM invoice_series ORDER BY length(pattern) DESC`,
  )
  return { shapes: new Set(rows.map(({ shape }) => shape)), patterns }
}
