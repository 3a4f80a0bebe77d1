import { currentScope, may, mayEverywhere } from '../app/scope.ts'
import { url } from '../app/url.ts'
import { payHref } from '../fees/fee-words.tsx'
import { linePath } from '../payments/bank/paths.ts'
import { sitePath } from '../ui/index.ts'

/** Where what a page names leads to, for whoever reads it: members stay among their own pages. */
export interface Links {
  readonly ledger: string
  bill(id: number): string
  payment(id: number): string | undefined
  subscription(id: number): string
  /** Members have no page of it. */
  bankLine?(id: number): string | undefined
  /** Where a bill is paid; staff do not pay for others. */
  pay?(id: number): string
}

export const ownLinks = (): Links => ({
  ledger: url('owing:money'),
  bill: id => url('owing:bill', { invoice: id }),
  payment: id => url('owing:payment', { id }),
  subscription: id => sitePath(`/subscriptions/${id}`),
  pay: payHref,
})

export const staffLinks = (memberId: number): Links => ({
  ledger: url('owing:member', { id: memberId }),
  bill: id => url('owing:member_bill', { id: memberId, invoice: id }),
  payment: id => (may(currentScope().actor, 'payment.view') ? sitePath(`/admin/payments/${id}`) : undefined),
  subscription: id => sitePath(`/admin/subscriptions/${id}`),
  bankLine: id => (mayEverywhere(currentScope().actor, 'bank.import') ? linePath(id) : undefined),
})
