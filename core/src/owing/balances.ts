import { sql } from 'drizzle-orm'
import { invoiceStateSql } from '../billing/tables.ts'
import type { Tx } from '../db/database.ts'

/** A bill that is not wholly paid, or money and credit notes that are not used up. */
export interface OpenItem {
  readonly what: 'bill' | 'payment'
  readonly id: number
  /** Of a bill its kind, of a payment its method. */
  readonly kind: string
  readonly number: string | null
  /** ISO. */
  readonly on: string
  readonly dueOn: string | null
  /** Days since it was to be paid; zero or less when that is to come. */
  readonly late: number | null
  readonly disputed: boolean
  /** Decimal numbers; below zero for what is in the member's favour. */
  readonly total: string
  readonly left: string
}

/** Where a member stands in one currency. What is open adds up to what is owed. */
export interface Balance extends Record<string, unknown> {
  readonly currency: string
  /** Below zero: in credit. */
  readonly owed: string
  readonly open: readonly OpenItem[]
  readonly lastPayment: { readonly id: number; readonly on: string; readonly amount: string } | null
}

/** Where a member stands, one for each currency that was ever used; the oldest of what is open first. One statement. */
export async function balancesOf(db: Tx, memberId: number): Promise<readonly Balance[]> {
  const { rows } = await db.execute<Balance>(sql`
    SELECT b.currency, b.owed::text AS owed,
      coalesce((SELECT jsonb_agg(to_jsonb(e) ORDER BY e.on, e.what, e.id) FROM (
        SELECT 'bill' AS what, id, kind, number, issued_on AS on, due_on AS "dueOn", coin.today() - due_on AS late, disputed_on IS NOT NULL AS disputed,
          total::text AS total, (total - allocated)::text AS left
        FROM invoice WHERE member_id = b.member_id AND currency = b.currency AND state = 'issued' AND allocated <> total
        UNION ALL SELECT 'payment', id, method, NULL, received_on, NULL, NULL, false, (-amount)::text, (allocated - amount)::text
        FROM payment WHERE member_id = b.member_id AND currency = b.currency AND allocated <> amount) e), '[]') AS open,
      (SELECT jsonb_build_object('id', id, 'on', received_on, 'amount', amount::text) FROM payment
        WHERE member_id = b.member_id AND currency = b.currency AND amount > 0 ORDER BY received_on DESC, id DESC LIMIT 1) AS "lastPayment"
    FROM member_balance b WHERE b.member_id = ${memberId} ORDER BY b.owed <> 0 DESC, b.currency`)
  return rows
}

/** Something that changed what a member owes. */
export interface LedgerEntry extends Record<string, unknown> {
  readonly what: 'bill' | 'payment'
  readonly id: number
  /** Of a bill its kind, of a payment its method. */
  readonly kind: string
  /** The number of a bill; what the payer wrote. */
  readonly name: string
  /** ISO. */
  readonly on: string
  readonly currency: string
  /** Above zero it is owed, below it is paid or given back. */
  readonly amount: string
  /** What was owed in this currency after it. */
  readonly balance: string
  /** Of a bill: `invoiceStateSql`. */
  readonly standing: string
}

export interface LedgerPage {
  readonly entries: readonly LedgerEntry[]
  readonly page: number
  readonly total: number
}

/** Entries of a page of the ledger. */
export const ledgerSize = 25

/** A page of everything a member was billed and paid, newest first; past the last page, the last one. One statement. */
export async function ledgerOf(db: Tx, memberId: number, page = 1, size = ledgerSize): Promise<LedgerPage> {
  const { rows } = await db.execute<LedgerEntry & { page: number; count: number }>(sql`
    SELECT what, id, kind, name, day AS on, currency, amount::text AS amount, balance::text AS balance, standing, count, (place - 1) / ${size}::int + 1 AS page FROM (
      SELECT *, (count(*) OVER ())::int AS count, sum(amount) OVER (PARTITION BY currency ORDER BY day, what, id) AS balance,
        (row_number() OVER (ORDER BY day DESC, what DESC, id DESC))::int AS place
      FROM (
        SELECT 'bill' AS what, id, kind, number AS name, issued_on AS day, currency, total AS amount, ${invoiceStateSql} AS standing
        FROM invoice WHERE member_id = ${memberId} AND state = 'issued'
        UNION ALL SELECT 'payment', id, method, reference, received_on, currency, -amount, '' FROM payment WHERE member_id = ${memberId}) e) l
    WHERE (place - 1) / ${size}::int = least(${page}::int - 1, (count - 1) / ${size}::int) ORDER BY place`)
  const [first] = rows
  return { entries: rows, page: first?.page ?? 1, total: first?.count ?? 0 }
}

/** A member as these pages name them; undefined when there is none. */
export async function memberNamed(db: Tx, memberId: number): Promise<{ readonly id: number; readonly name: string } | undefined> {
  const { rows } = await db.execute<{ id: number; name: string }>(sql`SELECT id, display_name AS name FROM member WHERE id = ${memberId}`)
  return rows[0]
}
