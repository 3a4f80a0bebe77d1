import { eq, sql } from 'drizzle-orm'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { recordPayments } from '../rules.ts'
import { overlapsOf } from './import-queries.ts'
import { propose } from './propose.ts'
import { type BankAccount, bankAccounts, type ImportState } from './tables.ts'

const batchSize = 2_000

/** An account by its id. Throws `not_found`. */
export async function requireAccount(tx: Tx, id: number): Promise<BankAccount> {
  const [account] = await tx.select().from(bankAccounts).where(eq(bankAccounts.id, id))
  if (!account) throw new CoinError('not_found', 'This bank account is not there any more.')
  return account
}

/** Waits for whoever changes the same import, and for whoever imports into the same account. Throws `not_found`. */
export async function lockImport(
  tx: Tx,
  id: number,
): Promise<{ readonly accountId: number; readonly state: ImportState; readonly digest: string | null }> {
  await tx.execute(sql`SELECT FROM bank_account WHERE id = (SELECT account_id FROM bank_import WHERE id = ${id}) FOR NO KEY UPDATE`)
  const { rows } = await tx.execute<{ accountId: number; state: ImportState; digest: string | null }>(
    sql`SELECT account_id AS "accountId", state, digest FROM bank_import WHERE id = ${id} FOR UPDATE`,
  )
  const [found] = rows
  if (!found) throw new CoinError('not_found', 'This import is not there any more.')
  return found
}

/** What is imported, and how. */
export interface Applying {
  readonly importId: number
  /** Of what was shown. */
  readonly digest: string
  /** Somebody looked at the days that came in another format before. */
  readonly overlapping?: boolean
}

/**
 * Imports what was shown, and nothing else: payments, returns, and lines that wait. `moved` when it would be something else by now: nothing is
 * done, and the preview is as it is now. What was there is left alone, so that it can be done again without harm.
 */
export async function applyImport(tx: Tx, { importId, digest, overlapping = false }: Applying): Promise<'applied' | 'moved'> {
  const { state } = await lockImport(tx, importId)
  if (state === 'applied') return 'applied'
  if (state !== 'previewed') throw otherState()
  if ((await propose(tx, importId)) !== digest) return 'moved'
  if (!overlapping && (await overlapsOf(tx, importId)).length > 0)
    throw new CoinError('refused', 'These days were imported in another format already: the same bookings would count twice.', {
      hint: 'Compare both, and confirm that these are other bookings.',
      fields: [{ field: 'overlapping', message: 'Confirm that these are other bookings.' }],
    })
  const { rows } = await tx.execute<{ known: number }>(
    sql`WITH gone AS (DELETE FROM bank_line WHERE import_id = ${importId} AND outcome = 'known' RETURNING 1) SELECT count(*)::int AS known FROM gone`,
  )
  await payBatches(tx, importId)
  await tx.execute(sql`
    UPDATE bank_line SET state = CASE outcome WHEN 'ignore' THEN 'ignored' ELSE 'unmatched' END, outcome = NULL WHERE import_id = ${importId} AND state = 'proposed'`)
  await countRules(tx, importId)
  await tx.execute(sql`
    UPDATE bank_import SET state = 'applied', content = NULL, applied_by = ${currentScope().actor.label}, applied_at = clock_timestamp(),
      counts = counts || ${JSON.stringify({ known: rows[0]?.known ?? 0 })}::jsonb WHERE id = ${importId}`)
  return 'applied'
}

export const otherState = () => new CoinError('refused', 'This import is in another state by now.', { hint: 'Look at it again.' })

interface Payable extends Record<string, unknown> {
  readonly id: number
  readonly position: number
  readonly memberId: number
  readonly amount: string
  readonly currency: string
  readonly receivedOn: string
  readonly method: 'transfer' | 'direct_debit'
  readonly reference: string
  readonly invoiceId: number | null
  readonly reversesId: number | null
}

/** Records the payments of lines that are matched, and of returns. */
async function payBatches(tx: Tx, importId: number): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await tx.execute<Payable>(sql`
      SELECT id, position, member_id AS "memberId", amount::text, currency, booked_on AS "receivedOn",
        CASE WHEN outcome = 'return' OR mandate_id IS NOT NULL THEN 'direct_debit' ELSE 'transfer' END AS method,
        left(label, 200) AS reference, invoice_id AS "invoiceId", reverses_id AS "reversesId"
      FROM bank_line WHERE import_id = ${importId} AND position > ${after} AND outcome IN ('match', 'return') ORDER BY position LIMIT ${batchSize}`)
    const last = rows.at(-1)
    if (!last) return
    const payments = await recordPayments(tx, rows)
    await linkPayments(
      tx,
      rows.map(({ id }, index) => ({ lineId: id, paymentId: payments[index] as number })),
    )
    after = last.position
  }
}

/** Says which payments came of which lines: those are matched from then on. */
export async function linkPayments(tx: Tx, links: readonly { readonly lineId: number; readonly paymentId: number }[]): Promise<void> {
  await tx.execute(sql`
    INSERT INTO bank_line_payment (line_id, payment_id)
    SELECT * FROM unnest(${sql.param(links.map(({ lineId }) => lineId))}::bigint[], ${sql.param(links.map(({ paymentId }) => paymentId))}::bigint[])`)
}

/** How often each rule decided. */
async function countRules(tx: Tx, importId: number): Promise<void> {
  await tx.execute(sql`
    UPDATE bank_rule r SET used = r.used + n.count, last_used_on = coin.today()
    FROM (SELECT (reason ->> 'rule')::bigint AS rule, count(*) FROM bank_line WHERE import_id = ${importId} AND state IN ('matched', 'ignored') AND reason ? 'rule' GROUP BY 1) n
    WHERE r.id = n.rule`)
}

/** Forgets a preview, with the file. */
export async function dropImport(tx: Tx, importId: number): Promise<void> {
  const { state } = await lockImport(tx, importId)
  if (state !== 'previewed' && state !== 'uploaded') throw otherState()
  await tx.execute(sql`DELETE FROM bank_line WHERE import_id = ${importId} AND state = 'proposed'`)
  await tx.execute(sql`UPDATE bank_import SET state = 'dropped', content = NULL, digest = NULL WHERE id = ${importId}`)
}
