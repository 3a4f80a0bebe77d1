/** Days from `first` until the day before `end`; without `end` until further notice. */
export interface Days {
  readonly first: Temporal.PlainDate
  readonly end: Temporal.PlainDate | null
}

/** What one period costs, and why. Amounts are decimal numbers as text, without VAT. */
export interface Fee {
  /** What is billed for a whole period: the member's own price when there is one, else the offer's, less the discount. Never below zero. */
  readonly unitPrice: string
  /** The offer's fee in force on that day. */
  readonly listPrice: string
  /** Since when the offer's fee is in force, ISO. */
  readonly since: string
  /** The price that this member chose or was granted instead. */
  readonly freePrice?: string
  readonly discount?: { readonly label: string; readonly amount?: string; readonly percent?: string }
}

/** The time during which a subscription has one offer: what a strategy is asked about. All of it is data, nothing is looked up. */
export interface Stretch {
  readonly subscription: { readonly id: number; readonly reference: string; readonly startedOn: Temporal.PlainDate }
  readonly offer: {
    readonly id: number
    readonly name: string
    readonly reference: string
    readonly periodMonths: number
    readonly currency: string
  }
  /** The first day that is billed with this offer. */
  readonly first: Temporal.PlainDate
  /** The day after the last one: the next offer's first day, or that after the resignation. Null while none is known. */
  readonly end: Temporal.PlainDate | null
  /** The subscription begins with this stretch: its initial fee is due. */
  readonly begins: boolean
  /** Days that are not billed, in order and apart from each other: suspensions, where the deployment has them stop billing. */
  readonly unbilled: readonly Days[]
  /** What a period costs that begins on `day`. Throws when the offer has no price then. */
  feeOn(day: Temporal.PlainDate): Fee
  /** The fee for the beginning, in force on `day`, as a decimal number. */
  initialFeeOn(day: Temporal.PlainDate): string
  /** What was used from `first` until the day before `end`: the sum of what apps have recorded of this source. */
  usage(source: string, first: Temporal.PlainDate, end: Temporal.PlainDate): string
}

/** What is due for some days of a stretch. Its amount is quantity times price, rounded by Coin to the currency's smallest unit. */
export interface DueCharge {
  /** `period`, `initial`, `usage`, or a name of the strategy's own. Charges of one kind never overlap. */
  readonly kind: string
  readonly first: Temporal.PlainDate
  /** The day after the last one. */
  readonly end: Temporal.PlainDate
  /** A decimal number, two decimals at most for shares of a period. */
  readonly quantity: string
  /** `period`, `once`, or a unit of measure such as `GB`. */
  readonly unit: string
  /** A decimal number, four decimals at most, not below zero. */
  readonly unitPrice: string
  /** How the price of a period comes about. */
  readonly fee?: Fee
  /** The days counted, and those of a whole period, when the quantity is a share of it. */
  readonly days?: { readonly counted: number; readonly of: number }
}

export interface Due {
  /** In the order of their days. */
  readonly charges: readonly DueCharge[]
  /**
   * What begins before this day will not change unless something else does (prices, dates, usage); what begins later may still come. No charge
   * lies across it. Not after the end of the last charge.
   */
  readonly settledUntil: Temporal.PlainDate
  /** The first day for which a run may find more; null when nothing will ever come. */
  readonly next: Temporal.PlainDate | null
}

export interface BillingStrategy {
  /** snake_case, unique among all apps: what offers are stored with. */
  readonly name: string
  readonly label: string
  readonly help?: string
  /**
   * What a stretch owes up to a run for the day `until`. Charges that begin before `from` may be left out. Pure: the same arguments give the
   * same charges on every day, and an earlier `from` gives the same charges and more. Whatever it throws sets the member aside with the reason.
   */
  due(stretch: Stretch, from: Temporal.PlainDate, until: Temporal.PlainDate): Due
}

const brand = Symbol.for('coin.billing_strategy')

/** A strategy as the registry keeps it. */
export interface AnyBillingStrategy extends BillingStrategy {
  readonly [brand]: 1
}
export const isBillingStrategy = (value: unknown): value is AnyBillingStrategy =>
  typeof value === 'object' && value !== null && brand in value

/** Declares how offers may be billed: the choice appears in their form. */
export const defineBillingStrategy = (strategy: BillingStrategy): AnyBillingStrategy => Object.freeze({ ...strategy, [brand]: 1 as const })
