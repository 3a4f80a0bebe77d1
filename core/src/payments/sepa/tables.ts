import { bigint, date, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** What a member signed, so that the provider may collect from an account. */
export const mandates = pgTable('sepa_mandate', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  version: integer().notNull().default(1),
  memberId: bigint('member_id', { mode: 'number' }).notNull(),
  reference: text().notNull().default(''),
  iban: text().notNull(),
  bic: text().notNull().default(''),
  name: text().notNull().default(''),
  signedOn: date('signed_on').notNull(),
  sequence: text({ enum: ['FRST', 'RCUR', 'OOFF'] })
    .notNull()
    .default('FRST'),
  state: text({ enum: ['active', 'revoked'] })
    .notNull()
    .default('active'),
  endedOn: date('ended_on'),
  endedWhy: text('ended_why').notNull().default(''),
  lastUsedOn: date('last_used_on'),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

export type Sequence = (typeof mandates.$inferSelect)['sequence']
export type BatchState = 'open' | 'sent' | 'executed' | 'cancelled'
export type CollectionState = 'pending' | 'collected' | 'returned' | 'cancelled'
export type PainFormat = 'pain.008.001.02' | 'pain.008.001.08'

/** Who collects, as the file says it. */
export interface Creditor {
  readonly name: string
  readonly iban: string
  /** `''` when unknown: banks find it from the IBAN. */
  readonly bic: string
  readonly creditorId: string
}
