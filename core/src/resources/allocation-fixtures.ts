import type pg from 'pg'

/** For tests: rows that are valid, with nothing in them that matters. */
export interface NewPool {
  readonly family?: 4 | 6
  readonly prefixes: readonly string[]
  readonly length?: number
  readonly quarantineDays?: number
}

type Queryable = Pick<pg.Pool, 'query'>
let count = 0

/** Adds a pool with its prefixes; freed blocks don't rest unless asked. Returns its id. */
export async function addTestPool(db: Queryable, pool: NewPool): Promise<number> {
  const { family = 4, prefixes, length = family === 4 ? 32 : 56, quarantineDays = 0 } = pool
  const id = await insertedId(
    db,
    'INSERT INTO ip_pool (name, family, default_prefix_length, quarantine_days) VALUES ($1, $2, $3, $4) RETURNING id',
    [`pool ${++count} of ${process.pid}`, family, length, quarantineDays],
  )
  for (const prefix of prefixes) await db.query('INSERT INTO ip_pool_prefix (pool_id, prefix) VALUES ($1, $2)', [id, prefix])
  return id
}

/** Adds an offer that draws from these pools, in this order. Returns its id. */
export async function addTestOffer(db: Queryable, pools: readonly { id: number; length?: number }[] = []): Promise<number> {
  const offer = await insertedId(db, `INSERT INTO offer (name, reference, configuration_type) VALUES ($1, $1, 'line') RETURNING id`, [
    `offer-${++count}-${process.pid}`,
  ])
  for (const [priority, { id, length }] of pools.entries()) {
    await db.query('INSERT INTO offer_pool (offer_id, pool_id, priority, prefix_length) VALUES ($1, $2, $3, $4)', [
      offer,
      id,
      priority,
      length ?? null,
    ])
  }
  return offer
}

export interface TestSubscriber {
  readonly memberId: number
  readonly subscriptionId: number
  readonly configurationId: number
}

/** Adds a member with a subscription to the offer and its configuration, which gets its first subnets. */
export async function addTestSubscriber(db: Queryable, offer: number, name = 'Berthier'): Promise<TestSubscriber> {
  const memberId = await insertedId(db, `INSERT INTO member (last_name, email) VALUES ($1, 'someone@example.org') RETURNING id`, [name])
  const subscriptionId = await insertedId(
    db,
    `WITH s AS (INSERT INTO subscription (member_id, configuration_type, reference) VALUES ($1, 'line', $3) RETURNING id),
      o AS (INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during)
        SELECT id, $2, 'line', daterange(current_date, NULL) FROM s)
      SELECT id FROM s`,
    [memberId, offer, `REF-${++count}-${process.pid}`],
  )
  const configurationId = await insertedId(db, `INSERT INTO configuration (type, subscription_id) VALUES ('line', $1) RETURNING id`, [
    subscriptionId,
  ])
  return { memberId, subscriptionId, configurationId }
}

/** The blocks of a pool in the order of addresses, as `state prefix`. */
export async function blocksOf(db: Queryable, pool: number): Promise<string[]> {
  const { rows } = await db.query<{ block: string }>(
    `SELECT state || ' ' || prefix AS block FROM ip_block WHERE pool_id = $1 ORDER BY prefix`,
    [pool],
  )
  return rows.map(row => row.block)
}

/** What the database refused with: the name of the rule, what it says, and its detail. */
export async function refusal(
  work: Promise<unknown>,
): Promise<{ rule: string; message: string; hint: string; detail: Record<string, unknown> }> {
  try {
    await work
  } catch (error) {
    const { constraint, code, message, hint, detail } = error as pg.DatabaseError
    return { rule: constraint ?? code ?? '', message, hint: hint ?? '', detail: detail?.startsWith('{') ? JSON.parse(detail) : {} }
  }
  throw new Error('It was not refused.')
}

async function insertedId(db: Queryable, statement: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await db.query<{ id: string }>(statement, [...values])
  return Number(rows[0]?.id)
}

/** Writes what the database keeps for itself, as somebody who repairs knowingly: one statement, in a transaction of its own. */
export const forced = (pool: pg.Pool, statement: string) =>
  pool.query(`SELECT set_config('coin.write_blocks', 'on', true), set_config('coin.rewrite_assignments', 'on', true); ${statement}`)
