import { sql } from 'drizzle-orm'
import { bigint, boolean, customType, date, integer, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** A range of days as PostgreSQL writes it: `[2026-01-01,2026-02-01)`, the end not included. */
const daterange = customType<{ data: string }>({ dataType: () => 'daterange' })

const id = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity()
const version = () => integer().notNull().default(1)

/** What the provider sells. */
export const offers = pgTable('offer', {
  id: id(),
  version: version(),
  name: text().notNull(),
  reference: text().notNull(),
  configurationType: text('configuration_type').notNull().default(''),
  periodMonths: integer('period_months').notNull().default(1),
  commitmentMonths: integer('commitment_months').notNull().default(0),
  billable: boolean().notNull().default(true),
  billingStrategy: text('billing_strategy').notNull().default('in_advance'),
  vatRate: numeric('vat_rate', { precision: 5, scale: 2 }).notNull().default('0'),
  vatMention: text('vat_mention').notNull().default(''),
  currency: text().notNull().default('EUR'),
  // null: members do not choose their price
  minimumFee: numeric('minimum_fee', { precision: 12, scale: 2 }),
  account: text().notNull().default(''),
  sold: boolean().notNull().default(true),
  askable: boolean().notNull().default(true),
  description: text().notNull().default(''),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

/** What an offer costs, from a day on. */
export const offerPrices = pgTable('offer_price', {
  id: id(),
  version: version(),
  offerId: bigint('offer_id', { mode: 'number' }).notNull(),
  effectiveFrom: date('effective_from').notNull().default(sql`current_date`),
  periodFee: numeric('period_fee', { precision: 12, scale: 2 }).notNull(),
  initialFee: numeric('initial_fee', { precision: 12, scale: 2 }).notNull().default('0'),
})

/** What a member has subscribed to. */
export const subscriptions = pgTable('subscription', {
  id: id(),
  version: version(),
  memberId: bigint('member_id', { mode: 'number' }).notNull(),
  configurationType: text('configuration_type').notNull().default(''),
  reference: text().notNull().default(''),
  startedOn: date('started_on').notNull().default(sql`current_date`),
  // the database's default is 0; left to the offer's when nothing is given
  commitmentMonths: integer('commitment_months').notNull(),
  resignedOn: date('resigned_on'),
  comments: text().notNull().default(''),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

const dated = () => ({
  id: id(),
  version: version(),
  subscriptionId: bigint('subscription_id', { mode: 'number' }).notNull(),
  during: daterange().notNull(),
})

/** Which offer a subscription has, by date. */
export const subscriptionOffers = pgTable('subscription_offer', {
  ...dated(),
  offerId: bigint('offer_id', { mode: 'number' }).notNull(),
  configurationType: text('configuration_type').notNull(),
})
export const suspensions = pgTable('subscription_suspension', { ...dated(), reason: text().notNull().default('') })
export const discounts = pgTable('subscription_discount', {
  ...dated(),
  label: text().notNull(),
  amount: numeric({ precision: 12, scale: 2 }),
  percent: numeric({ precision: 5, scale: 2 }),
})
export const freePrices = pgTable('subscription_free_price', {
  ...dated(),
  periodFee: numeric('period_fee', { precision: 12, scale: 2 }).notNull(),
})
