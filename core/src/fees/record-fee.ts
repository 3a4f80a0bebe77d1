import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { invalid } from '../errors.ts'
import { recordPayment } from '../payments/rules.ts'
import type { PaymentMethod } from '../payments/tables.ts'
import { today } from './periods.ts'
import { addFee, type NewFee } from './rules.ts'

/** A fee, and how it was paid when it was: at a general assembly, say. */
export interface RecordedFee extends NewFee {
  readonly method?: PaymentMethod | undefined
  /** ISO; today unless given. */
  readonly receivedOn?: string | undefined
  readonly reference?: string | undefined
}

/** Adds a fee, and with a method the payment of all of it. Returns the fee's id. */
export async function recordFee(tx: Tx, { method, receivedOn, reference, ...fee }: RecordedFee): Promise<number> {
  if (!method && (receivedOn || reference)) throw invalid('method', 'Say how it was paid.')
  if (receivedOn && receivedOn > (await today(tx))) throw invalid('receivedOn', 'This day is still to come.')
  const { id, invoiceId } = await addFee(tx, fee)
  if (!method) return id
  const { rows } = await tx.execute<{ total: string; currency: string }>(sql`SELECT total, currency FROM invoice WHERE id = ${invoiceId}`)
  const [bill] = rows
  if (bill && Number(bill.total) > 0)
    await recordPayment(tx, {
      memberId: fee.memberId,
      amount: bill.total,
      currency: bill.currency,
      invoiceId,
      method,
      receivedOn,
      reference,
    })
  return id
}
