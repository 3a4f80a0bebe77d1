import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** A line as the page shows it. Amounts are decimal numbers as text. */
export interface InvoiceLine extends Record<string, unknown> {
  readonly id: number
  readonly description: string
  readonly explanation: string
  readonly quantity: string
  readonly unitPrice: string
  readonly net: string
  readonly vatRate: string
  readonly vatMention: string
  readonly subscriptionId: number | null
  /** Without VAT, what credit notes gave back of it or are about to. */
  readonly credited: string
}

/** The lines of an invoice, in order. */
export async function linesOf(tx: Tx, id: number): Promise<readonly InvoiceLine[]> {
  const { rows } = await tx.execute<InvoiceLine>(sql`
    SELECT l.id, l.description, l.explanation, l.quantity::text AS quantity, l.unit_price::text AS "unitPrice", l.net::text AS net,
      l.vat_rate::text AS "vatRate", l.vat_mention AS "vatMention", l.subscription_id AS "subscriptionId",
      coalesce((SELECT -sum(c.net) FROM invoice_line c WHERE c.credits_id = l.id), 0)::text AS credited
    FROM invoice_line l WHERE l.invoice_id = ${id} ORDER BY l.position`)
  return rows
}

/** Money that covers an invoice, or that a credit note covers. */
export interface Covering extends Record<string, unknown> {
  readonly id: number
  /** What is on the other side: the id is of that table. */
  readonly what: 'payment' | 'credit_note' | 'invoice' | 'refund'
  /** The number of a credit note or invoice, the method of a payment. */
  readonly name: string
  readonly note: string
  /** ISO. */
  readonly on: string
  readonly amount: string
}

/** What covers an invoice, and what a credit note covers, in the order of days. The tables of payments come after those of billing. */
export async function coveringsOf(tx: Tx, id: number): Promise<readonly Covering[]> {
  const { rows } = await tx.execute<Covering>(sql`
    SELECT coalesce(p.id, n.id, i.id, r.id) AS id,
      CASE WHEN p.id IS NOT NULL AND a.to_invoice = ${id} THEN 'payment' WHEN a.to_invoice = ${id} THEN 'credit_note' WHEN i.id IS NOT NULL THEN 'invoice' ELSE 'refund' END AS what,
      coalesce(p.method, n.number, i.number, r.method) AS name, coalesce(p.reference, n.note, r.reference, '') AS note,
      coalesce(p.received_on, n.issued_on, i.issued_on, r.received_on)::text AS on, a.amount::text AS amount
    FROM payment_allocation a
    LEFT JOIN payment p ON p.id = a.from_payment
    LEFT JOIN invoice n ON n.id = a.from_credit_note AND a.to_invoice = ${id}
    LEFT JOIN invoice i ON i.id = a.to_invoice AND a.from_credit_note = ${id}
    LEFT JOIN payment r ON r.id = a.to_payment
    WHERE a.to_invoice = ${id} OR a.from_credit_note = ${id} ORDER BY 5, a.id`)
  return rows
}

/** What stands beside an invoice. */
export interface InvoiceSide extends Record<string, unknown> {
  readonly member: string
  readonly email: string
  /** The subscriptions of its lines. */
  readonly subscriptions: readonly { readonly id: number; readonly reference: string }[] | null
  /** What the member owes today, in this currency; below zero in credit. */
  readonly owed: string
  /** Credit notes for it, drafts as well. */
  readonly credits:
    | readonly { readonly id: number; readonly number: string | null; readonly total: string; readonly on: string | null }[]
    | null
  /** Of a credit note: the invoice that it corrects. */
  readonly corrects: { readonly id: number; readonly number: string } | null
  /** The run that drafted it, and up to when it billed. */
  readonly run: { readonly id: number; readonly date: string } | null
}

/** Member, references, balance, and the documents that belong to it. One statement. */
export async function sideOf(tx: Tx, id: number): Promise<InvoiceSide> {
  const { rows } = await tx.execute<InvoiceSide>(sql`
    SELECT m.display_name AS member, m.email,
      (SELECT jsonb_agg(DISTINCT jsonb_build_object('id', s.id, 'reference', s.reference)) FROM invoice_line l JOIN subscription s ON s.id = l.subscription_id WHERE l.invoice_id = i.id) AS subscriptions,
      coalesce((SELECT b.owed FROM member_balance b WHERE b.member_id = i.member_id AND b.currency = i.currency), 0)::text AS owed,
      (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'number', c.number, 'total', c.total::text, 'on', c.issued_on) ORDER BY c.id) FROM invoice c WHERE c.corrects_id = i.id) AS credits,
      (SELECT jsonb_build_object('id', c.id, 'number', c.number) FROM invoice c WHERE c.id = i.corrects_id) AS corrects,
      (SELECT jsonb_build_object('id', r.id, 'date', r.date) FROM billing_run r WHERE r.id = i.run_id) AS run
    FROM invoice i JOIN member m ON m.id = i.member_id WHERE i.id = ${id}`)
  return rows[0] as InvoiceSide
}

/** Something that happened to an invoice. */
export interface InvoiceEvent extends Record<string, unknown> {
  /** ISO 8601. */
  readonly at: string
  readonly what: 'added' | 'changed' | 'issued' | 'disputed' | 'undisputed' | 'settled' | 'failed' | 'mailed' | 'unmailed'
  readonly actor: string
  /** Why it is in dispute or the dispute ended, why its PDF failed; to whom it was mailed, and the id of that mail. */
  readonly text: string | null
  readonly mail: number | null
}

/** What happened to an invoice, newest first: from its history and its mails. What follows its first lines is no change. One statement. */
export async function eventsOf(tx: Tx, id: number): Promise<readonly InvoiceEvent[]> {
  const { rows } = await tx.execute<InvoiceEvent>(sql`
    SELECT to_json(at) #>> '{}' AS at, what, actor, text, mail FROM (
      SELECT at, coalesce(actor ->> 'label', '') AS actor, NULL::bigint AS mail,
        CASE WHEN op = 'added' THEN 'added'
          WHEN changes -> 'state' ->> 1 = 'issued' THEN 'issued'
          WHEN changes ? 'disputed_on' THEN CASE WHEN changes -> 'disputed_on' ->> 1 IS NULL THEN 'undisputed' ELSE 'disputed' END
          WHEN changes -> 'settled_on' ->> 1 IS NOT NULL THEN 'settled'
          WHEN changes -> 'document_error' ->> 1 IS NOT NULL THEN 'failed'
          WHEN changes ?| ARRAY['note', 'due_on', 'net', 'total', 'kind'] THEN 'changed' END AS what,
        coalesce(changes -> 'dispute_reason' ->> 1, changes -> 'document_error' ->> 1) AS text
      FROM coin.history WHERE table_name = 'invoice' AND row_id = ${id}
      UNION ALL
      SELECT coalesce(sent_at, created_at), '', m.id, CASE WHEN sent_at IS NULL AND error IS NOT NULL THEN 'unmailed' ELSE 'mailed' END, recipient
      FROM coin.mail m WHERE about_kind = 'invoice' AND about_id = ${id}) e
    WHERE what IS NOT NULL AND NOT (what = 'changed' AND at < (SELECT created_at FROM invoice WHERE id = ${id}) + interval '1 second') ORDER BY at DESC, mail DESC NULLS LAST LIMIT 60`)
  return rows
}
