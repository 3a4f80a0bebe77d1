import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { saleAccount } from './chart.ts'
import type { Period } from './period.ts'
import { csvLine } from './snapshot.ts'

/** An issued invoice with its lines. Amounts are decimal numbers as text; a credit note's are below zero. Days are ISO, both included. */
export interface ExportedInvoice {
  readonly id: number
  readonly number: string
  readonly kind: 'invoice' | 'credit_note' | 'fee' | 'donation'
  readonly corrects: string | null
  readonly issuedOn: string
  readonly dueOn: string
  readonly memberId: number
  readonly member: string
  readonly currency: string
  readonly net: string
  readonly vat: string
  readonly total: string
  readonly paid: string
  readonly settledOn: string | null
  readonly disputedOn: string | null
  readonly lines: readonly ExportedLine[]
}

export interface ExportedLine {
  readonly position: number
  readonly description: string
  readonly first: string | null
  readonly last: string | null
  readonly quantity: string
  readonly unitPrice: string
  readonly net: string
  readonly vatRate: string
  readonly account: string
  readonly subscription: string | null
}

type Row = ExportedInvoice & { readonly as: string } & Record<string, unknown>

/** What was issued in a period, by day, batch by batch: one statement each. */
export async function* invoicesOf(tx: Tx, { from, to }: Period, size = 1000): AsyncGenerator<readonly ExportedInvoice[]> {
  for (let [day, id] = [from, 0]; ; ) {
    const { rows } = await tx.execute<Row>(sql`
      SELECT i.id, i.number, i.kind, c.number AS corrects, coalesce(c.kind, i.kind) AS "as", i.issued_on AS "issuedOn", i.due_on AS "dueOn", i.member_id AS "memberId",
        i.member_snapshot ->> 'name' AS member, i.currency, i.net::text, i.vat::text, i.total::text, i.allocated::text AS paid, i.settled_on AS "settledOn", i.disputed_on AS "disputedOn",
        (SELECT jsonb_agg(jsonb_build_object('position', l.position, 'description', l.description, 'first', lower(l.period), 'last', upper(l.period) - 1, 'quantity', l.quantity::text,
          'unitPrice', l.unit_price::text, 'net', l.net::text, 'vatRate', l.vat_rate::text, 'account', l.account, 'subscription', s.reference) ORDER BY l.position)
          FROM invoice_line l LEFT JOIN subscription s ON s.id = l.subscription_id WHERE l.invoice_id = i.id) AS lines
      FROM (SELECT * FROM invoice WHERE state = 'issued' AND (issued_on, id) > (${day}::date, ${id}::bigint) AND issued_on <= ${to}::date ORDER BY issued_on, id LIMIT ${size}::int) i
      LEFT JOIN invoice c ON c.id = i.corrects_id ORDER BY i.issued_on, i.id`)
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(({ as, ...row }) => ({ ...row, lines: row.lines.map(line => ({ ...line, account: saleAccount(as, line.account) })) }))
    ;[day, id] = [last.issuedOn, last.id]
  }
}

const headings =
  'invoice_id,number,kind,corrects,issued_on,due_on,member_id,member,currency,invoice_net,invoice_vat,invoice_total,paid,settled_on,disputed_on,position,description,first_day,last_day,quantity,unit_price,net,vat_rate,account,subscription'

/** One line of CSV per line of an invoice, with what the invoice says in each. */
export async function* invoiceCsv(tx: Tx, period: Period): AsyncGenerator<string> {
  yield csvLine(headings.split(','))
  for await (const invoices of invoicesOf(tx, period))
    yield invoices
      .flatMap(({ lines, ...i }) =>
        lines.map(l =>
          csvLine([
            ...[
              i.id,
              i.number,
              i.kind,
              i.corrects,
              i.issuedOn,
              i.dueOn,
              i.memberId,
              i.member,
              i.currency,
              i.net,
              i.vat,
              i.total,
              i.paid,
              i.settledOn,
              i.disputedOn,
            ],
            ...[l.position, l.description, l.first, l.last, l.quantity, l.unitPrice, l.net, l.vatRate, l.account, l.subscription],
          ]),
        ),
      )
      .join('')
}
