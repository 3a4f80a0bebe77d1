import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { Rights } from './dashboard-rights.ts'

export interface Figures {
  readonly members: number
  readonly joinedThisMonth: number
  readonly subscriptions: number
  readonly hasPool: boolean
  readonly hasOffer: boolean
  readonly hasMember: boolean
  readonly hasSubscription: boolean
  readonly hasRun: boolean
}

export interface Waiting {
  readonly pending: number
  /** Of some of them. */
  readonly pendingNames: readonly { readonly id: number; readonly name: string }[]
  readonly pendingSince: string | null
  readonly failedMails: number
  readonly unconfigured: number
  readonly unconfiguredSome: readonly { readonly id: number; readonly name: string }[]
}

/** A subscription that starts or ends in the days to come. */
export interface Coming {
  readonly id: number
  readonly what: 'start' | 'end'
  readonly date: string
  readonly member: string
  readonly offer: string
}

export interface PoolLeft {
  readonly id: number
  readonly name: string
  readonly family: 4 | 6
  readonly length: number
  readonly prefixes: string
  /** In blocks of the pool's default length. */
  readonly total: number
  readonly taken: number
  readonly resting: number
  readonly free: number
  readonly full: boolean
}

export interface FailedBackend {
  readonly backend: string
  readonly count: number
  readonly since: string
  readonly error: string
}

/** Counts of what there is. */
export async function figures(tx: Tx): Promise<Figures> {
  const { rows } = await tx.execute<Figures & Record<string, unknown>>(sql`
    SELECT count(*) FILTER (WHERE status = 'member')::int AS members,
      count(*) FILTER (WHERE status = 'member' AND joined_on >= date_trunc('month', current_date))::int AS "joinedThisMonth",
      (SELECT count(*)::int FROM subscription WHERE started_on <= current_date AND (resigned_on IS NULL OR resigned_on >= current_date)) AS subscriptions,
      EXISTS (SELECT FROM ip_pool_prefix) AS "hasPool", EXISTS (SELECT FROM offer) AS "hasOffer",
      EXISTS (SELECT FROM member) AS "hasMember", EXISTS (SELECT FROM subscription) AS "hasSubscription",
      EXISTS (SELECT FROM billing_run) AS "hasRun"
    FROM member`)
  return rows[0] as Figures
}

/** What waits for somebody's answer, of what they may see. A subscription whose type has something to configure and that has nothing waits as well. */
export async function waiting(
  tx: Tx,
  { members, subscriptions, mails }: Pick<Rights, 'members' | 'subscriptions' | 'mails'>,
): Promise<Waiting> {
  const { rows } = await tx.execute<Waiting & Record<string, unknown>>(sql`
    WITH bare AS (
      SELECT s.id, m.display_name AS name, s.started_on FROM subscription s JOIN member m ON m.id = s.member_id
      WHERE ${subscriptions} AND s.configuration_type <> '' AND s.started_on <= current_date + 7 AND (s.resigned_on IS NULL OR s.resigned_on >= current_date)
        AND NOT EXISTS (SELECT FROM configuration c WHERE c.subscription_id = s.id))
    SELECT count(*)::int AS pending, to_jsonb(min(created_at)) #>> '{}' AS "pendingSince",
      coalesce((SELECT jsonb_agg(p) FROM (SELECT id, display_name AS name FROM member WHERE ${members} AND status = 'pending' ORDER BY created_at, id LIMIT 3) AS p), '[]') AS "pendingNames",
      (SELECT count(*)::int FROM coin.mail WHERE ${mails} AND sent_at IS NULL AND error IS NOT NULL) AS "failedMails",
      (SELECT count(*)::int FROM bare) AS unconfigured,
      coalesce((SELECT jsonb_agg(b) FROM (SELECT id, name FROM bare ORDER BY started_on, id LIMIT 3) AS b), '[]') AS "unconfiguredSome"
    FROM member WHERE ${members} AND status = 'pending'`)
  return rows[0] as Waiting
}

/** Subscriptions that start or end from today to a week from now, the next first. */
export async function coming(tx: Tx, atMost = 8): Promise<readonly Coming[]> {
  const { rows } = await tx.execute<Coming & Record<string, unknown>>(sql`
    SELECT s.id, x.what, x.date, m.display_name AS member,
      coalesce((SELECT o.name FROM subscription_offer d JOIN offer o ON o.id = d.offer_id WHERE d.subscription_id = s.id AND d.during @> x.date), '') AS offer
    FROM (SELECT id, 'start' AS what, started_on AS date FROM subscription WHERE started_on BETWEEN current_date AND current_date + 7
      UNION ALL SELECT id, 'end', resigned_on FROM subscription WHERE resigned_on BETWEEN current_date AND current_date + 7) AS x
    JOIN subscription s ON s.id = x.id JOIN member m ON m.id = s.member_id ORDER BY x.date, s.id LIMIT ${atMost}`)
  return rows
}

/** What is left of each pool, in blocks such as a subscriber gets. Full: no block is left, or fewer than one in twenty. */
export async function poolsLeft(tx: Tx, atMost = 12): Promise<readonly PoolLeft[]> {
  const { rows } = await tx.execute<PoolLeft & Record<string, unknown>>(sql`
    SELECT p.id, p.name, p.family, p.default_prefix_length AS length,
      coalesce((SELECT string_agg(text(x.prefix), ', ' ORDER BY x.prefix) FROM ip_pool_prefix x WHERE x.pool_id = p.id), '') AS prefixes,
      floor(u.addresses / unit)::float8 AS total, ceil(u.taken / unit)::float8 AS taken, ceil(u.resting / unit)::float8 AS resting, floor(u.free / unit)::float8 AS free,
      u.addresses > 0 AND (u.next_free IS NULL OR u.free * 20 < u.addresses) AS full
    FROM ip_pool p JOIN ip_pool_usage u ON u.pool_id = p.id CROSS JOIN LATERAL (SELECT coin.address_count(p.family, p.default_prefix_length) AS unit) AS size
    ORDER BY "full" DESC, p.family, p.name LIMIT ${atMost}`)
  return rows
}

/** Backends with configurations that could not be brought in line; changes from outside that an app did not accept come as a line of their own. */
export async function failures(tx: Tx): Promise<readonly FailedBackend[]> {
  const { rows } = await tx.execute<FailedBackend & Record<string, unknown>>(sql`
    SELECT backend, count(*)::int AS count, to_jsonb(min(since)) #>> '{}' AS since, (array_agg(error ORDER BY since))[1] AS error
    FROM (SELECT backend, since, coalesce(error, '') AS error FROM provisioning_state WHERE state = 'failed'
      UNION ALL SELECT '', since, message FROM provisioning_refusal) AS failed
    GROUP BY backend ORDER BY count(*) DESC, backend`)
  return rows
}

/** What Coin did last by itself, and what of it waits. */
export interface LastWork {
  readonly mailsFailed: number
  readonly mailsWaiting: number
  readonly mailSentAt: string | null
  readonly runAt: string | null
}

/** One statement. */
export async function lastWork(tx: Tx): Promise<LastWork> {
  const { rows } = await tx.execute<LastWork & Record<string, unknown>>(sql`
    SELECT (SELECT count(*)::int FROM coin.mail WHERE sent_at IS NULL AND error IS NOT NULL) AS "mailsFailed",
      (SELECT count(*)::int FROM coin.mail WHERE sent_at IS NULL AND error IS NULL) AS "mailsWaiting",
      (SELECT to_json(sent_at) #>> '{}' FROM coin.mail WHERE sent_at IS NOT NULL ORDER BY id DESC LIMIT 1) AS "mailSentAt",
      (SELECT to_json(started_at) #>> '{}' FROM billing_run ORDER BY id DESC LIMIT 1) AS "runAt"`)
  return rows[0] as LastWork
}
