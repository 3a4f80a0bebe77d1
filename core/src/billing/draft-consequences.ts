import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Row } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { formatMoney, formatRange } from '../ui/index.ts'

/** What deleting a draft releases, in sentences; of an issued invoice, why it stays. */
export async function draftConsequences(row: Row, tx: Tx): Promise<readonly string[]> {
  if (row.state === 'issued')
    return [t('Invoice {{number}} was issued: it stays as it is.', { number: String(row.number) }), t('Make a credit note.')]
  const released = await releasedBy(tx, [row.id])
  return [
    t('The draft of {{amount}} for {{member}} goes. It has no number, so none is missing.', {
      amount: formatMoney(String(row.total), String(row.currency)),
      member: String(row.memberName),
    }),
    ...(released.length > 0
      ? [t('What it bills of subscriptions is due again, and comes back with the next run:'), ...released.map(releasedWords)]
      : []),
  ]
}

interface Released extends Record<string, unknown> {
  readonly reference: string
  readonly first: string
  readonly last: string
}

/** Which periods of which subscriptions drafts bill. One statement. */
async function releasedBy(tx: Tx, ids: readonly number[]): Promise<readonly Released[]> {
  const { rows } = await tx.execute<Released>(sql`
    SELECT s.reference, lower(c.period)::text AS first, (upper(c.period) - 1)::text AS last
    FROM invoice_line l JOIN charge c ON c.id = l.charge_id JOIN subscription s ON s.id = c.subscription_id
    WHERE l.invoice_id = ANY (${sql.param(ids)}::bigint[]) ORDER BY s.reference, c.period, l.id LIMIT 200`)
  return rows
}

const releasedWords = ({ reference, first, last }: Released): string =>
  t('{{reference}}: {{days}}', { reference, days: formatRange(first, last) })
