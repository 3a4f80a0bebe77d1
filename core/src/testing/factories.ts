import { getTableName, type InferInsertModel, type SQL, sql } from 'drizzle-orm'
import type { ConfigurationTable } from '../app/configuration.ts'
import type { Tx } from '../db/database.ts'
import type { TestCoin } from './coin.ts'

let count = 0
/** A number that no other row of this run has. */
const next = () => ++count

/** Adds a member and returns its id. */
export function addMember(
  coin: TestCoin,
  given: { readonly firstName?: string; readonly lastName?: string; readonly email?: string } = {},
): Promise<number> {
  const number = next()
  const { firstName = 'Ada', lastName = `Member ${number}`, email = `member${number}@example.org` } = given
  return coin.write(tx =>
    idOf(
      tx,
      sql`INSERT INTO member (first_name, last_name, email, username) VALUES (${firstName}, ${lastName}, ${email}, '') RETURNING id`,
    ),
  )
}

/** Adds a pool with one prefix and returns its id. Without `length`, /32 or /64 blocks. Freed ones do not rest unless `quarantineDays` says so. */
export function addPool(
  coin: TestCoin,
  prefix: string,
  given: { readonly length?: number; readonly quarantineDays?: number } = {},
): Promise<number> {
  const family = prefix.includes(':') ? 6 : 4
  const { length = family === 6 ? 64 : 32, quarantineDays = 0 } = given
  return coin.write(async tx => {
    const id = await idOf(
      tx,
      sql`INSERT INTO ip_pool (name, family, default_prefix_length, quarantine_days) VALUES (${`Pool ${next()}`}, ${family}, ${length}, ${quarantineDays}) RETURNING id`,
    )
    await tx.execute(sql`INSERT INTO ip_pool_prefix (pool_id, prefix) VALUES (${id}, ${prefix}::cidr)`)
    return id
  })
}

/** Adds an offer of a configuration type (`''` for none), drawing from `pools`, and returns its id. */
export function addOffer(coin: TestCoin, type = '', pools: readonly number[] = []): Promise<number> {
  const number = next()
  return coin.write(async tx => {
    const id = await idOf(
      tx,
      sql`INSERT INTO offer (name, reference, configuration_type) VALUES (${`Offer ${number}`}, ${`offer-${number}`}, ${type}) RETURNING id`,
    )
    await tx.execute(sql`INSERT INTO offer_price (offer_id, effective_from, period_fee) VALUES (${id}, '2020-01-01', 20)`)
    for (const [priority, pool] of pools.entries())
      await tx.execute(sql`INSERT INTO offer_pool (offer_id, pool_id, priority) VALUES (${id}, ${pool}, ${priority + 1})`)
    return id
  })
}

/** Adds a subscription that began on 1 January 2026 and returns its id. A member and an offer are made unless given. */
export async function addSubscription(coin: TestCoin, given: { readonly member?: number; readonly offer?: number } = {}): Promise<number> {
  const member = given.member ?? (await addMember(coin))
  const offer = given.offer ?? (await addOffer(coin))
  return coin.write(async tx => {
    const id = await idOf(
      tx,
      sql`
      INSERT INTO subscription (member_id, configuration_type, reference, started_on)
      SELECT ${member}, configuration_type, ${`TEST-${next()}`}, '2026-01-01' FROM offer WHERE id = ${offer} RETURNING id`,
    )
    await tx.execute(sql`
      INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during)
      SELECT ${id}, id, configuration_type, '[2026-01-01,)' FROM offer WHERE id = ${offer}`)
    return id
  })
}

/** Adds a configuration of `table`'s type and returns its id. Its subscription is made unless given; it gets its first subnets from `pools`. */
export async function addConfiguration<T extends ConfigurationTable>(
  coin: TestCoin,
  table: T,
  values: Omit<InferInsertModel<T>, 'id' | 'type'>,
  given: { readonly subscription?: number; readonly member?: number; readonly pools?: readonly number[] } = {},
): Promise<number> {
  const type = getTableName(table)
  const subscription = given.subscription ?? (await addSubscription(coin, { ...given, offer: await addOffer(coin, type, given.pools) }))
  return coin.write(async tx => {
    const id = await idOf(tx, sql`INSERT INTO configuration (type, subscription_id) VALUES (${type}, ${subscription}) RETURNING id`)
    // what a row takes besides the two columns of every child table is the caller's to give
    await tx.insert(table).values({ ...values, id } as unknown as T['$inferInsert'])
    return id
  })
}

/** Gives a configuration a block, of the prefix given or the next free one, and returns the subnet's id. */
export const addSubnet = (
  coin: TestCoin,
  configuration: number,
  given: { readonly pool?: number; readonly prefix?: string } = {},
): Promise<number> =>
  coin.write(tx =>
    given.prefix
      ? idOf(tx, sql`INSERT INTO ip_subnet (configuration_id, prefix) VALUES (${configuration}, ${given.prefix}::cidr) RETURNING id`)
      : idOf(tx, sql`SELECT (allocate_subnet(${configuration}, NULL, ${given.pool ?? null}::bigint, NULL)).id`),
  )

async function idOf(tx: Tx, statement: SQL): Promise<number> {
  const { rows } = await tx.execute<{ id: number }>(statement)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('The statement gave no row')
  return id
}
