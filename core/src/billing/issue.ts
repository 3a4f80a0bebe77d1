import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { startDocuments } from './document-retry.ts'

/**
 * Issues drafts, in the order of their ids: each gets the next number of its series and month, today's date, and is frozen with the names
 * and addresses of both sides. Numbers stay in the order of the locks: whoever issues next waits until this transaction ends, so that it is best a
 * short one. Drafts that someone issued meanwhile are left alone. Throws for what the database refuses: an empty draft, a total on the wrong side of zero.
 */
export async function issueInvoices(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  const { billing, provider } = currentScope().registry.config
  await keepPatterns(tx, billing.numbers)
  const snapshot = JSON.stringify({
    ...provider.identity,
    name: provider.identity.name ?? provider.name,
    country: provider.identity.country ?? provider.country,
  })
  await tx.execute(sql`
    UPDATE invoice SET state = 'issued', provider_snapshot = ${snapshot}::jsonb, due_on = coalesce(invoice.due_on, coin.today() + ${billing.paymentDays}::int)
    FROM (SELECT id FROM invoice WHERE id = ANY (${sql.param(ids)}::bigint[]) AND state = 'draft' ORDER BY id FOR UPDATE) d WHERE invoice.id = d.id`)
  await startDocuments(tx)
}

/** Numbers look as the deployment says from now on; those that were given stay. */
async function keepPatterns(tx: Tx, patterns: Readonly<Record<string, string>>): Promise<void> {
  await tx.execute(sql`
    INSERT INTO invoice_series (series, pattern) SELECT * FROM jsonb_each_text(${JSON.stringify(patterns)}::jsonb)
    ON CONFLICT (series) DO UPDATE SET pattern = excluded.pattern WHERE invoice_series.pattern <> excluded.pattern`)
}

/** What a credit note gives back of a line: all of it, or an amount without VAT. */
export interface CreditedLine {
  readonly lineId: number
  /** A decimal number above zero; the whole line unless given. */
  readonly amount?: string
}

/**
 * Drafts a credit note for an issued invoice, or some of its lines. It gives back what was billed and does not make it due again. Throws when
 * more would be given back than was billed. Returns its id.
 */
export async function makeCreditNote(tx: Tx, invoiceId: number, lines: readonly CreditedLine[] | 'all', note = ''): Promise<number> {
  // the member first, as those who allocate payments do
  await tx.execute(sql`SELECT FROM member WHERE id = (SELECT member_id FROM invoice WHERE id = ${invoiceId}) FOR NO KEY UPDATE`)
  const { rows } = await tx.execute<{ member_id: number; currency: string; state: string; kind: string }>(
    sql`SELECT member_id, currency, state, kind FROM invoice WHERE id = ${invoiceId} FOR UPDATE`,
  )
  const [invoice] = rows
  if (!invoice) throw new CoinError('not_found', 'This invoice is not there any more.')
  if (invoice.state !== 'issued') throw new CoinError('refused', 'A draft needs no credit note.', { hint: 'Change or delete the draft.' })
  if (invoice.kind === 'credit_note') throw new CoinError('refused', 'A credit note is not credited.', { hint: 'Make an invoice.' })
  const wanted = lines === 'all' ? null : JSON.stringify(lines)
  const { rows: made } = await tx.execute<{ id: number }>(sql`
    INSERT INTO invoice (member_id, kind, currency, corrects_id, note) VALUES (${invoice.member_id}, 'credit_note', ${invoice.currency}, ${invoiceId}, ${note}) RETURNING id`)
  const id = (made[0] as { id: number }).id
  const { rows: written } = await tx.execute<{ description: string; net: string; left: string }>(sql`
    WITH given AS (
      SELECT l.position, sum(-c.net) AS net FROM invoice n JOIN invoice_line c ON c.invoice_id = n.id JOIN invoice_line l ON l.invoice_id = ${invoiceId} AND l.id = c.credits_id
      WHERE n.corrects_id = ${invoiceId} GROUP BY 1),
    wanted AS (
      SELECT l.*, l.net - coalesce(g.net, 0) AS left, coalesce(w.amount * sign(l.net), l.net - coalesce(g.net, 0)) AS back
      FROM invoice_line l LEFT JOIN given g USING (position)
      ${wanted === null ? sql`CROSS JOIN (SELECT NULL::numeric AS amount) w` : sql`JOIN jsonb_to_recordset(${wanted}::jsonb) AS w ("lineId" bigint, amount numeric) ON w."lineId" = l.id`}
      WHERE l.invoice_id = ${invoiceId})
    INSERT INTO invoice_line (invoice_id, position, description, explanation, subscription_id, period, quantity, unit, unit_price, net, vat_rate, vat_mention, account, credits_id)
    SELECT ${id}, position, description, explanation, subscription_id, period,
      CASE WHEN back = net THEN -quantity WHEN back < 0 THEN 1 ELSE -1 END, CASE WHEN back = net THEN unit ELSE 'C62' END, CASE WHEN back = net THEN unit_price ELSE abs(back) END, -back, vat_rate, vat_mention, account, id
    FROM wanted WHERE back <> 0
    RETURNING description, net::text, (SELECT w.left::text FROM wanted w WHERE w.id = invoice_line.credits_id) AS left`)
  const over = written.find(
    row => Math.sign(Number(row.left)) !== -Math.sign(Number(row.net)) || Math.abs(Number(row.net)) > Math.abs(Number(row.left)),
  )
  if (written.length === 0) throw new CoinError('refused', 'Everything on this invoice was given back already.')
  if (over)
    throw new CoinError('invalid', 'Only {{left}} of “{{what}}” is left to give back.', {
      fields: [
        {
          field: 'amount',
          message: 'Only {{left}} of “{{what}}” is left to give back.',
          values: { left: over.left, what: over.description },
        },
      ],
      values: { left: over.left, what: over.description },
    })
  return id
}
