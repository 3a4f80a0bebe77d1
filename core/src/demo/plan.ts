import type { OfferName } from './network.ts'

/** One subscription of the demonstration. Days are counted from today, negative ones are past. */
export interface Plan {
  /** The place of the member in `people`. */
  readonly who: number
  readonly offer: OfferName
  readonly from: number
  /** The last day. */
  readonly until?: number
  /** It ended before that, which was said when it was billed. */
  readonly endsEarly?: true
  /** Left without a configuration, though its type has one. */
  readonly bare?: true
  /** Another offer, from a day on. */
  readonly next?: readonly [OfferName, from: number]
  readonly suspended?: { readonly from: number; readonly until?: number; readonly reason: string }
  readonly discount?: {
    readonly label: string
    readonly from: number
    readonly until?: number
    readonly amount?: string
    readonly percent?: string
  }
  readonly freePrice?: string
  /** Lengths of further IPv4 blocks. */
  readonly more?: readonly number[]
  /** How many of them were given back. */
  readonly back?: number
  readonly comments?: string
}

const line = (who: number, offer: OfferName, from: number, rest: Partial<Plan> = {}): Plan => ({ who, offer, from, ...rest })

/** Subscriptions of every kind: running, to come, suspended, ended, changed, reduced, given, with and without a configuration. */
export const plans: readonly Plan[] = [
  line(0, 'dsl', -1100),
  line(0, 'voice', -1090),
  line(1, 'dsl', -2190, { next: ['fibre', -120] }),
  line(2, 'dsl', -1880, { more: [29], comments: 'Runs a small mail server: wants reverse names.' }),
  line(3, 'fibre', -630),
  line(4, 'fibre', -450, { suspended: { from: -10, until: 20, reason: 'Works in the house' } }),
  line(5, 'dsl', -970, { more: [32], back: 1 }),
  line(5, 'voice', -960),
  line(6, 'dsl', -1490),
  line(6, 'dsl', -300, { comments: 'The second house.' }),
  line(7, 'solidarity', -2880, { discount: { label: 'Founder', from: -400, percent: '20' } }),
  line(8, 'fibre', -200, { freePrice: '20.00' }),
  line(8, 'voice', -200),
  line(9, 'dsl', -700, { until: -60, comments: 'Ended for the fibre.' }),
  line(9, 'fibre', -59),
  line(10, 'dsl', -320, { next: ['fibre', 12] }),
  line(11, 'dsl', -380),
  line(12, 'dsl', -1230),
  line(12, 'colocation', -600),
  line(13, 'fibre', -90),
  line(13, 'voice', -85),
  line(14, 'dsl', -1000, { until: 5 }),
  line(15, 'dsl', -1660, { more: [30] }),
  line(16, 'fibre', -500),
  line(17, 'solidarity', -140, { freePrice: '9.00', suspended: { from: -80, until: -50, reason: 'Away' } }),
  line(18, 'fibre', -850),
  line(19, 'dsl', -1300),
  line(20, 'fibre', -270, { discount: { label: 'Brought a neighbour', from: -30, until: 150, amount: '5.00' } }),
  line(21, 'fibre', 20, { bare: true }),
  line(22, 'dsl', -2040, { suspended: { from: -15, reason: 'Asked by letter' } }),
  line(23, 'fibre', -425),
  line(24, 'dsl', -580),
  line(25, 'fibre', 4),
  line(26, 'dsl', -1390),
  line(27, 'fibre', -800),
  line(28, 'dsl', -2, { bare: true }),
  line(29, 'dsl', -1770, { freePrice: '0.00', comments: 'Keeps the mast: pays nothing.' }),
  line(30, 'office', -1540, { more: [29] }),
  line(31, 'office', -1950),
  line(31, 'colocation', -1900),
  line(32, 'office', -600, { discount: { label: 'Association', from: -600, percent: '50' } }),
  line(33, 'office', -880),
  line(33, 'colocation', -880, { freePrice: '0.00' }),
  line(34, 'office', -340),
  line(34, 'voice', -330),
  line(35, 'fibre', 6, { bare: true }),
  line(38, 'dsl', -2390, { until: -190 }),
  line(38, 'voice', -2390, { until: -190 }),
  line(39, 'fibre', -1090, { until: -24, endsEarly: true }),
  line(23, 'voice', -420),
]
