import { t } from '../app/i18n.ts'
import { formatDate, formatMoney, formatNumber, State, sitePath } from '../ui/index.ts'
import type { Debtor } from './due.ts'
import { feeOf } from './mail.ts'

export const memberPath = (id: number): string => sitePath(`/admin/members/${id}`)
export const subscriptionPath = (id: number): string => sitePath(`/admin/subscriptions/${id}`)
export const invoicePath = (id: number): string => sitePath(`/admin/invoices/${id}`)

/** Which reminder it is, as a shape, a word and a colour. */
export const Stage = ({ debtor }: { debtor: Debtor }) => (
  <State tone={debtor.terms.mail === 'last' ? 'fail' : debtor.terms.mail === 'firm' ? 'drift' : 'wait'} icon="mail">
    {stageWord(debtor.stage)}
  </State>
)

/** `null`: written by hand. */
export const stageWord = (stage: number | null): string =>
  stage === null ? t('By hand') : t('Reminder {{number}}', { number: formatNumber(stage) })

export const sums = (totals: Debtor['totals']): string => totals.map(({ amount, currency }) => formatMoney(amount, currency)).join(' + ')

/** What the reminder does beside asking, in words; empty for nothing. */
export function follows(debtor: Debtor): readonly string[] {
  const fee = feeOf(debtor)
  const references = debtor.suspends.map(({ reference }) => reference).join(', ')
  return [
    ...(fee ? [t('Late fee of {{amount}}', { amount: formatMoney(fee) })] : []),
    ...(references && debtor.terms.suspend === 'automatic' ? [t('Suspends {{references}} at once', { references })] : []),
    ...(references && debtor.terms.suspend === 'propose' ? [t('Proposes to suspend {{references}}', { references })] : []),
  ]
}

/** Why somebody gets none today. */
export function sparedWord({ spared, again, pause }: Debtor): string {
  switch (spared) {
    case 'paused':
      return pause?.until
        ? t('Paused until {{date}}: {{reason}}', { date: formatDate(pause.until), reason: pause.reason })
        : t('Paused: {{reason}}', { reason: pause?.reason ?? '' })
    case 'recent':
      return t('Not again before {{date}}', { date: formatDate(again ?? '') })
    case 'small':
      return t('Too little to write for')
    case 'covered':
      return t('Money of theirs covers it, once it is allocated')
    default:
      return ''
  }
}
