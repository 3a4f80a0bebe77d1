import { State } from '../ui/index.ts'
import { isStrategy, strategyLabel } from './strategy-choice.ts'

/** How an offer is billed, in words; one that no installed app brings stands out, since nothing bills it. */
export const StrategyName = ({ name }: { name: string }) =>
  isStrategy(name) ? <span>{strategyLabel(name)}</span> : <State tone="fail">{strategyLabel(name)}</State>
