import { sql } from 'drizzle-orm'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { formatMoney } from '../../ui/index.ts'
import { lockMembers } from '../allocations.ts'
import { lockImport, otherState } from './imports.ts'
import { propose } from './propose.ts'

/**
 * Takes an import back: its payments go, those settled by hand too, what they covered is open again, and its lines may be imported anew. Throws when money
 * of it was paid back or returned since by something else: that would hang in the air.
 */
export async function undoImport(tx: Tx, importId: number): Promise<void> {
  const { state } = await lockImport(tx, importId)
  if (state !== 'applied') throw otherState()
  await removePayments(tx, sql`SELECT id FROM bank_line WHERE import_id = ${importId}`)
  await tx.execute(sql`
    UPDATE bank_line SET state = 'undone', settled_by = NULL, settled_at = NULL WHERE import_id = ${importId} AND state IN ('unmatched', 'ignored')`)
  await tx.execute(
    sql`UPDATE bank_import SET state = 'undone', undone_by = ${currentScope().actor.label}, undone_at = clock_timestamp() WHERE id = ${importId}`,
  )
}

/** Shows the lines of an import that was taken back once more, as the world is now. */
export async function redoImport(tx: Tx, importId: number): Promise<void> {
  const { state } = await lockImport(tx, importId)
  if (state !== 'undone') throw otherState()
  await tx.execute(
    sql`UPDATE bank_line SET state = 'proposed', outcome = NULL, reason = '{}' WHERE import_id = ${importId} AND state = 'undone'`,
  )
  await tx.execute(sql`UPDATE bank_import SET state = 'previewed', undone_by = NULL, undone_at = NULL WHERE id = ${importId}`)
  await propose(tx, importId)
}

/** Removes the payments of some lines, which are unmatched from then on. `lines` selects their ids. */
export async function removePayments(tx: Tx, lines: ReturnType<typeof sql>): Promise<void> {
  await lockMembers(
    tx,
    sql`SELECT p.member_id FROM bank_line_payment b JOIN payment p ON p.id = b.payment_id WHERE b.line_id IN (${lines})`,
  )
  const { rows: reversed } = await tx.execute<{ name: string; amount: string; currency: string }>(sql`
    SELECT m.display_name AS name, p.amount::text, p.currency FROM bank_line_payment b JOIN payment p ON p.id = b.payment_id JOIN member m ON m.id = p.member_id
    WHERE b.line_id IN (${lines}) AND EXISTS (SELECT FROM payment r LEFT JOIN bank_line_payment o ON o.payment_id = r.id
      WHERE r.reverses_id = p.id AND (o.line_id IS NULL OR o.line_id NOT IN (${lines})))
    ORDER BY p.id LIMIT 6`)
  if (reversed.length > 0) throw paidBack(reversed)
  // the links first: a payment that is linked cannot go
  const { rows } = await tx.execute<{ payment_id: number }>(
    sql`DELETE FROM bank_line_payment WHERE line_id IN (${lines}) RETURNING payment_id`,
  )
  if (rows.length > 0)
    await tx.execute(sql`DELETE FROM payment WHERE id = ANY (${sql.param(rows.map(({ payment_id }) => payment_id))}::bigint[])`)
}

function paidBack(rows: readonly { readonly name: string; readonly amount: string; readonly currency: string }[]): CoinError {
  const names = rows
    .slice(0, 5)
    .map(({ name, amount, currency }) => `${name} (${formatMoney(amount, currency)})`)
    .join(', ')
  return new CoinError('refused', 'Money of this import was paid back or returned since: {{names}}.', {
    values: { names: rows.length > 5 ? `${names}…` : names },
    hint: 'Remove those refunds and returns first, or undo the import that they came with.',
  })
}
