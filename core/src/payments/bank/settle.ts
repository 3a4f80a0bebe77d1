import { sql } from 'drizzle-orm'
import { currentScope } from '../../app/scope.ts'
import { decimal } from '../../billing/money.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError, invalid } from '../../errors.ts'
import { recordPayments, refund } from '../rules.ts'
import { linkPayments } from './imports.ts'
import { labelRule, learn, ruleFor } from './learn.ts'
import type { LineState } from './tables.ts'
import { removePayments } from './undo.ts'

/** Whose payment a line, or a part of it, is. */
export interface Part {
  readonly memberId: number
  /** A decimal number with the line's sign; parts come to the line's amount together. */
  readonly amount: string
  readonly invoiceId?: number | undefined
}

interface OpenLine extends Record<string, unknown> {
  readonly state: LineState
  readonly amount: string
  readonly currency: string
  readonly bookedOn: string
  readonly label: string
  readonly name: string | null
  readonly iban: string | null
  readonly mandateId: string | null
}

/**
 * Settles a line by hand: records what it paid, for one member or for several. With `remember`, the next line of the same payer is that
 * member's by itself, unless the payer pays for others too.
 */
export async function settleLine(tx: Tx, lineId: number, parts: readonly Part[], remember: boolean): Promise<void> {
  const line = await lockLine(tx, lineId)
  checkParts(parts, line)
  const method = line.mandateId ? 'direct_debit' : 'transfer'
  const payments = await recordPayments(
    tx,
    parts.map(part => ({ ...part, method, currency: line.currency, receivedOn: line.bookedOn, reference: line.label.slice(0, 200) })),
  )
  await close(tx, lineId, payments)
  const rule = remember && decimal(line.amount).gt(0) && parts.length === 1 ? ruleFor(line) : undefined
  if (rule) await learn(tx, { ...rule, memberId: (parts[0] as Part).memberId })
}

/** Settles money that went back, as what undoes a payment: a return of the bank, or a refund. Throws when less is left of the payment. */
export async function settleAsReturn(tx: Tx, lineId: number, paymentId: number): Promise<void> {
  const line = await lockLine(tx, lineId)
  const amount = decimal(line.amount)
  if (amount.gt(0)) throw new CoinError('refused', 'This money came in: it undoes no payment.')
  const id = await refund(tx, {
    paymentId,
    amount: amount.neg().toFixed(2),
    receivedOn: line.bookedOn,
    reference: line.label.slice(0, 200),
  })
  await close(tx, lineId, [id])
}

/** Leaves a line aside that is no member's. With `pattern`, lines whose label has these words are ignored from then on. */
export async function ignoreLine(tx: Tx, lineId: number, text: string, pattern?: string): Promise<void> {
  await lockLine(tx, lineId)
  if (text.trim() === '') throw invalid('reason', 'Say why, for whoever looks at it later.')
  const reason = JSON.stringify({ by: 'ignored', text: text.trim().slice(0, 200) })
  await tx.execute(sql`
    UPDATE bank_line SET state = 'ignored', reason = ${reason}::jsonb, settled_by = ${currentScope().actor.label}, settled_at = clock_timestamp() WHERE id = ${lineId}`)
  if (pattern === undefined) return
  const value = labelRule(pattern)
  if (value.length < 3) throw invalid('pattern', 'Give at least one word of three letters.')
  await learn(tx, { kind: 'label', value, memberId: null, reason: text.trim().slice(0, 200) })
}

/** Takes back what was settled or ignored: the payments go, and the line waits for a person again. */
export async function takeBackLine(tx: Tx, lineId: number): Promise<void> {
  const { rows } = await tx.execute<{ state: LineState }>(sql`SELECT state FROM bank_line WHERE id = ${lineId} FOR UPDATE`)
  if (!rows[0] || !['matched', 'ignored'].includes(rows[0].state)) throw notWaiting()
  await removePayments(tx, sql`SELECT ${lineId}::bigint`)
  await tx.execute(sql`
    UPDATE bank_line SET state = 'unmatched', reason = '{}', member_id = NULL, invoice_id = NULL, reverses_id = NULL, confidence = NULL, settled_by = NULL, settled_at = NULL
    WHERE id = ${lineId}`)
}

const notWaiting = () => new CoinError('refused', 'This bank line was settled or undone meanwhile.', { hint: 'Look at it again.' })

async function lockLine(tx: Tx, id: number): Promise<OpenLine> {
  const { rows } = await tx.execute<OpenLine>(sql`
    SELECT state, amount::text, currency, booked_on AS "bookedOn", label, counterparty_name AS name, counterparty_iban AS iban, mandate_id AS "mandateId"
    FROM bank_line WHERE id = ${id} FOR UPDATE`)
  const [line] = rows
  if (!line) throw new CoinError('not_found', 'This bank line is not there any more.')
  if (line.state !== 'unmatched') throw notWaiting()
  return line
}

function checkParts(parts: readonly Part[], line: OpenLine): void {
  if (parts.length === 0) throw invalid('member', 'Choose whose payment it is.')
  const sum = parts.reduce((total, { amount }) => total.plus(amount), decimal('0'))
  if (!sum.eq(line.amount))
    throw invalid('amount', 'The parts come to {{sum}}, the line is {{amount}} {{currency}}.', {
      sum: sum.toFixed(2),
      amount: line.amount,
      currency: line.currency,
    })
  if (parts.some(({ amount }) => decimal(amount).lt(0) !== decimal(line.amount).lt(0)))
    throw invalid('amount', 'Give each part an amount above zero.')
}

async function close(tx: Tx, lineId: number, payments: readonly number[]): Promise<void> {
  await tx.execute(sql`
    UPDATE bank_line SET reason = '{"by": "hand"}', member_id = NULL, invoice_id = NULL, confidence = 100, settled_by = ${currentScope().actor.label}, settled_at = clock_timestamp()
    WHERE id = ${lineId}`)
  await linkPayments(
    tx,
    payments.map(paymentId => ({ lineId, paymentId })),
  )
}
