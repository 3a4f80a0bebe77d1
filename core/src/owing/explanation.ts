import { sql } from 'drizzle-orm'
import type { InvoiceStanding } from '../billing/invoice-words.tsx'
import type { Calculation } from '../billing/line-words.ts'
import { invoiceStateSql } from '../billing/tables.ts'
import type { Tx } from '../db/database.ts'
import { type BankLineOf, bankLineOf } from '../payments/bank/queries.ts'

/** A bill with why it asks for what it asks. Amounts are decimal numbers. */
export interface Bill extends BillHead {
  readonly lines: readonly BillLine[]
  readonly coverings: readonly Covering[]
}

export interface BillHead extends Record<string, unknown> {
  readonly id: number
  readonly memberId: number
  readonly kind: 'invoice' | 'credit_note' | 'fee' | 'donation'
  readonly number: string
  readonly standing: InvoiceStanding
  readonly currency: string
  readonly net: string
  readonly vat: string
  readonly total: string
  /** What is not paid of it; of a credit note, what is not used of it: below zero. */
  readonly left: string
  /** ISO. */
  readonly issuedOn: string
  readonly dueOn: string
  readonly disputedOn: string | null
  readonly note: string
  /** Of a credit note: the bill that it corrects. */
  readonly corrects: { readonly id: number; readonly number: string } | null
}

/** A part of a charge on some bill; its number is null while that is not issued. */
export interface OnBill {
  readonly id: number
  readonly number: string | null
  readonly on: string | null
  readonly net: string
}

/** What a charge stands on. Days are ISO. */
export interface ChargeFacts {
  readonly kind: string
  readonly quantity: string
  readonly unitPrice: string
  readonly amount: string
  readonly calculation: Calculation
  /** Months of a period of its offer. */
  readonly months: number
  readonly startedOn: string
  readonly resignedOn: string | null
}

export interface BillLine extends Record<string, unknown> {
  readonly id: number
  readonly description: string
  /** As printed. */
  readonly explanation: string
  readonly quantity: string
  readonly unitPrice: string
  readonly net: string
  readonly vatRate: string
  readonly vatMention: string
  /** The days it is about, both included. */
  readonly first: string | null
  readonly last: string | null
  readonly subscription: { readonly id: number; readonly reference: string } | null
  /** Of what a run billed. */
  readonly charge: ChargeFacts | null
  /** What was billed for the same days before: it adds up to `charge.calculation.before`. */
  readonly earlier: readonly OnBill[] | null
  /** The bill that corrects it. */
  readonly correctedOn: OnBill | null
  /** What credit notes gave back of it. */
  readonly credits: readonly OnBill[] | null
  /** Of a credit note: whose line it gives back. */
  readonly gives: { readonly id: number; readonly number: string } | null
}

/** What covers a bill, or what a credit note covers. */
export interface Covering extends Record<string, unknown> {
  readonly what: 'payment' | 'refund' | 'credit_note' | 'bill'
  readonly id: number
  /** Of a bill its kind, of a payment its method. */
  readonly kind: string
  readonly number: string | null
  readonly reference: string
  readonly on: string
  readonly amount: string
  /** What the bank said of a payment. */
  readonly bank?: BankLineOf | undefined
}

/** An issued bill of this member and why; undefined for another's, and for a draft. Four statements at most. */
export async function billOf(db: Tx, memberId: number, id: number): Promise<Bill | undefined> {
  const { rows } = await db.execute<BillHead>(sql`
    SELECT id, member_id AS "memberId", kind, number, ${invoiceStateSql} AS standing, currency, net::text, vat::text, total::text, (total - allocated)::text AS left,
      issued_on AS "issuedOn", due_on AS "dueOn", disputed_on AS "disputedOn", note,
      (SELECT jsonb_build_object('id', c.id, 'number', c.number) FROM invoice c WHERE c.id = invoice.corrects_id) AS corrects
    FROM invoice WHERE id = ${id} AND member_id = ${memberId} AND state = 'issued'`)
  const [head] = rows
  return head && { ...head, lines: await linesOf(db, id), coverings: await coveringsOf(db, id) }
}

/**
 * What was billed before for a charge is in the charges that it supersedes, and in those that they do. What was given back whole, for another offer or
 * member, took no part in it.
 */
const linesOf = async (db: Tx, id: number): Promise<readonly BillLine[]> =>
  (
    await db.execute<BillLine>(sql`
    WITH RECURSIVE earlier AS (
      SELECT c.id AS of, p.id, p.member_id, p.offer_id FROM invoice_line l JOIN charge c ON c.id = l.charge_id
      JOIN charge p ON p.superseded_by = c.id AND p.member_id = c.member_id AND p.offer_id = c.offer_id WHERE l.invoice_id = ${id}
      UNION ALL SELECT e.of, p.id, p.member_id, p.offer_id FROM earlier e
      JOIN charge p ON p.superseded_by = e.id AND p.member_id = e.member_id AND p.offer_id = e.offer_id),
    billed AS (
      SELECT e.of, jsonb_agg(jsonb_build_object('id', i.id, 'number', i.number, 'on', i.issued_on, 'net', b.net::text) ORDER BY i.issued_on, b.id) AS bills
      FROM earlier e JOIN invoice_line b ON b.charge_id = e.id JOIN invoice i ON i.id = b.invoice_id GROUP BY e.of)
    SELECT l.id, l.description, l.explanation, l.quantity::text, l.unit_price::text AS "unitPrice", l.net::text, l.vat_rate::text AS "vatRate",
      l.vat_mention AS "vatMention", lower(l.period) AS first, upper(l.period) - 1 AS last,
      CASE WHEN s.id IS NOT NULL THEN jsonb_build_object('id', s.id, 'reference', s.reference) END AS subscription,
      CASE WHEN c.id IS NOT NULL THEN jsonb_build_object('kind', c.kind, 'quantity', c.quantity::text, 'unitPrice', c.unit_price::text, 'amount', c.amount::text,
        'calculation', c.calculation, 'months', o.period_months, 'startedOn', s.started_on, 'resignedOn', s.resigned_on) END AS charge,
      d.bills AS earlier,
      (SELECT jsonb_build_object('id', i.id, 'number', i.number, 'on', i.issued_on, 'net', n.net::text) FROM invoice_line n JOIN invoice i ON i.id = n.invoice_id
        WHERE n.charge_id = c.superseded_by AND i.state = 'issued' AND i.member_id = c.member_id LIMIT 1) AS "correctedOn",
      (SELECT jsonb_agg(jsonb_build_object('id', i.id, 'number', i.number, 'on', i.issued_on, 'net', n.net::text) ORDER BY i.id) FROM invoice_line n
        JOIN invoice i ON i.id = n.invoice_id WHERE n.credits_id = l.id AND i.state = 'issued') AS credits,
      (SELECT jsonb_build_object('id', i.id, 'number', i.number) FROM invoice_line g JOIN invoice i ON i.id = g.invoice_id WHERE g.id = l.credits_id) AS gives
    FROM invoice_line l LEFT JOIN subscription s ON s.id = l.subscription_id LEFT JOIN charge c ON c.id = l.charge_id LEFT JOIN offer o ON o.id = c.offer_id
    LEFT JOIN billed d ON d.of = c.id
    WHERE l.invoice_id = ${id} ORDER BY l.position`)
  ).rows

async function coveringsOf(db: Tx, id: number): Promise<readonly Covering[]> {
  const { rows } = await db.execute<Covering>(sql`
    SELECT CASE WHEN a.pays THEN CASE WHEN p.id IS NULL THEN 'credit_note' ELSE 'payment' END ELSE CASE WHEN p.id IS NULL THEN 'bill' ELSE 'refund' END END AS what,
      coalesce(p.id, i.id) AS id, coalesce(p.method, i.kind) AS kind, i.number, coalesce(p.reference, '') AS reference, coalesce(p.received_on, i.issued_on) AS on, sum(a.amount)::text AS amount
    FROM (
      SELECT true AS pays, from_payment AS payment_id, from_credit_note AS invoice_id, amount FROM payment_allocation WHERE to_invoice = ${id}
      UNION ALL SELECT false, to_payment, to_invoice, amount FROM payment_allocation WHERE from_credit_note = ${id}) a
    LEFT JOIN payment p ON p.id = a.payment_id LEFT JOIN invoice i ON i.id = a.invoice_id
    GROUP BY a.pays, p.id, i.id ORDER BY coalesce(p.received_on, i.issued_on), 2`)
  const isPayment = ({ what }: Covering) => what === 'payment' || what === 'refund'
  const lines = await bankLineOf(
    db,
    rows.filter(isPayment).map(row => row.id),
  )
  return rows.map(row => ({ ...row, bank: isPayment(row) ? lines.get(row.id) : undefined }))
}
