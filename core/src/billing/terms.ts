import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

/** Days as they are stored: ISO, the end not included, null without one. */
export interface StoredDays {
  readonly first: string
  readonly end: string | null
}

/** What one subscription is billed by. */
export interface Terms {
  readonly id: number
  readonly memberId: number
  readonly reference: string
  readonly startedOn: string
  readonly resignedOn: string | null
  /** Null when everything is to be worked out again. */
  readonly settledUntil: string | null
  readonly offers: readonly (StoredDays & { readonly offerId: number })[]
  readonly discounts: readonly (StoredDays & { readonly label: string; readonly amount: string | null; readonly percent: string | null })[]
  readonly freePrices: readonly (StoredDays & { readonly periodFee: string })[]
  readonly suspensions: readonly StoredDays[]
  readonly usage: readonly { readonly source: string; readonly day: string; readonly quantity: string }[]
  readonly billed: readonly BilledCharge[]
}

/** A charge that stands, from the day from which the subscription is looked at. */
export interface BilledCharge extends StoredDays {
  readonly id: number
  readonly memberId: number
  readonly kind: string
  readonly end: string
  readonly revision: number
  readonly offerId: number
  readonly amount: string
  readonly currency: string
  readonly vatRate: string
}

export interface OfferTerms {
  readonly id: number
  readonly name: string
  readonly reference: string
  readonly periodMonths: number
  readonly billable: boolean
  readonly strategy: string
  readonly vatRate: string
  readonly vatMention: string
  readonly currency: string
  readonly account: string
  /** In the order of their days. */
  readonly prices: readonly { readonly from: string; readonly periodFee: string; readonly initialFee: string }[]
}

/** Every offer with its prices; one that is as it was when it was read before is the same object. */
export async function readOffers(tx: Tx): Promise<ReadonlyMap<number, OfferTerms>> {
  const { rows } = await tx.execute<OfferTerms & Record<string, unknown>>(sql`
    SELECT id, name, reference, period_months AS "periodMonths", billable, billing_strategy AS strategy, vat_rate AS "vatRate", vat_mention AS "vatMention", currency, account,
      coalesce((SELECT jsonb_agg(jsonb_build_object('from', effective_from, 'periodFee', period_fee::text, 'initialFee', initial_fee::text) ORDER BY effective_from)
        FROM offer_price WHERE offer_id = offer.id), '[]') AS prices
    FROM offer`)
  return new Map(rows.map(row => [row.id, asBefore(row)]))
}

const before = new Map<string, OfferTerms>()
const mostOffers = 10_000

function asBefore(row: OfferTerms): OfferTerms {
  const key = JSON.stringify(row)
  const known = before.get(key)
  if (known) return known
  if (before.size >= mostOffers) before.clear()
  before.set(key, row)
  return row
}

/**
 * Locks how far the members' subscriptions are billed and reads what those are billed by for which a run up to `until` may find something. The
 * lock is taken first, so that whatever is read is what was committed before it; who changes it meanwhile waits, and has it looked at again.
 */
export async function lockTerms(tx: Tx, memberIds: readonly number[], until: string): Promise<readonly Terms[]> {
  const { rows: locked } = await tx.execute<{ id: number; from: string | null }>(sql`
    SELECT subscription_id AS id, CASE WHEN NOT recheck THEN settled_until END AS from FROM billing_state
    WHERE member_id = ANY (${sql.param(memberIds)}::bigint[]) AND (recheck OR next_on <= ${until}::date) ORDER BY subscription_id FOR UPDATE`)
  return locked.length === 0 ? [] : readTerms(tx, locked)
}

/** Reads what subscriptions are billed by; of each from a day on, or all of it. */
export async function readTerms(
  tx: Tx,
  wanted: readonly { readonly id: number; readonly from: string | null }[],
): Promise<readonly Terms[]> {
  const ids = sql`${sql.param(wanted.map(({ id }) => id))}::bigint[]`
  // looked up one by one through an index: a join may read all there ever was
  const from = sql`unnest(${ids}, ${sql.param(wanted.map(each => each.from))}::date[]) AS w (id, "from")`
  const days = sql`lower(during) AS first, upper(during) AS end`
  const subscriptions = await tx.execute<
    Pick<Terms, 'id' | 'memberId' | 'reference' | 'startedOn' | 'resignedOn'> & Record<string, unknown>
  >(sql`
    SELECT id, member_id AS "memberId", reference, started_on AS "startedOn", resigned_on AS "resignedOn" FROM subscription WHERE id = ANY (${ids})`)
  const parts = {
    offers: await read<Terms['offers'][number]>(
      tx,
      sql`SELECT subscription_id, offer_id AS "offerId", ${days} FROM subscription_offer WHERE subscription_id = ANY (${ids}) ORDER BY subscription_id, during`,
    ),
    discounts: await read<Terms['discounts'][number]>(
      tx,
      sql`SELECT subscription_id, ${days}, label, amount, percent FROM subscription_discount WHERE subscription_id = ANY (${ids}) ORDER BY subscription_id, during`,
    ),
    freePrices: await read<Terms['freePrices'][number]>(
      tx,
      sql`SELECT subscription_id, ${days}, period_fee AS "periodFee" FROM subscription_free_price WHERE subscription_id = ANY (${ids}) ORDER BY subscription_id, during`,
    ),
    suspensions: await read<StoredDays>(
      tx,
      sql`SELECT subscription_id, ${days} FROM subscription_suspension WHERE subscription_id = ANY (${ids}) ORDER BY subscription_id, during`,
    ),
    usage: await read<Terms['usage'][number]>(
      tx,
      sql`
      SELECT w.id AS subscription_id, u.* FROM ${from} CROSS JOIN LATERAL (
        SELECT source, day, quantity FROM subscription_usage u WHERE u.subscription_id = w.id AND (w."from" IS NULL OR u.day >= w."from") OFFSET 0) u ORDER BY w.id, u.day`,
    ),
    // no charge lies across the day up to which a subscription is settled: those from then on are found by their first day
    billed: await read<BilledCharge>(
      tx,
      sql`
      SELECT w.id AS subscription_id, c.* FROM ${from} CROSS JOIN LATERAL (
        SELECT c.id, c.member_id AS "memberId", c.kind, lower(c.period) AS first, upper(c.period) AS end, c.revision, c.offer_id AS "offerId", c.amount, c.currency, c.vat_rate AS "vatRate"
        FROM charge c WHERE c.subscription_id = w.id AND c.superseded_by IS NULL AND lower(c.period) >= coalesce(w."from", '-infinity') OFFSET 0) c ORDER BY w.id, c.first`,
    ),
  }
  const since = new Map(wanted.map(each => [each.id, each.from]))
  return subscriptions.rows.map(row => ({
    ...row,
    settledUntil: since.get(row.id) ?? null,
    offers: parts.offers.get(row.id) ?? [],
    discounts: parts.discounts.get(row.id) ?? [],
    freePrices: parts.freePrices.get(row.id) ?? [],
    suspensions: parts.suspensions.get(row.id) ?? [],
    usage: parts.usage.get(row.id) ?? [],
    billed: parts.billed.get(row.id) ?? [],
  }))
}

async function read<R>(tx: Tx, statement: ReturnType<typeof sql>): Promise<ReadonlyMap<number, readonly R[]>> {
  const { rows } = await tx.execute<{ subscription_id: number } & Record<string, unknown>>(statement)
  const found = new Map<number, R[]>()
  for (const row of rows) {
    const known = found.get(row.subscription_id)
    if (known) known.push(row as R)
    else found.set(row.subscription_id, [row as R])
  }
  return found
}
