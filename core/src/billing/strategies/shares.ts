import type { DueCharge, Stretch } from '../../app/billing-strategy.ts'
import { shareOf } from '../money.ts'
import { daysIn, isBefore, type Span } from './days.ts'
import type { Period } from './due.ts'

/** How much of a period some of its days are, as a decimal number. */
export interface Share {
  readonly quantity: string
  /** Only of a period that is cut. */
  readonly days?: { readonly counted: number; readonly of: number }
}

export function shareFor(part: Span, whole: Span): Share {
  if (!isBefore(whole.first, part.first) && !isBefore(part.end, whole.end)) return { quantity: '1' }
  const days = { counted: daysIn(part), of: daysIn(whole) }
  return { quantity: shareOf(days.counted, days.of).toFixed(), days }
}

/** Each part of a period at its share of the period's price, which is that of the first day billed. */
export function billByDays(stretch: Stretch, { whole, parts }: Period): DueCharge[] {
  const fee = stretch.feeOn(parts[0].first)
  return parts.map(part => ({ kind: 'period', ...part, ...shareFor(part, whole), unit: 'period', unitPrice: fee.unitPrice, fee }))
}
