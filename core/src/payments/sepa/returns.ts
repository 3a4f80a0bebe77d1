import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { lockMembers } from '../allocations.ts'
import { returnDirectDebit } from '../rules.ts'
import { tellReturned } from './member-mails.ts'
import { endsMandate } from './reason-codes.ts'

/** Why and when a direct debit came back. */
export interface ReturnReason {
  /** ISO 20022 or the bank's own; `''` when nobody knows. */
  readonly code: string
  /** ISO; today unless given. */
  readonly on?: string | undefined
}

interface Waiting extends Record<string, unknown> {
  readonly state: string
  readonly batch: string
  readonly paymentId: number | null
}

/**
 * Records that the bank refused a direct debit, or took it back: the invoices are open again. Refused before its day it is never paid; after it,
 * a payment below zero undoes it. The member is told, and a mandate that the reason spoils ends.
 */
export async function returnCollection(tx: Tx, id: number, { code, on }: ReturnReason): Promise<void> {
  await lockMembers(tx, sql`SELECT member_id FROM sepa_collection WHERE id = ${id}`)
  const { rows } = await tx.execute<Waiting>(sql`
    SELECT c.state, b.state AS batch, c.payment_id AS "paymentId" FROM sepa_collection c JOIN sepa_batch b ON b.id = c.batch_id WHERE c.id = ${id} FOR UPDATE OF c`)
  const [found] = rows
  if (!found) throw new CoinError('not_found', 'This direct debit is not there.')
  if (found.state === 'collected' && found.paymentId !== null) await returnDirectDebit(tx, { paymentId: found.paymentId, receivedOn: on })
  else if (found.state === 'pending' && found.batch === 'sent')
    await tx.execute(
      sql`UPDATE sepa_collection SET state = 'returned', returned_on = coalesce(${on ?? null}::date, coin.today()) WHERE id = ${id}`,
    )
  else if (found.state === 'returned') throw new CoinError('refused', 'This direct debit was returned already.')
  else throw new CoinError('refused', 'The bank does not have this direct debit.', { hint: 'Cancel the batch instead.' })
  await tx.execute(sql`UPDATE sepa_collection SET return_code = ${code.slice(0, 35)} WHERE id = ${id}`)
  await settleReturns(tx)
}

interface Returned extends Record<string, unknown> {
  readonly id: number
  readonly mandateId: number
  readonly code: string
}

/** What follows from returns that nobody looked at yet, wherever they were recorded: reasons of bank lines are kept, members told, spoiled mandates ended. Returns how many. */
export async function settleReturns(tx: Tx): Promise<number> {
  const { rows } = await tx.execute<Returned>(sql`
    UPDATE sepa_collection c SET told_at = clock_timestamp(), return_code = coalesce(nullif(c.return_code, ''), (
        SELECT l.return_reason FROM payment p JOIN bank_line_payment b ON b.payment_id = p.id JOIN bank_line l ON l.id = b.line_id
        WHERE p.reverses_id = c.payment_id AND p.method = 'direct_debit' ORDER BY p.id DESC LIMIT 1), '')
    WHERE c.state = 'returned' AND c.told_at IS NULL RETURNING c.id, c.mandate_id AS "mandateId", c.return_code AS code`)
  if (rows.length === 0) return 0
  const ended = rows.filter(({ code }) => endsMandate(code))
  if (ended.length > 0) {
    await tx.execute(sql`
      UPDATE sepa_mandate m SET state = 'revoked', ended_on = coin.today(), ended_why = e.code
      FROM unnest(${sql.param(ended.map(({ mandateId }) => mandateId))}::bigint[], ${sql.param(ended.map(({ code }) => code))}::text[]) AS e (id, code)
      WHERE m.id = e.id AND m.state = 'active'`)
  }
  await tellReturned(
    tx,
    rows.map(({ id }) => id),
  )
  return rows.length
}
