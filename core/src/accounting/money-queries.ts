import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** How long the money of open invoices has been due: `0` not yet, `1` 1–30 days, `2` 31–60, `3` 61–90, `4` longer. */
export interface AgeBand extends Record<string, unknown> {
  readonly band: 0 | 1 | 2 | 3 | 4
  readonly invoices: number
  readonly amount: string
  readonly disputed: string
}

/** The open invoices of a currency by age; bands without any are left out. */
export async function ageing(db: Tx, currency: string): Promise<readonly AgeBand[]> {
  const { rows } = await db.execute<AgeBand>(sql`
    SELECT CASE WHEN due_on >= coin.today() THEN 0 WHEN due_on >= coin.today() - 30 THEN 1 WHEN due_on >= coin.today() - 60 THEN 2 WHEN due_on >= coin.today() - 90 THEN 3 ELSE 4 END AS band,
      count(*)::int AS invoices, sum(total - allocated)::text AS amount, coalesce(sum(total - allocated) FILTER (WHERE disputed_on IS NOT NULL), 0)::text AS disputed
    FROM invoice WHERE state = 'issued' AND allocated <> total AND total > 0 AND currency = ${currency} GROUP BY 1 ORDER BY 1`)
  return rows
}

/**
 * What was billed in a month for one offer, without VAT; without an offer for fees, donations and the rest. A line that somebody wrote by hand counts
 * for the offer that its subscription had.
 */
export interface Income extends Record<string, unknown> {
  /** The first day of the month, ISO. */
  readonly month: string
  readonly offerId: number | null
  /** The offer's name, or `fee`, `donation`, `other`. */
  readonly source: string
  readonly amount: string
}

/** From the first day of a month on. A credit note counts for what it gives back. */
export async function income(db: Tx, from: string, currency: string): Promise<readonly Income[]> {
  const { rows } = await db.execute<Income>(sql`
    SELECT e.month, e.offer_id AS "offerId", coalesce(o.name, e.kind) AS source, e.amount::text FROM (
      SELECT date_trunc('month', i.issued_on)::date AS month, coalesce(c.offer_id, d.offer_id) AS offer_id,
        CASE WHEN coalesce(c.offer_id, d.offer_id) IS NULL THEN CASE coalesce(k.kind, i.kind) WHEN 'fee' THEN 'fee' WHEN 'donation' THEN 'donation' ELSE 'other' END END AS kind, sum(l.net) AS amount
      FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id LEFT JOIN invoice k ON k.id = i.corrects_id
      LEFT JOIN invoice_line b ON b.id = l.credits_id LEFT JOIN charge c ON c.id = coalesce(l.charge_id, b.charge_id)
      LEFT JOIN subscription_offer d ON c.id IS NULL AND d.subscription_id = l.subscription_id AND d.during @> i.issued_on
      WHERE i.state = 'issued' AND i.issued_on >= ${from}::date AND i.currency = ${currency} GROUP BY 1, 2, 3) e
    LEFT JOIN offer o ON o.id = e.offer_id ORDER BY e.month, source`)
  return rows
}

export interface Received extends Record<string, unknown> {
  readonly month: string
  /** Above zero. */
  readonly received: string
  /** Above zero: paid back, or returned by the bank. */
  readonly paidBack: string
}

export async function received(db: Tx, from: string, currency: string): Promise<readonly Received[]> {
  const { rows } = await db.execute<Received>(sql`
    SELECT date_trunc('month', received_on)::date AS month, coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::text AS received,
      coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::text AS "paidBack"
    FROM payment WHERE received_on >= ${from}::date AND received_on <= coin.today() AND currency = ${currency} GROUP BY 1 ORDER BY 1`)
  return rows
}

export interface BigDebtor extends Record<string, unknown> {
  readonly id: number
  readonly name: string
  readonly overdue: string
  readonly since: string
  readonly invoices: number
}

/** Who has the most overdue, disputes left out. */
export async function biggestDebtors(db: Tx, currency: string, atMost = 10): Promise<readonly BigDebtor[]> {
  const { rows } = await db.execute<BigDebtor>(sql`
    SELECT m.id, m.display_name AS name, d.overdue::text, d.since, d.invoices FROM (
      SELECT member_id, sum(total - allocated) AS overdue, min(due_on) AS since, count(*)::int AS invoices
      FROM invoice WHERE state = 'issued' AND allocated <> total AND total > 0 AND due_on < coin.today() AND disputed_on IS NULL AND currency = ${currency}
      GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${atMost}) d JOIN member m ON m.id = d.member_id ORDER BY d.overdue DESC, m.id`)
  return rows
}
