import { sql } from 'drizzle-orm'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { lockMembers } from '../allocations.ts'
import { recordPayments } from '../rules.ts'
import { checkDay, collectableOn } from './collectable.ts'
import { ownCreditor } from './creditor.ts'
import { announceBatch, takeBackAnnouncement } from './member-mails.ts'
import type { BatchState } from './tables.ts'

/**
 * Makes a batch of what was shown for a day, and tells its members. Undefined when it would be something else by now: nothing is done. Two at
 * once: the second sees what the first took.
 */
export async function makeBatch(tx: Tx, day: string, token: string): Promise<number | undefined> {
  const creditor = ownCreditor()
  await checkDay(tx, day)
  await lockMembers(tx, sql`SELECT member_id FROM sepa_mandate WHERE state = 'active'`)
  const { rows, token: now } = await collectableOn(tx, day)
  if (now !== token) return undefined
  if (rows.length === 0) throw new CoinError('refused', 'There is nothing to collect on this day.')
  const { registry, actor } = currentScope()
  const { rows: made } = await tx.execute<{ id: number }>(sql`
    INSERT INTO sepa_batch (id, collect_on, message_id, format, creditor, made_at, made_by)
    SELECT n, ${day}::date, 'DD-' || to_char(${day}::date, 'YYYYMMDD') || '-' || n, ${registry.config.payments.directDebit.format}, ${JSON.stringify(creditor)}::jsonb,
      now() AT TIME ZONE ${registry.timeZone}, ${actor.label}
    FROM nextval(pg_get_serial_sequence('sepa_batch', 'id')) n RETURNING id`)
  const id = (made[0] as { id: number }).id
  const given = JSON.stringify(rows.map(({ mandateId, sequence, amount, invoices }) => ({ mandateId, sequence, amount, invoices })))
  await tx.execute(sql`
    INSERT INTO sepa_collection (batch_id, member_id, mandate_id, amount, sequence, end_to_end_id, reference, signed_on, name, iban, bic)
    SELECT b.id, d.member_id, d.id, g.amount, g.sequence, b.message_id || '-' || d.member_id, d.reference, d.signed_on, d.name, d.iban, d.bic
    FROM jsonb_to_recordset(${given}::jsonb) AS g ("mandateId" bigint, sequence text, amount numeric) JOIN sepa_mandate d ON d.id = g."mandateId"
    JOIN sepa_batch b ON b.id = ${id} ORDER BY d.member_id`)
  await tx.execute(sql`
    INSERT INTO sepa_collection_invoice (collection_id, invoice_id, amount)
    SELECT c.id, (i ->> 'id')::bigint, (i ->> 'amount')::numeric
    FROM jsonb_to_recordset(${given}::jsonb) AS g ("mandateId" bigint, invoices jsonb) JOIN sepa_collection c ON c.mandate_id = g."mandateId" AND c.batch_id = ${id}
    CROSS JOIN LATERAL jsonb_array_elements(g.invoices) i ORDER BY 2`)
  await announceBatch(tx, id)
  return id
}

/** The bank has the file from now on. */
export async function markSent(tx: Tx, id: number): Promise<void> {
  await lockBatch(tx, id, 'open', 'This batch was sent or cancelled already.')
  await tx.execute(
    sql`UPDATE sepa_batch SET state = 'sent', sent_at = clock_timestamp(), sent_by = ${currentScope().actor.label} WHERE id = ${id}`,
  )
}

/** Gives a batch up that the bank does not have; its members are told. */
export async function cancelBatch(tx: Tx, id: number): Promise<void> {
  await lockBatch(tx, id, 'open', 'The bank has this batch: only the bank can stop it.')
  await tx.execute(sql`UPDATE sepa_batch SET state = 'cancelled', cancelled_at = clock_timestamp() WHERE id = ${id}`)
  await takeBackAnnouncement(tx, id)
}

/** Records what was collected, on the day of the collection: it pays the invoices. What the bank refused meanwhile is left out. Returns how many payments. */
export async function executeBatch(tx: Tx, id: number): Promise<number> {
  await lockMembers(tx, sql`SELECT member_id FROM sepa_collection WHERE batch_id = ${id} AND state = 'pending'`)
  const { collectOn, isDue } = await lockBatch(tx, id, 'sent', 'Only a batch that the bank has can be executed.')
  if (!isDue) throw new CoinError('refused', 'The day of this collection has not come yet.')
  const { rows } = await tx.execute<{ id: number; memberId: number; amount: string; reference: string; invoiceId: number | null }>(sql`
    SELECT c.id, c.member_id AS "memberId", c.amount::text, c.end_to_end_id AS reference,
      (SELECT CASE WHEN count(*) = 1 THEN min(i.invoice_id) END FROM sepa_collection_invoice i WHERE i.collection_id = c.id) AS "invoiceId"
    FROM sepa_collection c WHERE c.batch_id = ${id} AND c.state = 'pending' ORDER BY c.id`)
  const payments = await recordPayments(
    tx,
    rows.map(({ id: _, ...row }) => ({ ...row, currency: 'EUR', method: 'direct_debit', receivedOn: collectOn })),
  )
  await tx.execute(sql`
    UPDATE sepa_collection c SET state = 'collected', payment_id = p.payment
    FROM unnest(${sql.param(rows.map(row => row.id))}::bigint[], ${sql.param(payments)}::bigint[]) AS p (id, payment) WHERE c.id = p.id`)
  await tx.execute(sql`UPDATE sepa_batch SET state = 'executed', executed_at = clock_timestamp() WHERE id = ${id}`)
  return rows.length
}

interface Locked extends Record<string, unknown> {
  readonly state: BatchState
  readonly collectOn: string
  readonly isDue: boolean
}

async function lockBatch(tx: Tx, id: number, wanted: BatchState, refusal: string): Promise<Locked> {
  const { rows } = await tx.execute<Locked>(
    sql`SELECT state, collect_on AS "collectOn", collect_on <= coin.today() AS "isDue" FROM sepa_batch WHERE id = ${id} FOR UPDATE`,
  )
  const [batch] = rows
  if (!batch) throw noBatch()
  if (batch.state !== wanted) throw new CoinError('refused', refusal)
  return batch
}

export const noBatch = () => new CoinError('not_found', 'This batch is not there.')
