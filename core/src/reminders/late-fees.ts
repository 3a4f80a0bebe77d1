import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'

export interface LateFee {
  readonly reminderId: number
  readonly memberId: number
  readonly language: string
  /** A decimal number above zero. */
  readonly amount: string
}

/** Drafts an invoice of one line for each, in the member's language, and ties it to its reminder. Three statements. Returns the drafts. */
export async function draftLateFees(tx: Tx, fees: readonly LateFee[]): Promise<readonly number[]> {
  const { provider, billing, reminders } = currentScope().registry.config
  const { rows: ids } = await tx.execute<{ id: number }>(
    sql`SELECT nextval(pg_get_serial_sequence('invoice', 'id')) AS id FROM generate_series(1, ${fees.length}::int)`,
  )
  const rows = fees.map(({ language, ...fee }, index) => ({
    ...fee,
    id: ids[index]?.id,
    words: withinScope({ locale: language || provider.language, app: 'reminders' }, () => t('Late fee')),
  }))
  const all = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS f (id bigint, "reminderId" bigint, "memberId" bigint, amount numeric, words text)`
  await tx.execute(sql`INSERT INTO invoice (id, member_id, currency) SELECT id, "memberId", ${provider.currency} FROM ${all} ORDER BY id`)
  await tx.execute(sql`
    INSERT INTO invoice_line (invoice_id, position, description, unit_price, net, vat_mention, account)
    SELECT id, 1, words, amount, amount, ${billing.vatMention}, ${reminders.feeAccount} FROM ${all}`)
  await tx.execute(sql`UPDATE reminder r SET fee_invoice_id = f.id FROM ${all} WHERE r.id = f."reminderId"`)
  return rows.flatMap(({ id }) => (id === undefined ? [] : [id]))
}
