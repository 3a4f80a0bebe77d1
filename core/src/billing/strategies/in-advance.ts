import { defineBillingStrategy } from '../../app/billing-strategy.ts'
import { dueBy, type Rules } from './due.ts'
import { alignedOnTheMonth } from './grid.ts'
import { billByDays } from './shares.ts'

const rules: Rules = { grid: alignedOnTheMonth, due: 'in_advance', bill: billByDays }

export const inAdvance = defineBillingStrategy({
  name: 'in_advance',
  label: 'In advance, from the 1st of the month',
  help: 'A period that is cut costs its share by days',
  due: (stretch, from, until) => dueBy(rules, stretch, from, until),
})

/** The same, for offers whose price members choose: what they chose is their fee already, the offer's is what they are advised to pay. */
export const freePrice = defineBillingStrategy({
  ...inAdvance,
  name: 'free_price',
  label: 'Free price, in advance',
  help: 'Members choose the price, from the minimum on; the fee is what they are advised to pay',
})
