import type { PricedCharge } from './due.ts'
import { type Decimal, decimal } from './money.ts'
import type { BilledCharge } from './terms.ts'

/** One new revision of what a subscription owes: a charge that was not there, that differs, or that is not due any more. */
export interface ChargeChange {
  /** What is due now; undefined when nothing is. */
  readonly due: PricedCharge | undefined
  /** What it takes the place of. */
  readonly instead: readonly BilledCharge[]
  /** For what is not due any more: the change that has its days now. */
  readonly givesWayTo: ChargeChange | undefined
  /** What is billed: what is due less what was billed. Below zero it is given back. */
  readonly difference: Decimal
}

/**
 * What has to be billed so that what was billed becomes what is due: nothing when they agree. A charge that was billed to another member, at another
 * VAT rate, in another currency or for another offer is given back as it was billed, and the new one billed whole. Pure.
 */
export function differenceOf(billed: readonly BilledCharge[], due: readonly PricedCharge[]): readonly ChargeChange[] {
  // the usual case: nothing that was billed is looked at again
  if (billed.length === 0)
    return due.map(charge => ({ due: charge, instead: nothing, givesWayTo: undefined, difference: amountIn(charge) }))
  const standing = new Map(billed.map(charge => [sameness(charge, charge.offerId), charge]))
  const fresh = due.filter(charge => {
    const key = sameness(charge, charge.offer.id)
    const known = standing.get(key)
    if (!known || known.amount !== charge.amount) return true
    standing.delete(key)
    return false
  })
  const left = new Set(standing.values())
  const changes: ChargeChange[] = []
  for (const charge of fresh) {
    const instead = [...left].filter(
      each =>
        each.kind === charge.kind &&
        each.offerId === charge.offer.id &&
        each.currency === charge.offer.currency &&
        (overlap(each, charge) || charge.kind === 'initial'),
    )
    const [head] = instead
    const direct = instead.filter(each => each.memberId === head?.memberId && each.vatRate === head?.vatRate)
    for (const each of direct) left.delete(each)
    changes.push({
      due: charge,
      instead: direct,
      givesWayTo: undefined,
      difference: direct.reduce((sum, { amount }) => sum.minus(amount), decimal(charge.amount)),
    })
  }
  for (const each of left) {
    const givesWayTo = changes.find(({ due }) => due !== undefined && due.kind === each.kind && overlap(each, due))
    // what was billed as nothing needs no correction, unless its days are needed
    if (decimal(each.amount).eq(0) && !givesWayTo) continue
    changes.push({ due: undefined, instead: [each], givesWayTo, difference: decimal(0).minus(each.amount) })
  }
  return changes
}

const nothing: readonly BilledCharge[] = []
const amounts = new WeakMap<PricedCharge, Decimal>()

function amountIn(charge: PricedCharge): Decimal {
  const known = amounts.get(charge)
  if (known) return known
  const amount = decimal(charge.amount)
  amounts.set(charge, amount)
  return amount
}

const overlap = (a: { readonly first: string; readonly end: string }, b: { readonly first: string; readonly end: string }) =>
  a.first < b.end && b.first < a.end

const sameness = ({ kind, first, end }: { readonly kind: string; readonly first: string; readonly end: string }, offerId: number) =>
  `${kind} ${first} ${end} ${offerId}`
