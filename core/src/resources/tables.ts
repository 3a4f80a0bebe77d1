import { sql } from 'drizzle-orm'
import { bigint, cidr, customType, integer, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'

/** A range of moments as PostgreSQL writes it, the end not included; without an end while it lasts. */
const tstzrange = customType<{ data: string }>({ dataType: () => 'tstzrange' })

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

export type BlockState = 'free' | 'taken' | 'resting' | 'reserved'

/** The blocks of a pool prefix, which are a partition of it. Read only: the database keeps it. */
export const ipBlocks = pgTable('ip_block', {
  prefix: cidr().primaryKey(),
  poolId: reference('pool_id'),
  poolPrefixId: reference('pool_prefix_id'),
  state: text().$type<BlockState>().notNull(),
  subnetId: bigint('subnet_id', { mode: 'number' }),
  reservedId: bigint('reserved_id', { mode: 'number' }),
  restsUntil: timestamp('rests_until', { withTimezone: true }),
})

/** Who held what, from when to when. Read only; outlives everything it names. */
export const ipAssignments = pgTable('ip_assignment', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  prefix: cidr().notNull(),
  during: tstzrange().notNull(),
  poolId: reference('pool_id'),
  subnetId: reference('subnet_id'),
  configurationId: reference('configuration_id'),
  subscriptionId: reference('subscription_id'),
  subscriptionReference: text('subscription_reference').notNull(),
  memberId: reference('member_id'),
  memberName: text('member_name').notNull(),
})
