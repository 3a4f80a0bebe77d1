import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import type { Method } from './chart.ts'
import type { Period } from './period.ts'
import { csvLine } from './snapshot.ts'

/** Money that came in, or, below zero, went out, with what it covers. */
export interface ExportedPayment {
  readonly id: number
  readonly receivedOn: string
  readonly memberId: number
  readonly member: string
  readonly amount: string
  readonly currency: string
  readonly method: Method
  readonly account: string
  readonly reference: string
  /** Of a refund or a return: the payment that it undoes. */
  readonly reverses: number | null
  readonly allocated: string
  readonly covers: readonly {
    /** An invoice's number; null for money that went out. */
    readonly invoice: string | null
    readonly payment: number | null
    readonly amount: string
    readonly byHand: boolean
  }[]
}

type Row = Omit<ExportedPayment, 'account'> & Record<string, unknown>

/** What was received and paid back in a period, by day, batch by batch: one statement each. */
export async function* paymentsOf(tx: Tx, { from, to }: Period, size = 1000): AsyncGenerator<readonly ExportedPayment[]> {
  const { payments } = currentScope().registry.config.accounting
  for (let [day, id] = [from, 0]; ; ) {
    const { rows } = await tx.execute<Row>(sql`
      SELECT p.id, p.received_on AS "receivedOn", p.member_id AS "memberId", m.display_name AS member, p.amount::text, p.currency, p.method, p.reference, p.reverses_id AS reverses, p.allocated::text,
        coalesce((SELECT jsonb_agg(jsonb_build_object('invoice', i.number, 'payment', a.to_payment, 'amount', a.amount::text, 'byHand', a.by_hand) ORDER BY a.id)
          FROM payment_allocation a LEFT JOIN invoice i ON i.id = a.to_invoice WHERE a.from_payment = p.id), '[]') AS covers
      FROM (SELECT * FROM payment WHERE (received_on, id) > (${day}::date, ${id}::bigint) AND received_on <= ${to}::date ORDER BY received_on, id LIMIT ${size}::int) p
      JOIN member m ON m.id = p.member_id ORDER BY p.received_on, p.id`)
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(row => ({ ...row, account: payments[row.method].account }))
    ;[day, id] = [last.receivedOn, last.id]
  }
}

const headings =
  'payment_id,received_on,member_id,member,amount,currency,method,account,reference,reverses,allocated,covers_invoice,covers_payment,covered,by_hand'

/** One line of CSV per allocation, and one for a payment that covers nothing. */
export async function* paymentCsv(tx: Tx, period: Period): AsyncGenerator<string> {
  yield csvLine(headings.split(','))
  for await (const payments of paymentsOf(tx, period))
    yield payments
      .flatMap(({ covers, ...p }) => {
        const head = [
          p.id,
          p.receivedOn,
          p.memberId,
          p.member,
          p.amount,
          p.currency,
          p.method,
          p.account,
          p.reference,
          p.reverses,
          p.allocated,
        ]
        if (covers.length === 0) return [csvLine([...head, null, null, null, null])]
        return covers.map(({ invoice, payment, amount, byHand }) => csvLine([...head, invoice, payment, amount, byHand]))
      })
      .join('')
}
