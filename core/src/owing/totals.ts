import { decimal, roundMoney } from '../billing/money.ts'
import type { BillLine } from './explanation.ts'

/** VAT of one rate: on what, and how much. */
export interface VatShare {
  readonly rate: string
  readonly base: string
  readonly vat: string
}

/** VAT is worked out once per rate, on the sum of its lines, and rounded once; rates without VAT are left out. As the database does when it adds a bill up. */
export function vatOf(lines: readonly Pick<BillLine, 'net' | 'vatRate'>[], currency: string): readonly VatShare[] {
  return [...Map.groupBy(lines, ({ vatRate }) => vatRate)]
    .filter(([rate]) => Number(rate) !== 0)
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([rate, own]) => {
      const base = own.reduce((sum, { net }) => sum.plus(net), decimal(0))
      return { rate, base: base.toFixed(2), vat: roundMoney(base.times(rate).div(100), currency).toFixed(2) }
    })
}
