import type { Days, Fee, Stretch } from '../app/billing-strategy.ts'
import { CoinError } from '../errors.ts'
import { decimal } from './money.ts'
import type { OfferTerms, StoredDays, Terms } from './terms.ts'

const { PlainDate } = Temporal

/** A stretch with what it is billed by. */
export interface BillableStretch {
  readonly stretch: Stretch
  readonly offer: OfferTerms
}

/**
 * A subscription as strategies see it: one stretch for each time it has a billable offer, until its resignation. `suspensionStops`: days of
 * suspension are not billed. `onOwn` is called when what is asked for is this subscription's alone: its name, or what it used. Pure.
 */
export function stretchesOf(
  terms: Terms,
  offers: ReadonlyMap<number, OfferTerms>,
  suspensionStops: boolean,
  onOwn = () => {},
): readonly BillableStretch[] {
  const ends = terms.resignedOn === null ? null : PlainDate.from(terms.resignedOn).add({ days: 1 })
  const subscription = { id: terms.id, reference: terms.reference, startedOn: PlainDate.from(terms.startedOn) }
  const unbilled = suspensionStops ? terms.suspensions.map(daysOf) : []
  return terms.offers.flatMap(({ first: from, end: until, offerId }, index): BillableStretch[] => {
    const offer = offers.get(offerId)
    const first = PlainDate.from(from)
    const end = earlier(until === null ? null : PlainDate.from(until), ends)
    if (!offer?.billable || (end !== null && PlainDate.compare(end, first) <= 0)) return []
    const stretch: Stretch = {
      get subscription() {
        onOwn()
        return subscription
      },
      offer,
      first,
      end,
      begins: index === 0,
      unbilled,
      feeOn: day => feeOn(day.toString(), terms, offer),
      initialFeeOn: day => priceOn(day.toString(), offer).initialFee,
      usage(source, start, stop) {
        onOwn()
        return usageOf(terms, source, start.toString(), stop.toString())
      },
    }
    return [{ stretch, offer }]
  })
}

const daysOf = ({ first, end }: StoredDays): Days => ({ first: PlainDate.from(first), end: end === null ? null : PlainDate.from(end) })

const earlier = (a: Temporal.PlainDate | null, b: Temporal.PlainDate | null) =>
  a === null ? b : b === null || PlainDate.compare(a, b) <= 0 ? a : b

/** ISO dates of four-digit years sort as text. */
const holds = (day: string) => (days: StoredDays) => days.first <= day && (days.end === null || day < days.end)

function priceOn(day: string, offer: OfferTerms) {
  const price = offer.prices.findLast(({ from }) => from <= day)
  if (!price)
    throw new CoinError('refused', 'The offer {{offer}} has no price on {{date}}.', {
      hint: 'Add a price that is in force then.',
      values: { offer: offer.name, date: day },
    })
  return price
}

function feeOn(day: string, { freePrices, discounts }: Terms, offer: OfferTerms): Fee {
  const price = priceOn(day, offer)
  const free = freePrices.find(holds(day))
  const discount = discounts.find(holds(day))
  const full = decimal(free?.periodFee ?? price.periodFee)
  const off =
    discount === undefined ? undefined : discount.amount !== null ? decimal(discount.amount) : full.times(discount.percent ?? 0).div(100)
  const left = off === undefined ? full : full.minus(off)
  return {
    unitPrice: (left.lt(0) ? decimal(0) : left).round(4).toFixed(),
    listPrice: price.periodFee,
    since: price.from,
    ...(free && { freePrice: free.periodFee }),
    ...(discount && {
      discount: {
        label: discount.label,
        ...(discount.amount !== null && { amount: discount.amount }),
        ...(discount.percent !== null && { percent: discount.percent }),
      },
    }),
  }
}

function usageOf({ usage }: Terms, source: string, first: string, end: string): string {
  return usage
    .filter(each => each.source === source && each.day >= first && each.day < end)
    .reduce((sum, { quantity }) => sum.plus(quantity), decimal(0))
    .toFixed()
}
