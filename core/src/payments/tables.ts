import { sql } from 'drizzle-orm'
import { bigint, date, integer, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

const id = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity()
const reference = (name: string) => bigint(name, { mode: 'number' })
const money = (name: string) => numeric(name, { precision: 14, scale: 2 })
const createdAt = () => timestamp('created_at', { withTimezone: true }).notNull().defaultNow()

/** Money that moved: above zero received, below zero paid back or returned by the bank. */
export const payments = pgTable('payment', {
  id: id(),
  version: integer().notNull().default(1),
  memberId: reference('member_id').notNull(),
  // the database's default is today
  receivedOn: date('received_on').notNull(),
  amount: money('amount').notNull(),
  // the provider's, unless a form or a rule says another
  currency: text().notNull().default(sql`'EUR'`),
  method: text({ enum: ['cash', 'cheque', 'transfer', 'direct_debit', 'card', 'other'] })
    .notNull()
    .default('transfer'),
  reference: text().notNull().default(''),
  comment: text().notNull().default(''),
  invoiceId: reference('invoice_id'),
  reversesId: reference('reverses_id'),
  allocated: money('allocated').notNull().default('0'),
  createdAt: createdAt(),
})

export type PaymentMethod = (typeof payments.$inferSelect)['method']
