import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** Entries of one batch at most. */
const batchSize = 100_000

/** Chains committed entries of the history as one batch and gives how many. The transaction must have written nothing yet. */
export async function chainBatch(tx: Tx): Promise<number> {
  const { rows } = await tx.execute<{ made: number }>(sql`SELECT coin.chain_audit(${batchSize}) AS made`)
  return rows[0]?.made ?? 0
}

/** One thing that is wrong: with an entry, or with the batch when there is no entry. */
export interface AuditProblem {
  readonly batch: number
  readonly entry: number | null
  readonly problem: string
}

/** How far the chain goes. */
export interface AuditHead {
  readonly batches: number
  readonly entries: number
  /** Of the last batch, in hexadecimal: kept elsewhere, it shows whether the end of the chain was cut off. */
  readonly hash: string
  readonly at: string | null
  /** Entries that are not chained yet. */
  readonly waiting: number
}

/** The end of the chain as it is now. */
export async function auditHead(tx: Tx): Promise<AuditHead> {
  const { rows } = await tx.execute<AuditHead & Record<string, unknown>>(sql`
    WITH last AS (SELECT * FROM coin.audit_batch ORDER BY id DESC LIMIT 1)
    SELECT coalesce((SELECT id FROM last), 0) AS batches,
      coalesce((SELECT sum(entries) FROM coin.audit_batch), 0)::bigint AS entries,
      coalesce((SELECT encode(hash, 'hex') FROM last), '') AS hash, (SELECT to_jsonb(at) #>> '{}' FROM last) AS at,
      (SELECT count(*) FROM coin.history WHERE id > coalesce((SELECT last_id FROM last), 0))::bigint AS waiting`)
  const head = rows[0]
  if (!head) throw new Error('an aggregate gives a row')
  return { ...head, batches: Number(head.batches), entries: Number(head.entries), waiting: Number(head.waiting) }
}

/** Where a verification tells how far it is. */
type Progress = (done: number, total: number) => void

/** What a verification found, and how much it looked at. */
export interface Verification {
  readonly batches: number
  readonly entries: number
  readonly problems: readonly AuditProblem[]
}

/** More problems than this are not listed: the chain is broken all the same. */
const mostProblems = 1000

/**
 * Goes through the whole chain, batch by batch: each digest against its entry, each hash against the digests and the one before.
 * `expected`, a hash kept elsewhere, must be that of some batch.
 */
export async function verifyAudit(tx: Tx, progress: Progress = () => {}, expected?: string): Promise<Verification> {
  const { batches, entries } = await auditHead(tx)
  const problems: AuditProblem[] = []
  for (let batch = 1; batch <= batches && problems.length < mostProblems; batch++) {
    const { rows } = await tx.execute<{ entry: string | null; problem: string }>(
      sql`SELECT history_id AS entry, problem FROM coin.verify_audit(${batch}) LIMIT ${mostProblems}`,
    )
    problems.push(...rows.map(({ entry, problem }) => ({ batch, entry: entry === null ? null : Number(entry), problem })))
    progress(batch, batches)
  }
  if (expected !== undefined) {
    const { rows } = await tx.execute(sql`SELECT FROM coin.audit_batch WHERE encode(hash, 'hex') = ${expected.toLowerCase()}`)
    if (rows.length === 0) problems.push({ batch: batches, entry: null, problem: 'the expected hash is not in the chain' })
  }
  return { batches, entries, problems }
}

/** The last verification that was kept, and what it found. */
export interface KeptCheck {
  readonly at: string
  readonly entries: number
  readonly problems: readonly AuditProblem[]
}

/** Keeps what a verification found, for the pages. Those before it are forgotten, besides the last hundred. */
export async function keepCheck(tx: Tx, { batches, entries, problems }: Verification): Promise<void> {
  await tx.execute(
    sql`INSERT INTO coin.audit_check (batches, entries, problems) VALUES (${batches}, ${entries}, ${JSON.stringify(problems)})`,
  )
  await tx.execute(sql`DELETE FROM coin.audit_check WHERE id <= (SELECT max(id) - 100 FROM coin.audit_check)`)
}

/** The last verification that was kept. */
export async function lastCheck(tx: Tx): Promise<KeptCheck | undefined> {
  const { rows } = await tx.execute<KeptCheck & Record<string, unknown>>(
    sql`SELECT to_jsonb(at) #>> '{}' AS at, entries, problems FROM coin.audit_check ORDER BY id DESC LIMIT 1`,
  )
  return rows[0] && { ...rows[0], entries: Number(rows[0].entries) }
}
