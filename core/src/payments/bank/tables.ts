import { bigint, boolean, date, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import type { CsvMapping } from '../statement/csv-mapping.ts'

const id = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity()
const createdAt = () => timestamp('created_at', { withTimezone: true }).notNull().defaultNow()

/** An account of the provider's, whose statements are imported. */
export const bankAccounts = pgTable('bank_account', {
  id: id(),
  version: integer().notNull().default(1),
  name: text().notNull(),
  iban: text().notNull().default(''),
  knownAs: text('known_as').notNull().default(''),
  currency: text().notNull().default('EUR'),
  mapping: jsonb().$type<CsvMapping>(),
  ignoresOut: boolean('ignores_out').notNull().default(false),
  createdAt: createdAt(),
})

/** What staff confirmed: whose money it is that comes so. Nobody's is ignored. */
export const bankRules = pgTable('bank_rule', {
  id: id(),
  version: integer().notNull().default(1),
  kind: text({ enum: ['iban', 'name', 'label'] })
    .notNull()
    .default('iban'),
  value: text().notNull(),
  memberId: bigint('member_id', { mode: 'number' }),
  reason: text().notNull().default(''),
  confirmed: integer().notNull().default(1),
  used: integer().notNull().default(0),
  lastUsedOn: date('last_used_on'),
  createdAt: createdAt(),
})

export type BankAccount = typeof bankAccounts.$inferSelect
export type RuleKind = (typeof bankRules.$inferSelect)['kind']
export type ImportState = 'uploaded' | 'previewed' | 'applied' | 'undone' | 'dropped'
export type LineState = 'proposed' | 'matched' | 'unmatched' | 'ignored' | 'undone'
/** What would become of a line: `return` reverses a payment, `none` leaves it to a person. */
export type Outcome = 'known' | 'match' | 'return' | 'ignore' | 'none'

/** How a line was matched, or why it was not. Kept with the line; `sayReason` puts it in words. */
export type Reason =
  | { readonly by: 'reference'; readonly said: readonly string[]; readonly members?: readonly number[] }
  | {
      readonly by: 'iban'
      readonly source: string
      readonly value: string
      readonly rule?: number | null
      readonly members?: readonly number[]
    }
  | {
      readonly by: 'rule'
      readonly kind: RuleKind
      readonly value: string
      readonly rule: number | null
      readonly members?: readonly number[]
    }
  | {
      readonly by: 'name'
      readonly name: string
      readonly fits: 'invoice' | 'balance' | 'nothing'
      readonly number?: string | null
      readonly members?: readonly number[]
    }
  | { readonly by: 'return'; readonly endToEndId: string; readonly code?: string | null }
  | { readonly by: 'collected'; readonly batch: number; readonly on: string }
  | { readonly by: 'hand' }
  | { readonly by: 'ignored'; readonly text: string }
  | { readonly by: 'out' }
  | { readonly by?: never }
