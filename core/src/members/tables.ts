import { sql } from 'drizzle-orm'
import { bigint, boolean, date, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** The people and legal entities that the provider serves. */
export const members = pgTable('member', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  version: integer().notNull().default(1),
  /** The account that signs in as this member. */
  userId: text('user_id'),
  kind: text({ enum: ['natural', 'legal'] })
    .notNull()
    .default('natural'),
  status: text({ enum: ['pending', 'member', 'not_member'] })
    .notNull()
    .default('member'),
  firstName: text('first_name').notNull().default(''),
  lastName: text('last_name').notNull().default(''),
  organizationName: text('organization_name').notNull().default(''),
  nickname: text().notNull().default(''),
  /** A trigger derives it from the name when none is given. */
  username: text().notNull().default(''),
  email: text().notNull(),
  homePhone: text('home_phone').notNull().default(''),
  mobilePhone: text('mobile_phone').notNull().default(''),
  address: text().notNull().default(''),
  postalCode: text('postal_code').notNull().default(''),
  city: text().notNull().default(''),
  country: text().notNull().default('FR'),
  language: text().notNull().default(''),
  joinedOn: date('joined_on').notNull().default(sql`current_date`),
  resignedOn: date('resigned_on'),
  feeReminders: boolean('fee_reminders').notNull().default(true),
  openpgpKey: text('openpgp_key').notNull().default(''),
  sshKeys: text('ssh_keys').notNull().default(''),
  comments: text().notNull().default(''),
  displayName: text('display_name').notNull().generatedAlwaysAs(sql`''`),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

export type Member = typeof members.$inferSelect
