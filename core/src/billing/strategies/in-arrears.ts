import { defineBillingStrategy } from '../../app/billing-strategy.ts'
import { dueBy, type Rules } from './due.ts'
import { alignedOnTheMonth } from './grid.ts'
import { billByDays } from './shares.ts'

const rules: Rules = { grid: alignedOnTheMonth, due: 'in_arrears', bill: billByDays }

export const inArrears = defineBillingStrategy({
  name: 'in_arrears',
  label: 'In arrears, from the 1st of the month',
  help: 'A period is billed once it has ended; one that is cut costs its share by days',
  due: (stretch, from, until) => dueBy(rules, stretch, from, until),
})
