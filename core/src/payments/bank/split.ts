import { invalid } from '../../errors.ts'
import { parseMoney } from '../../ui/index.ts'

/** An amount of a part as it is typed, without a sign; money that goes out is below zero. */
export function readAmount(text: string, field: string, out: boolean): string {
  const amount = parseMoney(text)
  if (!amount.ok) throw invalid(field, amount.message, amount.values)
  return out ? `-${amount.value.replace(/^-/, '')}` : amount.value
}
