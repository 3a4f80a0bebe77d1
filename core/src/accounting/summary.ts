import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { Period } from './period.ts'

/** What a period adds up to, in one currency. */
export interface Summary extends Record<string, unknown> {
  readonly currency: string
  readonly invoices: number
  readonly net: string
  readonly vat: string
  readonly total: string
  readonly payments: number
  readonly received: string
  /** What all members owed at its end, together; below zero: had in credit. */
  readonly owed: string
}

export async function summaryOf(db: Tx, { from, to }: Period): Promise<readonly Summary[]> {
  const { rows } = await db.execute<Summary>(sql`
    SELECT currency, sum(invoices)::int AS invoices, sum(net)::text AS net, sum(vat)::text AS vat, sum(total)::text AS total,
      sum(payments)::int AS payments, sum(received)::text AS received, sum(owed)::text AS owed
    FROM (
      SELECT currency, count(*) FILTER (WHERE issued_on >= ${from}::date) AS invoices, coalesce(sum(net) FILTER (WHERE issued_on >= ${from}::date), 0) AS net,
        coalesce(sum(vat) FILTER (WHERE issued_on >= ${from}::date), 0) AS vat, coalesce(sum(total) FILTER (WHERE issued_on >= ${from}::date), 0) AS total,
        0 AS payments, 0.00 AS received, sum(total) AS owed
      FROM invoice WHERE state = 'issued' AND issued_on <= ${to}::date GROUP BY 1
      UNION ALL
      SELECT currency, 0, 0, 0, 0, count(*) FILTER (WHERE received_on >= ${from}::date), coalesce(sum(amount) FILTER (WHERE received_on >= ${from}::date), 0), -sum(amount)
      FROM payment WHERE received_on <= ${to}::date GROUP BY 1) e
    GROUP BY currency ORDER BY currency`)
  return rows
}
