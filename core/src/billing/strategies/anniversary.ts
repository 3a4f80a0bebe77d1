import { defineBillingStrategy } from '../../app/billing-strategy.ts'
import { dueBy, type Rules } from './due.ts'
import { fromTheFirstDay } from './grid.ts'
import { billByDays } from './shares.ts'

const rules: Rules = { grid: fromTheFirstDay, due: 'in_advance', bill: billByDays }

export const anniversary = defineBillingStrategy({
  name: 'anniversary',
  label: 'In advance, from the day of the beginning',
  help: 'From the 15th to the 14th, for instance; only the last period may be cut',
  due: (stretch, from, until) => dueBy(rules, stretch, from, until),
})
