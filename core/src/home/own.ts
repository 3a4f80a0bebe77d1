import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** A block of addresses, as its member sees it. */
export interface OwnSubnet {
  readonly prefix: string
  readonly family: 4 | 6
  /** The moment since which the member holds it. */
  readonly since: string
}

export interface OwnDiscount {
  readonly label: string
  readonly amount: string | null
  readonly percent: string | null
  readonly until: string | null
}

/** A block of addresses that a member held, or handed on from one subscription to another. */
export interface FormerSubnet extends Record<string, unknown> {
  readonly prefix: string
  /** Moments, ISO 8601. */
  readonly since: string
  readonly until: string
  readonly reference: string
}

/** A subscription, as its member sees it. */
export interface OwnSubscription {
  readonly id: number
  readonly reference: string
  readonly state: 'active' | 'future' | 'suspended' | 'ended'
  readonly startedOn: string
  readonly resignedOn: string | null
  readonly commitmentMonths: number
  readonly offer: string
  readonly periodMonths: number
  readonly currency: string
  /** For a period, before discounts; null when the offer has no price yet. */
  readonly fee: string | null
  /** Null when the offer does not change any more. */
  readonly nextOffer: { readonly name: string; readonly from: string } | null
  readonly suspendedUntil: string | null
  readonly discounts: readonly OwnDiscount[]
  readonly configuration: { readonly id: number; readonly type: string } | null
  readonly subnets: readonly OwnSubnet[]
  /** A change that the network has not confirmed yet. */
  readonly changing: boolean
}

/** The subscriptions of a member, the running ones first: one statement, however many. */
export const ownSubscriptions = (tx: Tx, memberId: number): Promise<readonly OwnSubscription[]> => load(tx, sql`s.member_id = ${memberId}`)

/** One subscription of this member; undefined for another's. */
export async function ownSubscription(tx: Tx, memberId: number, id: number): Promise<OwnSubscription | undefined> {
  return (await load(tx, sql`s.member_id = ${memberId} AND s.id = ${id}`))[0]
}

/** The blocks that a member does not hold any more, the last ones first: of one subscription, or of all. As long as the law has them kept. */
export async function formerSubnets(tx: Tx, memberId: number, subscriptionId?: number): Promise<readonly FormerSubnet[]> {
  const { rows } = await tx.execute<FormerSubnet>(sql`
    SELECT prefix, to_json(lower(during)) #>> '{}' AS since, to_json(upper(during)) #>> '{}' AS until, subscription_reference AS reference
    FROM ip_assignment WHERE member_id = ${memberId} AND NOT upper_inf(during) AND ${subscriptionId ?? null}::bigint IS NOT DISTINCT FROM
      CASE WHEN ${subscriptionId ?? null}::bigint IS NULL THEN NULL ELSE subscription_id END
    ORDER BY upper(during) DESC, prefix LIMIT 200`)
  return rows
}

async function load(tx: Tx, which: SQL): Promise<readonly OwnSubscription[]> {
  const { rows } = await tx.execute<OwnSubscription & Record<string, unknown>>(sql`
    SELECT s.id, s.reference, s.started_on AS "startedOn", s.resigned_on AS "resignedOn", s.commitment_months AS "commitmentMonths",
      CASE WHEN s.resigned_on < current_date THEN 'ended' WHEN s.started_on > current_date THEN 'future' WHEN p.until IS NOT NULL THEN 'suspended' ELSE 'active' END AS state,
      coalesce(o.name, '') AS offer, coalesce(o.period_months, 1) AS "periodMonths", coalesce(o.currency, 'EUR') AS currency,
      coalesce((SELECT f.period_fee FROM subscription_free_price f WHERE f.subscription_id = s.id AND f.during @> day.at),
        (SELECT r.period_fee FROM offer_price r WHERE r.offer_id = o.id AND r.effective_from <= day.at ORDER BY r.effective_from DESC LIMIT 1))::text AS fee,
      (SELECT jsonb_build_object('name', n.name, 'from', lower(d.during)) FROM subscription_offer d JOIN offer n ON n.id = d.offer_id
        WHERE d.subscription_id = s.id AND lower(d.during) > day.at ORDER BY d.during LIMIT 1) AS "nextOffer",
      nullif(p.until, 'infinity')::text AS "suspendedUntil",
      coalesce((SELECT jsonb_agg(jsonb_build_object('label', c.label, 'amount', c.amount::text, 'percent', c.percent::text, 'until', upper(c.during) - 1))
        FROM subscription_discount c WHERE c.subscription_id = s.id AND c.during @> day.at), '[]') AS discounts,
      CASE WHEN k.id IS NOT NULL THEN jsonb_build_object('id', k.id, 'type', k.type) END AS configuration,
      coalesce((SELECT jsonb_agg(jsonb_build_object('prefix', n.prefix, 'family', n.family, 'since', coalesce(lower(a.during), n.created_at)) ORDER BY n.prefix)
        FROM ip_subnet n LEFT JOIN ip_assignment a ON a.subnet_id = n.id AND upper_inf(a.during) WHERE n.configuration_id = k.id), '[]') AS subnets,
      ${changing} AS changing
    FROM subscription s
    -- a subscription to come is shown as it will be on its first day, an ended one as it was on its last
    CROSS JOIN LATERAL (SELECT least(greatest(current_date, s.started_on), coalesce(s.resigned_on, 'infinity')) AS at) AS day
    LEFT JOIN subscription_offer d ON d.subscription_id = s.id AND d.during @> day.at
    LEFT JOIN offer o ON o.id = d.offer_id
    LEFT JOIN configuration k ON k.subscription_id = s.id
    LEFT JOIN LATERAL (SELECT coalesce(upper(u.during) - 1, 'infinity') AS until FROM subscription_suspension u WHERE u.subscription_id = s.id AND u.during @> current_date) AS p ON true
    WHERE ${which} ORDER BY coalesce(s.resigned_on < current_date, false), s.started_on DESC, s.id DESC`)
  return rows
}

/** True while the network has not been told, or has not confirmed, the last change. */
const changing = sql`EXISTS (SELECT FROM provisioning_state y WHERE y.configuration_id = k.id AND y.state <> 'in_sync')`
