import type { BillingStrategy, DueCharge } from '../app/billing-strategy.ts'
import { CoinError } from '../errors.ts'
import { amountOf } from './money.ts'
import { type BillableStretch, stretchesOf } from './stretches.ts'
import type { OfferTerms, Terms } from './terms.ts'

/** What is due, with its amount, in stored form. */
export interface PricedCharge extends Omit<DueCharge, 'first' | 'end'> {
  readonly first: string
  readonly end: string
  readonly amount: string
  readonly offer: OfferTerms
}

export interface SubscriptionDue {
  readonly charges: readonly PricedCharge[]
  readonly settledUntil: string | null
  readonly next: string | null
}

export interface Strategies {
  get(name: string): { readonly strategy: BillingStrategy } | undefined
}

/**
 * What a subscription owes up to a run for the day `until`, from the day on which its terms were read. Pure; throws what sets its member aside.
 * Worked out once for all subscriptions on the same terms: strategies are pure, and what they ask that is one subscription's alone is noticed.
 */
export function dueOf(
  terms: Terms,
  offers: ReadonlyMap<number, OfferTerms>,
  strategies: Strategies,
  until: string,
  suspensionStops: boolean,
): SubscriptionDue {
  const known = knownBy(strategies)
  const key = keyOf(terms, offers, until, suspensionStops)
  const found = known.get(key)
  if (found) return found
  let own = false
  const onOwn = () => {
    own = true
  }
  const due = workOutDue(terms, stretchesOf(terms, offers, suspensionStops, onOwn), strategies, until)
  if (!own) remember(known, key, due)
  return due
}

const most = 20_000
const remembered = new WeakMap<Strategies, Map<string, SubscriptionDue>>()
const charged = new Map<string, PricedCharge>()
const numbers = new WeakMap<OfferTerms, number>()
let lastNumber = 0

function knownBy(strategies: Strategies): Map<string, SubscriptionDue> {
  const known = remembered.get(strategies) ?? new Map<string, SubscriptionDue>()
  remembered.set(strategies, known)
  return known
}

function remember<V>(known: Map<string, V>, key: string, value: V): V {
  if (known.size >= most) known.clear()
  known.set(key, value)
  return value
}

/** Everything that counts, but what is the subscription's own. */
function keyOf(terms: Terms, offers: ReadonlyMap<number, OfferTerms>, until: string, suspensionStops: boolean): string {
  const { startedOn, resignedOn, settledUntil, discounts, freePrices, suspensions } = terms
  let key = `${until} ${suspensionStops} ${startedOn} ${resignedOn} ${settledUntil}`
  for (const { first, end, offerId } of terms.offers) key += ` ${first} ${end} ${numberOf(offers.get(offerId))}`
  return discounts.length + freePrices.length + suspensions.length === 0 ? key : key + JSON.stringify([discounts, freePrices, suspensions])
}

/** An offer as it is: one that is changed is another object, with another number. */
function numberOf(offer: OfferTerms | undefined): number {
  if (!offer) return 0
  const known = numbers.get(offer)
  if (known !== undefined) return known
  numbers.set(offer, ++lastNumber)
  return lastNumber
}

/** One object for all charges that are alike: what is said of one is said once. */
function alike(charge: PricedCharge): PricedCharge {
  const { offer, ...rest } = charge
  const key = `${numberOf(offer)} ${JSON.stringify(rest)}`
  return charged.get(key) ?? remember(charged, key, charge)
}

function workOutDue(terms: Terms, stretches: readonly BillableStretch[], strategies: Strategies, until: string): SubscriptionDue {
  const limit = Temporal.PlainDate.from(until)
  const from = Temporal.PlainDate.from(terms.settledUntil ?? terms.startedOn)
  const charges: PricedCharge[] = []
  let settledUntil: string | null = terms.settledUntil
  let next: string | null = null
  let open = false
  for (const { stretch, offer } of stretches) {
    if (stretch.end !== null && Temporal.PlainDate.compare(stretch.end, from) <= 0 && terms.settledUntil !== null) continue
    const found = strategyOf(strategies, offer).due(stretch, from, limit)
    for (const { first, end, ...charge } of found.charges) {
      const days = { first: first.toString(), end: end.toString() }
      if (days.end <= days.first)
        throw new CoinError('refused', 'The billing strategy {{strategy}} gave a charge without days.', {
          values: { strategy: offer.strategy },
        })
      if (terms.settledUntil !== null && days.first < terms.settledUntil) continue
      charges.push(alike({ ...charge, ...days, offer, amount: amountOf(charge.quantity, charge.unitPrice, offer.currency) }))
    }
    // what lies after a stretch that is not settled to its end is looked at again with it
    if (!open) settledUntil = found.settledUntil.toString()
    if (found.next !== null) open = true
    if (found.next !== null && (next === null || found.next.toString() < next)) next = found.next.toString()
  }
  return { charges, settledUntil, next }
}

function strategyOf(strategies: Strategies, offer: OfferTerms): BillingStrategy {
  const found = strategies.get(offer.strategy)
  if (found) return found.strategy
  throw new CoinError('refused', 'The offer {{offer}} is billed by “{{strategy}}”, which no installed app brings.', {
    hint: 'Install its app, or give the subscriptions another offer.',
    values: { offer: offer.name, strategy: offer.strategy },
  })
}
