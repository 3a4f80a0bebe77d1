import { bigint, boolean, customType, date, integer, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

const daterange = customType<{ data: string }>({ dataType: () => 'daterange' })

/** What a member paid, or owes, to be one from a day to a day. Its bill says whether it is paid. */
export const membershipFees = pgTable('membership_fee', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  version: integer().notNull().default(1),
  memberId: bigint('member_id', { mode: 'number' }).notNull(),
  during: daterange().notNull(),
  amount: numeric({ precision: 14, scale: 2 }).notNull(),
  currency: text().notNull(),
  invoiceId: bigint('invoice_id', { mode: 'number' }).notNull(),
  withdrawnOn: date('withdrawn_on'),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

/** Money that a member gave for nothing in return. */
export const donations = pgTable('donation', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  version: integer().notNull().default(1),
  memberId: bigint('member_id', { mode: 'number' }).notNull(),
  givenOn: date('given_on').notNull(),
  amount: numeric({ precision: 14, scale: 2 }).notNull(),
  currency: text().notNull(),
  invoiceId: bigint('invoice_id', { mode: 'number' }).notNull(),
  anonymous: boolean().notNull().default(false),
  withdrawnOn: date('withdrawn_on'),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})
