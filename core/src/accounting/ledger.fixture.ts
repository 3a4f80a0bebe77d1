import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import type { NewLine } from '../billing/draft.ts'
import { addDraft } from '../billing/draft.ts'
import { issueInvoices, makeCreditNote } from '../billing/issue.ts'
import type { Tx } from '../db/database.ts'
import { recordPayment, refund } from '../payments/rules.ts'

/** Something that happens to a ledger: to whom, how many days after the last, and how much. */
export interface Happening {
  readonly days: number
  readonly who: number
  readonly what: 'invoice' | 'fee' | 'donation' | 'discounted' | 'credit' | 'part credit' | 'pay' | 'pay all' | 'pay back' | 'nil'
  readonly cents: number
  readonly rate: '0' | '5.5' | '20'
  readonly method: 'transfer' | 'cash' | 'cheque' | 'direct_debit' | 'card' | 'other'
}

export const happening: fc.Arbitrary<Happening> = fc.record({
  days: fc.integer({ min: 0, max: 9 }),
  who: fc.nat(2),
  what: fc.constantFrom(
    'invoice',
    'invoice',
    'fee',
    'donation',
    'discounted',
    'credit',
    'part credit',
    'pay',
    'pay',
    'pay all',
    'pay all',
    'pay back',
    'nil',
  ),
  cents: fc.integer({ min: 1, max: 9999 }),
  rate: fc.constantFrom('0', '5.5', '20'),
  method: fc.constantFrom('transfer', 'cash', 'cheque', 'direct_debit', 'card', 'other'),
})

const amountOf = (cents: number) => (cents / 100).toFixed(2)

/** Does it, today. */
export async function happen(tx: Tx, memberId: number, { what, cents, rate, method }: Happening): Promise<void> {
  const one = async <R extends Record<string, unknown>>(statement: ReturnType<typeof sql>) => (await tx.execute<R>(statement)).rows[0]
  const issue = async (kind: 'invoice' | 'fee' | 'donation', lines: readonly NewLine[]) =>
    issueInvoices(tx, [await addDraft(tx, { memberId, kind, lines })])
  const line = (unitPrice: string, more: Partial<NewLine> = {}): NewLine => ({ description: 'Access', unitPrice, vatRate: rate, ...more })
  switch (what) {
    case 'invoice':
      return issue('invoice', [line(amountOf(cents)), line('3.33', { quantity: '0.74', vatRate: '20', account: '706100' })])
    case 'discounted':
      return issue('invoice', [line('99.99', { vatRate: '20' }), line(amountOf(Math.min(cents, 5000)), { quantity: '-1', vatRate: '5.5' })])
    case 'nil':
      return issue('invoice', [line(amountOf(cents)), line(amountOf(cents), { quantity: '-1' })])
    case 'fee':
    case 'donation':
      return issue(what, [line(amountOf(cents), { vatRate: '0' })])
    case 'credit':
    case 'part credit': {
      const bill = await one<{ id: number; line: number; net: string }>(sql`
        SELECT i.id, l.id AS line, l.net::text FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id
        WHERE i.member_id = ${memberId} AND i.state = 'issued' AND i.kind <> 'credit_note' AND l.net > 0.01 AND NOT EXISTS (SELECT FROM invoice n WHERE n.corrects_id = i.id)
        ORDER BY i.id DESC, l.position LIMIT 1`)
      if (bill)
        await issueInvoices(tx, [await makeCreditNote(tx, bill.id, what === 'credit' ? 'all' : [{ lineId: bill.line, amount: '0.01' }])])
      return
    }
    case 'pay':
      await recordPayment(tx, { memberId, amount: amountOf(cents), method })
      return
    case 'pay all': {
      const owed = await one<{ owed: string }>(sql`SELECT owed::text FROM member_balance WHERE member_id = ${memberId}`)
      if (Number(owed?.owed ?? 0) > 0) await recordPayment(tx, { memberId, amount: owed?.owed ?? '', method })
      return
    }
    case 'pay back': {
      const payment = await one<{ id: number }>(sql`
        SELECT id FROM payment p WHERE member_id = ${memberId} AND amount > 0 AND NOT EXISTS (SELECT FROM payment r WHERE r.reverses_id = p.id) ORDER BY id DESC LIMIT 1`)
      if (payment) await refund(tx, { paymentId: payment.id })
    }
  }
}
