import type { BillingStrategy, DueCharge } from '../app/billing-strategy.ts'
import { CoinError } from '../errors.ts'
import { amountOf } from './money.ts'
import { stretchesOf } from './stretches.ts'
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

/** What a subscription owes up to a run for the day `until`, from the day on which its terms were read. Pure; throws what sets its member aside. */
export function dueOf(
  terms: Terms,
  offers: ReadonlyMap<number, OfferTerms>,
  strategies: Strategies,
  until: string,
  suspensionStops: boolean,
): SubscriptionDue {
  const stretches = stretchesOf(terms, offers, suspensionStops)
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
      charges.push({
        ...charge,
        ...days,
        offer,
        amount: amountOf(charge.quantity, charge.unitPrice, offer.currency),
      })
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
