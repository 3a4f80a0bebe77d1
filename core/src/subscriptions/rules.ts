import { eq, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { CoinError, invalid } from '../errors.ts'
import { discounts, freePrices, offerPrices, offers, subscriptionOffers, subscriptions, suspensions } from './tables.ts'

/** The days from `first` to `last` included; without an end when `last` is missing. */
export function days(first: string, last?: string | null): string {
  if (last && last < first) throw invalid('until', 'The last day is before the first one.')
  return last ? `[${first},${last}]` : `[${first},)`
}

export interface NewOffer extends Omit<typeof offers.$inferInsert, 'id' | 'version' | 'createdAt'> {
  /** Its first price, in force from `effectiveFrom` (today unless given). */
  readonly periodFee?: string | undefined
  readonly initialFee?: string | undefined
  readonly effectiveFrom?: string | undefined
}

/** Adds an offer, with its first price when one is given. Returns its id. */
export async function addOffer(tx: Tx, { periodFee, initialFee, effectiveFrom, ...offer }: NewOffer): Promise<number> {
  const [row] = await tx.insert(offers).values(offer).returning({ id: offers.id })
  const offerId = (row as { id: number }).id
  if (periodFee !== undefined) await addOfferPrice(tx, { offerId, periodFee, initialFee, effectiveFrom })
  return offerId
}

/** Adds a price that holds from its day on, until the next one. */
export async function addOfferPrice(
  tx: Tx,
  price: { offerId: number; periodFee: string; initialFee?: string | undefined; effectiveFrom?: string | undefined },
): Promise<number> {
  const { offerId, periodFee, initialFee, effectiveFrom } = price
  const [row] = await tx
    .insert(offerPrices)
    .values({ offerId, periodFee, ...(initialFee !== undefined && { initialFee }), ...(effectiveFrom !== undefined && { effectiveFrom }) })
    .returning({ id: offerPrices.id })
  return (row as { id: number }).id
}

export interface NewSubscription {
  readonly memberId: number
  readonly offerId: number
  /** Today unless given. */
  readonly startedOn?: string | undefined
  readonly resignedOn?: string | null | undefined
  /** The offer's unless given. */
  readonly commitmentMonths?: number | undefined
  /** Made from `pattern` unless given. */
  readonly reference?: string | undefined
  readonly comments?: string | undefined
}

/** Subscribes a member to an offer. `pattern` gives the reference, `{{number}}` in it the subscription's number. Returns its id. */
export async function addSubscription(tx: Tx, subscription: NewSubscription, pattern = 'SUB-{{number}}'): Promise<number> {
  const { memberId, offerId, startedOn, resignedOn, reference, comments } = subscription
  const offer = await offerOf(tx, offerId)
  const number = await tx.execute<{ id: number }>(sql`SELECT nextval(pg_get_serial_sequence('subscription', 'id')) AS id`)
  const id = Number(number.rows[0]?.id)
  const [row] = await tx
    .insert(subscriptions)
    .values({
      id,
      memberId,
      configurationType: offer.configurationType,
      reference: reference || pattern.replace('{{number}}', String(id).padStart(4, '0')),
      commitmentMonths: subscription.commitmentMonths ?? offer.commitmentMonths,
      ...(startedOn !== undefined && { startedOn }),
      ...(resignedOn !== undefined && { resignedOn }),
      ...(comments !== undefined && { comments }),
    })
    .returning({ startedOn: subscriptions.startedOn })
  await tx.insert(subscriptionOffers).values({
    subscriptionId: id,
    offerId,
    configurationType: offer.configurationType,
    during: days((row as { startedOn: string }).startedOn),
  })
  return id
}

/** Gives a subscription another offer of the same type from `from` on; later offers that were planned are dropped. */
export async function changeOffer(tx: Tx, subscriptionId: number, offerId: number, from: string): Promise<void> {
  const subscription = await lockSubscription(tx, subscriptionId)
  const offer = await offerOf(tx, offerId)
  if (offer.configurationType !== subscription.configurationType) {
    throw invalid('offerId', 'This offer is of another type: the configuration would not fit it. End this subscription and begin another.')
  }
  if (from < subscription.startedOn)
    throw invalid('from', 'The subscription starts on {{date}}, after this day.', { date: subscription.startedOn })
  await tx.execute(sql`DELETE FROM subscription_offer WHERE subscription_id = ${subscriptionId} AND lower(during) >= ${from}::date`)
  await tx.execute(
    sql`UPDATE subscription_offer SET during = daterange(lower(during), ${from}::date) WHERE subscription_id = ${subscriptionId} AND during @> ${from}::date`,
  )
  await tx.insert(subscriptionOffers).values({ subscriptionId, offerId, configurationType: offer.configurationType, during: days(from) })
}

/** Moves the start of a subscription; its first offer follows. */
export async function moveStart(tx: Tx, subscriptionId: number, startedOn: string): Promise<void> {
  await lockSubscription(tx, subscriptionId)
  await tx.update(subscriptions).set({ startedOn }).where(eq(subscriptions.id, subscriptionId))
  await tx.execute(
    sql`DELETE FROM subscription_offer WHERE subscription_id = ${subscriptionId} AND NOT upper_inf(during) AND upper(during) <= ${startedOn}::date`,
  )
  await tx.execute(sql`UPDATE subscription_offer SET during = daterange(${startedOn}::date, upper(during))
    WHERE id = (SELECT id FROM subscription_offer WHERE subscription_id = ${subscriptionId} ORDER BY during LIMIT 1)`)
}

/** The day of resignation is the last one of the service; null takes a resignation back. */
export async function resign(tx: Tx, subscriptionId: number, resignedOn: string | null): Promise<void> {
  await tx.update(subscriptions).set({ resignedOn }).where(eq(subscriptions.id, subscriptionId))
}

/** Suspends the service from `first` to `last` included, or until further notice. Returns the suspension's id. */
export async function suspend(
  tx: Tx,
  subscriptionId: number,
  period: { first: string; last?: string | null; reason?: string },
): Promise<number> {
  const [row] = await tx
    .insert(suspensions)
    .values({ subscriptionId, during: days(period.first, period.last), reason: period.reason ?? '' })
    .returning({ id: suspensions.id })
  return (row as { id: number }).id
}

/** Grants a discount, an amount or a share of the period's fee. Returns its id. */
export async function addDiscount(
  tx: Tx,
  subscriptionId: number,
  discount: { first: string; last?: string | null; label: string; amount?: string | null; percent?: string | null },
): Promise<number> {
  const { first, last, label, amount = null, percent = null } = discount
  const [row] = await tx
    .insert(discounts)
    .values({ subscriptionId, during: days(first, last), label, amount, percent })
    .returning({ id: discounts.id })
  return (row as { id: number }).id
}

/** Sets what this member pays for a period instead of the offer's fee. Returns its id. */
export async function setFreePrice(
  tx: Tx,
  subscriptionId: number,
  price: { first: string; last?: string | null; periodFee: string },
): Promise<number> {
  const [row] = await tx
    .insert(freePrices)
    .values({ subscriptionId, during: days(price.first, price.last), periodFee: price.periodFee })
    .returning({ id: freePrices.id })
  return (row as { id: number }).id
}

async function offerOf(tx: Tx, id: number) {
  const [offer] = await tx.select().from(offers).where(eq(offers.id, id))
  if (!offer) throw invalid('offerId', 'This offer does not exist.')
  return offer
}

async function lockSubscription(tx: Tx, id: number) {
  const [row] = await tx.select().from(subscriptions).where(eq(subscriptions.id, id)).for('update')
  if (!row) throw new CoinError('not_found', 'This subscription does not exist.')
  return row
}
