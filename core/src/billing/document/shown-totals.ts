import Big from 'big.js'
import type { InvoiceDocument } from './document.ts'
import type { Shown } from './shown.ts'
import type { Words } from './words.ts'

export interface ShownTotal {
  readonly label: string
  readonly amount: string
  /** The one that counts. */
  readonly strong: boolean
}

/** From the net to what is to be paid, or what a receipt is for. */
export function totalsOf(document: InvoiceDocument, money: (amount: string) => string, own: Words, shown: Shown): readonly ShownTotal[] {
  const { kind, vat } = document
  const taxed = vat.filter(({ rate }) => !isNothing(rate))
  const isOneRate = vat.length === 1
  const before = [
    { label: own.net, amount: money(document.net) },
    ...taxed.map(({ rate, base, amount }) => ({
      label: `${own.vatOf} ${shown.percent(rate)}${isOneRate ? '' : ` ${own.vatBase} ${money(base)}`}`,
      amount: money(amount),
    })),
  ]
  const isCredit = kind === 'credit_note'
  const isReceipt = kind === 'donation' || kind === 'receipt'
  const total = { label: taxed.length > 0 ? own.totalWithVat : own.total, amount: money(document.total) }
  const paid = { label: isCredit ? own.used : own.paid, amount: money(new Big(document.paid).neg().toFixed()) }
  const due = { label: isCredit ? own.credit : own.due, amount: money(document.due) }
  const all = [
    ...(taxed.length > 0 ? before : []),
    total,
    ...(isReceipt || isNothing(document.paid) ? [] : [paid]),
    ...(isReceipt ? [] : [due]),
  ]
  return all.map((each, index) => ({ ...each, strong: index === all.length - 1 }))
}

const isNothing = (amount: string) => new Big(amount).eq(0)
