import { sql } from 'drizzle-orm'
import type { Identity } from '../app/billing-config.ts'
import type { Tx } from '../db/database.ts'
import type { InvoiceKind } from './invoice-words.tsx'

/** An invoice with everything that its paper says. Amounts are decimal numbers as text, days ISO. */
export interface DocumentRow extends Record<string, unknown> {
  readonly id: number
  readonly kind: InvoiceKind
  readonly state: 'draft' | 'issued'
  readonly currency: string
  readonly number: string | null
  /** Of a draft, when it was made. */
  readonly issuedOn: string
  readonly dueOn: string | null
  readonly note: string
  readonly net: string
  readonly vat: string
  readonly total: string
  /** What covered it on the day of its issue; later payments do not change what was said. */
  readonly paid: string
  readonly member: {
    readonly name: string
    readonly address: string
    readonly postalCode: string
    readonly city: string
    readonly country: string
    readonly email: string
    readonly language: string
  }
  readonly seller: (Omit<Identity, 'name' | 'country'> & { readonly name: string; readonly country: string }) | null
  readonly corrects: { readonly number: string; readonly issuedOn: string } | null
  readonly references: readonly string[]
  readonly lines: readonly StoredLine[]
}

export interface StoredLine {
  readonly description: string
  readonly explanation: string
  readonly first: string | null
  readonly last: string | null
  readonly quantity: string
  readonly unit: string
  readonly unitPrice: string
  readonly net: string
  readonly vatRate: string
  readonly vatMention: string
}

/** Invoices with their lines, in one statement. */
export async function readDocuments(tx: Tx, ids: readonly number[]): Promise<readonly DocumentRow[]> {
  const { rows } = await tx.execute<DocumentRow>(sql`
    SELECT i.id, i.kind, i.state, i.currency, i.number, coalesce(i.issued_on, i.created_at::date)::text AS "issuedOn", i.due_on::text AS "dueOn", i.note,
      i.net::text AS net, i.vat::text AS vat, i.total::text AS total, coalesce(p.paid, 0)::text AS paid, i.provider_snapshot AS seller,
      coalesce(i.member_snapshot, jsonb_build_object('name', m.display_name, 'address', m.address, 'postalCode', m.postal_code, 'city', m.city,
        'country', m.country, 'email', m.email, 'language', m.language)) AS member,
      (SELECT jsonb_build_object('number', c.number, 'issuedOn', c.issued_on) FROM invoice c WHERE c.id = i.corrects_id) AS corrects,
      l.lines, coalesce(l.references, '[]') AS references
    FROM invoice i JOIN member m ON m.id = i.member_id
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(DISTINCT s.reference) FILTER (WHERE s.id IS NOT NULL) AS references,
        coalesce(jsonb_agg(jsonb_build_object('description', l.description, 'explanation', l.explanation, 'first', lower(l.period), 'last', upper(l.period) - 1,
          'quantity', trim_scale(l.quantity)::text, 'unit', l.unit, 'unitPrice', l.unit_price::text, 'net', l.net::text, 'vatRate', trim_scale(l.vat_rate)::text,
          'vatMention', l.vat_mention) ORDER BY l.position) FILTER (WHERE l.id IS NOT NULL), '[]') AS lines
      FROM invoice_line l LEFT JOIN subscription s ON s.id = l.subscription_id WHERE l.invoice_id = i.id) l ON true
    LEFT JOIN LATERAL (
      SELECT sum(CASE WHEN a.to_invoice = i.id THEN a.amount ELSE -a.amount END) AS paid
      FROM payment_allocation a LEFT JOIN payment f ON f.id = a.from_payment LEFT JOIN invoice n ON n.id = a.from_credit_note
        LEFT JOIN payment r ON r.id = a.to_payment LEFT JOIN invoice o ON o.id = a.to_invoice
      WHERE (a.to_invoice = i.id AND coalesce(f.received_on, n.issued_on) <= i.issued_on)
        OR (a.from_credit_note = i.id AND coalesce(r.received_on, o.issued_on) <= i.issued_on)) p ON true
    WHERE i.id = ANY (${sql.param(ids)}::bigint[])`)
  return rows
}
