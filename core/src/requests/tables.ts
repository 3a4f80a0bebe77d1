import { sql } from 'drizzle-orm'
import { bigint, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import type { Input } from '../app/resource.ts'

const id = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity()
const version = () => integer().notNull().default(1)

/** What somebody has asked for. */
export const requests = pgTable('request', {
  id: id(),
  version: version(),
  kind: text().notNull(),
  state: text({ enum: ['open', 'waiting', 'accepted', 'refused', 'withdrawn'] })
    .notNull()
    .default('open'),
  memberId: bigint('member_id', { mode: 'number' }),
  /** The name they had when they asked. */
  asker: text().notNull(),
  subscriptionId: bigint('subscription_id', { mode: 'number' }),
  offerId: bigint('offer_id', { mode: 'number' }),
  wanted: jsonb().$type<Input>().notNull().default({}),
  /** The account of who looks after it. */
  assignedTo: text('assigned_to'),
  openedAt: timestamp('opened_at', { withTimezone: true }).notNull().defaultNow(),
  closedAt: timestamp('closed_at', { withTimezone: true }),
  queue: bigint({ mode: 'number' }).notNull().generatedAlwaysAs(sql`0`),
})
export type RequestRow = typeof requests.$inferSelect
export type RequestState = RequestRow['state']

/** What was said about a request, and what it became by it. */
export const requestMessages = pgTable('request_message', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  requestId: bigint('request_id', { mode: 'number' }).notNull(),
  /** A `note` is for staff only. */
  author: text({ enum: ['member', 'staff', 'note'] }).notNull(),
  writtenBy: text('written_by').notNull().default(''),
  state: text({ enum: ['open', 'waiting', 'accepted', 'refused', 'withdrawn'] }),
  text: text().notNull().default(''),
  at: timestamp({ withTimezone: true }).notNull().defaultNow(),
})

/** Texts that staff begin an answer with. */
export const answerTemplates = pgTable('answer_template', {
  id: id(),
  version: version(),
  name: text().notNull(),
  kind: text().notNull().default(''),
  step: text({ enum: ['answer', 'accept', 'refuse'] })
    .notNull()
    .default('answer'),
  language: text().notNull(),
  subject: text().notNull().default(''),
  body: text().notNull(),
})
