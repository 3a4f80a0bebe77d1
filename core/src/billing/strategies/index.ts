import type { AnyBillingStrategy } from '../../app/billing-strategy.ts'
import { anniversary } from './anniversary.ts'
import { freePrice, inAdvance } from './in-advance.ts'
import { inArrears } from './in-arrears.ts'
import { usage } from './usage.ts'
import { wholePeriods } from './whole-periods.ts'

/** The strategies that come with Coin, in the order of the form: the usual one first. */
export const strategies: readonly AnyBillingStrategy[] = [inAdvance, inArrears, anniversary, wholePeriods, freePrice, usage]
