import { type AnyBillingStrategy, defineBillingStrategy } from '../../app/billing-strategy.ts'
import { decimal } from '../money.ts'
import { dueBy, type Rules } from './due.ts'
import { alignedOnTheMonth } from './grid.ts'
import { shareFor } from './shares.ts'

/** How what is used is billed. */
export interface UsageStrategy {
  /** snake_case, unique among all apps: what offers are stored with. */
  readonly name: string
  readonly label: string
  readonly help?: string
  /** What is measured: the `source` of `recordUsage`. */
  readonly source: string
  /** What it is counted in, such as `GB`. The fee of the offer is the price of one. */
  readonly unit: string
  /** What a whole period includes without charge, a decimal number; a period that is cut includes its share by days. Nothing unless given. */
  readonly included?: string
}

/** Makes a strategy that bills what was used in each period once it has ended, from the 1st of the month. */
export function usageStrategy({ name, label, help, source, unit, included }: UsageStrategy): AnyBillingStrategy {
  if (included !== undefined && !/^\d{1,12}(\.\d{1,2})?$/.test(included))
    throw new TypeError(`'${included}' is not a quantity such as 50 or 0.25`)
  const rules: Rules = { grid: alignedOnTheMonth, due: 'in_arrears', bill: billUsed(source, unit, included) }
  return defineBillingStrategy({
    name,
    label,
    ...(help !== undefined && { help }),
    due: (stretch, from, until) => dueBy(rules, stretch, from, until),
  })
}

export const usage = usageStrategy({
  name: 'usage',
  label: 'By use, in arrears',
  help: 'The fee is the price of a gigabyte that an app has measured',
  source: 'usage',
  unit: 'GB',
})

/** Nothing used is a charge too: so a run knows that it was looked at. */
function billUsed(source: string, unit: string, included: string | undefined): Rules['bill'] {
  return (stretch, { whole, parts }) => {
    const fee = stretch.feeOn(parts[0].first)
    return parts.map(part => {
      const used = decimal(stretch.usage(source, part.first, part.end))
      const billed = included === undefined ? used : used.minus(decimal(included).times(shareFor(part, whole).quantity))
      return { kind: 'usage', ...part, quantity: billed.gt(0) ? billed.toFixed() : '0', unit, unitPrice: fee.unitPrice, fee }
    })
  }
}
