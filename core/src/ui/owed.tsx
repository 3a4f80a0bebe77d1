import { t } from '../app/i18n.ts'
import { formatMoney } from './format.ts'

/** What somebody owes, for a column of money: a dash for nothing, "in credit" on a second line below zero. */
export function Owed({ amount, currency }: { amount: string; currency?: string }) {
  const sign = Math.sign(Number(amount))
  if (sign === 0) return <span class="quiet">–</span>
  return (
    <>
      {formatMoney(amount.replace(/^-/, ''), currency)}
      {sign < 0 && <span class="sub">{t('in credit')}</span>}
    </>
  )
}
