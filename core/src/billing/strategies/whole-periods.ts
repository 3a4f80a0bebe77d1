import { type DueCharge, defineBillingStrategy, type Stretch } from '../../app/billing-strategy.ts'
import { dueBy, type Period, type Rules } from './due.ts'
import { alignedOnTheMonth } from './grid.ts'

const rules: Rules = { grid: alignedOnTheMonth, due: 'in_advance', bill: billWhole }

export const wholePeriods = defineBillingStrategy({
  name: 'whole_periods',
  label: 'Whole periods, in advance, from the 1st of the month',
  help: 'A period that is begun is paid whole, the first and the last too',
  due: (stretch, from, until) => dueBy(rules, stretch, from, until),
})

/** One charge from the first day billed to the last, whatever lies between: days outside of the stretch may be another offer's. */
function billWhole(stretch: Stretch, { parts }: Period): DueCharge[] {
  const [{ first }] = parts
  const fee = stretch.feeOn(first)
  return [{ kind: 'period', first, end: (parts.at(-1) ?? parts[0]).end, quantity: '1', unit: 'period', unitPrice: fee.unitPrice, fee }]
}
