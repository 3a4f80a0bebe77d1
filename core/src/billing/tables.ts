import { sql } from 'drizzle-orm'
import { bigint, boolean, customType, date, integer, jsonb, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

const daterange = customType<{ data: string }>({ dataType: () => 'daterange' })
const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })
const id = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity()
const version = () => integer().notNull().default(1)
const reference = (name: string) => bigint(name, { mode: 'number' })
const money = (name: string) => numeric(name, { precision: 14, scale: 2 })

/** One billing of everybody up to a day. */
export const billingRuns = pgTable('billing_run', {
  id: id(),
  version: version(),
  date: date().notNull(),
  timeZone: text('time_zone').notNull(),
  state: text({ enum: ['previewing', 'preview', 'running', 'issuing', 'stopped', 'done', 'dropped'] })
    .notNull()
    .default('running'),
  previewed: boolean().notNull().default(false),
  issues: boolean().notNull().default(false),
  members: integer().notNull().default(0),
  startedBy: text('started_by').notNull(),
  startedAt: timestamp('started_at', { withTimezone: true }).notNull().defaultNow(),
  finishedAt: timestamp('finished_at', { withTimezone: true }),
})

/** Everything that asks a member for money, or gives it back, on paper. */
export const invoices = pgTable('invoice', {
  id: id(),
  version: version(),
  memberId: reference('member_id').notNull(),
  kind: text({ enum: ['invoice', 'credit_note', 'fee', 'donation'] })
    .notNull()
    .default('invoice'),
  state: text({ enum: ['draft', 'issued'] })
    .notNull()
    .default('draft'),
  currency: text().notNull().default('EUR'),
  runId: reference('run_id'),
  correctsId: reference('corrects_id'),
  note: text().notNull().default(''),
  net: money('net').notNull().default('0'),
  vat: money('vat').notNull().default('0'),
  total: money('total').notNull().default('0'),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  series: text(),
  month: date(),
  sequence: integer(),
  number: text(),
  issuedOn: date('issued_on'),
  dueOn: date('due_on'),
  issuedAt: timestamp('issued_at', { withTimezone: true }),
  memberSnapshot: jsonb('member_snapshot'),
  providerSnapshot: jsonb('provider_snapshot'),
  allocated: money('allocated').notNull().default('0'),
  settledOn: date('settled_on'),
  disputedOn: date('disputed_on'),
  disputeReason: text('dispute_reason').notNull().default(''),
  pdfHash: bytea('pdf_hash'),
  mailedAt: timestamp('mailed_at', { withTimezone: true }),
  documentError: text('document_error'),
  documentAttempts: integer('document_attempts').notNull().default(0),
  documentRetryAt: timestamp('document_retry_at', { withTimezone: true }),
})

export const invoiceLines = pgTable('invoice_line', {
  id: id(),
  invoiceId: reference('invoice_id').notNull(),
  position: integer().notNull(),
  description: text().notNull(),
  explanation: text().notNull().default(''),
  subscriptionId: reference('subscription_id'),
  chargeId: reference('charge_id'),
  period: daterange(),
  quantity: numeric({ precision: 16, scale: 4 }).notNull().default('1'),
  unit: text().notNull().default('C62'),
  unitPrice: numeric('unit_price', { precision: 14, scale: 4 }).notNull(),
  net: money('net').notNull(),
  vatRate: numeric('vat_rate', { precision: 5, scale: 2 }).notNull().default('0'),
  vatMention: text('vat_mention').notNull().default(''),
  account: text().notNull().default(''),
})

/** The state of an issued invoice as people say it: `draft`, `disputed`, `paid`, `overdue`, `partly_paid`, `due`; of a credit note `credit` or `used`. */
export const invoiceStateSql = sql<string>`CASE
  WHEN invoice.state = 'draft' THEN 'draft'
  WHEN invoice.disputed_on IS NOT NULL THEN 'disputed'
  WHEN invoice.kind = 'credit_note' THEN CASE WHEN invoice.allocated = invoice.total THEN 'used' ELSE 'credit' END
  WHEN invoice.allocated = invoice.total THEN 'paid'
  WHEN invoice.due_on < coin.today() THEN 'overdue'
  WHEN invoice.allocated > 0 THEN 'partly_paid'
  ELSE 'due' END`
