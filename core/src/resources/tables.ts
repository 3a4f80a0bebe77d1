import { sql } from 'drizzle-orm'
import { bigint, cidr, integer, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'

const id = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity()
const version = () => integer().notNull().default(1)
const reference = (name: string) => bigint(name, { mode: 'number' }).notNull()

/** Addresses of one family, given to subscribers. */
export const ipPools = pgTable('ip_pool', {
  id: id(),
  version: version(),
  name: text().notNull(),
  family: smallint().$type<4 | 6>().notNull(),
  defaultPrefixLength: integer('default_prefix_length').notNull(),
  /** How many days a freed block rests before it is given again. */
  quarantineDays: integer('quarantine_days').notNull().default(90),
  comments: text().notNull().default(''),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

/** The space of a pool; no prefix overlaps another of any pool. */
export const ipPoolPrefixes = pgTable('ip_pool_prefix', {
  id: id(),
  version: version(),
  poolId: reference('pool_id'),
  prefix: cidr().notNull(),
})

/** A range of a pool that is never given. The pool is found from the prefix unless given. */
export const ipReserved = pgTable('ip_reserved', {
  id: id(),
  version: version(),
  poolId: reference('pool_id').default(sql`NULL`),
  prefix: cidr().notNull(),
  comment: text().notNull().default(''),
})

/** The pools that an offer draws from, the lowest priority number first. */
export const offerPools = pgTable('offer_pool', {
  id: id(),
  version: version(),
  offerId: reference('offer_id'),
  poolId: reference('pool_id'),
  priority: integer().notNull().default(1),
  /** Instead of the pool's default length. */
  prefixLength: integer('prefix_length'),
})

/** A block that a configuration holds. Written through the functions of rules.ts, though plain inserts obey the same rules. */
export const ipSubnets = pgTable('ip_subnet', {
  id: id(),
  version: version(),
  configurationId: reference('configuration_id'),
  poolId: reference('pool_id').default(sql`NULL`),
  prefix: cidr().notNull().default(sql`NULL`),
  family: smallint().$type<4 | 6>().notNull().generatedAlwaysAs(sql`family(prefix)`),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})
