import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** Freed addresses whose rest is over go back to their pools. */
export async function endRests(tx: Tx): Promise<void> {
  await repeat(tx, 1000, sql`SELECT ip_end_rest(1000) AS done`)
}

/** Removes what is kept for a time only: the history of addresses beyond the legal term, sessions and links that have expired. */
export async function removeExpired(tx: Tx, addressHistoryMonths: number): Promise<void> {
  await repeat(tx, 10_000, sql`SELECT ip_purge_history(make_interval(months => ${addressHistoryMonths}), 10000) AS done`)
  await tx.execute(sql`DELETE FROM auth.session WHERE expires_at < now()`)
  await tx.execute(sql`DELETE FROM auth.verification WHERE expires_at < now()`)
}

// a job's transaction stays short: what is left over is for the next time
const most = 20

async function repeat(tx: Tx, batch: number, statement: ReturnType<typeof sql>) {
  for (let round = 0; round < most; round++) {
    const { rows } = await tx.execute<{ done: number }>(statement)
    if ((rows[0]?.done ?? 0) < batch) return
  }
}
