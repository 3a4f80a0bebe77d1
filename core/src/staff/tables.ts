import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'

const id = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity()
const version = () => integer().notNull().default(1)
const ids = (name: string) => bigint(name, { mode: 'number' }).array().notNull().default([])

/** What somebody who works for the provider may do, and with what: everything unless offers or groups are named. */
export const roles = pgTable('role', {
  id: id(),
  version: version(),
  name: text().notNull(),
  permissions: text().array().notNull().default([]),
  offers: ids('offers'),
  groups: ids('groups'),
})

/** Members put together by hand. */
export const memberGroups = pgTable('member_group', {
  id: id(),
  version: version(),
  name: text().notNull(),
  purpose: text().notNull().default(''),
})

/** Who is in which group. */
export const groupMembers = pgTable('group_member', {
  id: id(),
  version: version(),
  groupId: bigint('group_id', { mode: 'number' }).notNull(),
  memberId: bigint('member_id', { mode: 'number' }).notNull(),
})
