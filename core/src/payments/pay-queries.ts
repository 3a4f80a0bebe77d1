import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** A bill that a member may pay. */
export interface Payable extends Record<string, unknown> {
  readonly id: number
  readonly number: string
  readonly kind: 'invoice' | 'fee' | 'donation'
  readonly currency: string
  /** What is left to pay; nothing when it is paid. */
  readonly open: string
  readonly dueOn: string
  readonly late: boolean
  readonly disputed: boolean
  /** The day on which a direct debit collects it, once that is settled. */
  readonly collectOn: string | null
  /** A direct debit of it came back. */
  readonly returned: boolean
  /** Of the subscriptions on it. */
  readonly references: readonly string[]
}

/** A mandate by which a member's bills are collected. */
export interface OwnMandate extends Record<string, unknown> {
  readonly id: number
  readonly reference: string
  readonly iban: string
  readonly name: string
  readonly signedOn: string
  readonly lastUsedOn: string | null
}

const payable = sql`
  SELECT i.id, i.number, i.kind, i.currency, (i.total - i.allocated)::text AS open, i.due_on AS "dueOn", i.due_on < coin.today() AS late, i.disputed_on IS NOT NULL AS disputed,
    (SELECT b.collect_on FROM sepa_collection_invoice x JOIN sepa_collection c ON c.id = x.collection_id JOIN sepa_batch b ON b.id = c.batch_id
      WHERE x.invoice_id = i.id AND x.live) AS "collectOn",
    EXISTS (SELECT FROM sepa_collection_invoice x JOIN sepa_collection c ON c.id = x.collection_id WHERE x.invoice_id = i.id AND c.state = 'returned') AS returned,
    coalesce((SELECT jsonb_agg(s.reference ORDER BY s.id) FROM subscription s WHERE s.id IN (SELECT l.subscription_id FROM invoice_line l WHERE l.invoice_id = i.id)), '[]') AS references
  FROM invoice i`

/** A member's own bill; undefined when there is none, or it asks for nothing. */
export async function payableBill(tx: Tx, memberId: number, id: number): Promise<Payable | undefined> {
  const { rows } = await tx.execute<Payable>(
    sql`${payable} WHERE i.id = ${id} AND i.member_id = ${memberId} AND i.state = 'issued' AND i.kind <> 'credit_note'`,
  )
  return rows[0]
}

/** Everything that is open of a member and not in dispute, the oldest first. */
export async function payableBills(tx: Tx, memberId: number): Promise<readonly Payable[]> {
  const { rows } = await tx.execute<Payable>(sql`
    ${payable} WHERE i.member_id = ${memberId} AND i.state = 'issued' AND i.allocated <> i.total AND i.total > 0 AND i.disputed_on IS NULL ORDER BY i.issued_on, i.id`)
  return rows
}

/** The mandate by which a member's bills are collected now. */
export async function ownMandate(tx: Tx, memberId: number): Promise<OwnMandate | undefined> {
  const { rows } = await tx.execute<OwnMandate>(sql`
    SELECT d.id, d.reference, d.iban, d.name, d.signed_on AS "signedOn", d.last_used_on AS "lastUsedOn" FROM sepa_mandate d
    WHERE d.member_id = ${memberId} AND coin.mandate_usable(d, coin.today())`)
  return rows[0]
}
