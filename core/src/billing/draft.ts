import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'
import { decimal, roundMoney } from './money.ts'
import { invoices } from './tables.ts'

/** A line as it will stand on paper. Amounts are decimal numbers as text, without VAT. */
export interface NewLine {
  /** In the member's language. */
  readonly description: string
  /** How the amount comes about, in the member's language. */
  readonly explanation?: string
  /** One unless given; below zero gives money back. */
  readonly quantity?: string
  /** UN/ECE Recommendation 20: `C62` (one) unless given, `MON`, `DAY`… */
  readonly unit?: string
  /** Never below zero. */
  readonly unitPrice: string
  readonly vatRate?: string
  /** Why there is no VAT; the deployment's mention unless given. */
  readonly vatMention?: string
  readonly account?: string
  readonly subscriptionId?: number
  /** Both days included, ISO. */
  readonly period?: { readonly first: string; readonly last: string }
}

export interface NewDraft {
  readonly memberId: number
  readonly kind?: 'invoice' | 'credit_note' | 'fee' | 'donation'
  /** The provider's unless given. */
  readonly currency?: string
  /** A sentence to the member, printed. */
  readonly note?: string
  readonly correctsId?: number
  /** ISO; from the payment delay when it is issued unless given. */
  readonly dueOn?: string
  readonly lines: readonly NewLine[]
}

/** Writes a draft with its lines. Returns its id. */
export async function addDraft(tx: Tx, draft: NewDraft): Promise<number> {
  const { memberId, kind = 'invoice', note = '', correctsId, dueOn, lines } = draft
  const currency = draft.currency ?? currentScope().registry.config.provider.currency
  const [row] = await tx
    .insert(invoices)
    .values({ memberId, kind, currency, note, ...(correctsId !== undefined && { correctsId }), ...(dueOn !== undefined && { dueOn }) })
    .returning({ id: invoices.id })
  const id = (row as { id: number }).id
  await insertLines(tx, id, currency, lines)
  return id
}

/** Adds a line at the end of a draft. */
export async function addLine(tx: Tx, invoiceId: number, line: NewLine): Promise<void> {
  const draft = await lockDraft(tx, invoiceId)
  await insertLines(tx, invoiceId, draft.currency, [line])
}

/** Takes a line off a draft. What it billed of a subscription is due again, and comes back with the next run. */
export async function removeLine(tx: Tx, invoiceId: number, lineId: number): Promise<void> {
  await lockDraft(tx, invoiceId)
  const { rowCount } = await tx.execute(sql`DELETE FROM invoice_line WHERE id = ${lineId} AND invoice_id = ${invoiceId}`)
  if (!rowCount) throw new CoinError('not_found', 'This line is not there any more.')
}

/** Removes a draft. What it billed of subscriptions is due again. */
export async function removeDraft(tx: Tx, id: number): Promise<void> {
  await lockDraft(tx, id)
  await tx.execute(sql`DELETE FROM invoice WHERE id = ${id}`)
}

/** Locks a draft for a change. Throws when it is not there, or was issued. */
export async function lockDraft(tx: Tx, id: number): Promise<{ readonly currency: string; readonly memberId: number }> {
  const { rows } = await tx.execute<{ state: string; number: string | null; currency: string; memberId: number }>(
    sql`SELECT state, number, currency, member_id AS "memberId" FROM invoice WHERE id = ${id} FOR UPDATE`,
  )
  const [row] = rows
  if (!row) throw new CoinError('not_found', 'This invoice is not there any more.')
  if (row.state !== 'draft')
    throw new CoinError('refused', 'Invoice {{number}} was issued: it stays as it is.', {
      values: { number: row.number ?? '' },
      hint: 'Make a credit note.',
    })
  return row
}

async function insertLines(tx: Tx, invoiceId: number, currency: string, lines: readonly NewLine[]): Promise<void> {
  if (lines.length === 0) return
  const { vatMention } = currentScope().registry.config.billing
  const rows = lines.map(line => {
    const { quantity = '1', unitPrice, vatRate = '0' } = line
    const net = roundMoney(decimal(quantity).times(unitPrice), currency).toFixed()
    return {
      ...line,
      quantity,
      vatRate,
      net,
      vatMention: line.vatMention ?? (decimal(vatRate).eq(0) ? vatMention : ''),
      period: line.period && `[${line.period.first},${line.period.last}]`,
    }
  })
  await tx.execute(sql`
    INSERT INTO invoice_line (invoice_id, position, description, explanation, subscription_id, period, quantity, unit, unit_price, net, vat_rate, vat_mention, account)
    SELECT ${invoiceId}, (SELECT coalesce(max(position), 0) FROM invoice_line WHERE invoice_id = ${invoiceId}) + row_number() OVER (ORDER BY n),
      l.description, coalesce(l.explanation, ''), l."subscriptionId", l.period, l.quantity, coalesce(l.unit, 'C62'), l."unitPrice", l.net, l."vatRate", l."vatMention", coalesce(l.account, '')
    FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS (description text, explanation text, "subscriptionId" bigint, period daterange, quantity numeric, unit text,
      "unitPrice" numeric, net numeric, "vatRate" numeric, "vatMention" text, account text)) WITH ORDINALITY AS l (description, explanation, "subscriptionId", period, quantity, unit, "unitPrice", net, "vatRate", "vatMention", account, n)`)
}
