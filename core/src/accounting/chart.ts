import { currentScope } from '../app/scope.ts'

export type Method = 'cash' | 'cheque' | 'transfer' | 'direct_debit' | 'card' | 'other'
export type Journal = 'sales' | 'bank' | 'cash' | 'misc'

/** Where a line of an invoice is booked: its own account, else the one of its kind. A credit note is booked as what it corrects. */
export function saleAccount(kind: string, own: string): string {
  const { accounts } = currentScope().registry.config.accounting
  if (own !== '') return own
  return kind === 'fee' ? accounts.fees : kind === 'donation' ? accounts.donations : accounts.sales
}

/** The account of VAT at a rate, such as `20.00`. */
export function vatAccount(rate: string): string {
  const { accounts, vatByRate } = currentScope().registry.config.accounting
  const own = Object.entries(vatByRate).find(([each]) => Number(each) === Number(rate))
  return own?.[1] ?? accounts.vat
}

/** The auxiliary account of a member. */
export const memberAccount = (memberId: number): string => `M${String(memberId).padStart(6, '0')}`

/** What an account is called; French, as the file is for French accountants. */
export function accountLabel(number: string): string {
  const { accounts, payments, labels } = currentScope().registry.config.accounting
  const own = labels[number]
  if (own) return own
  const known: Readonly<Record<string, string>> = {
    [payments.other.account]: 'Compte d’attente',
    [payments.cash.account]: 'Caisse',
    [payments.cheque.account]: 'Chèques à encaisser',
    [payments.card.account]: 'Banque',
    [payments.direct_debit.account]: 'Banque',
    [payments.transfer.account]: 'Banque',
    [accounts.vat]: 'TVA collectée',
    [accounts.donations]: 'Dons',
    [accounts.fees]: 'Cotisations',
    [accounts.sales]: 'Prestations de services',
    [accounts.customers]: 'Adhérents',
  }
  return known[number] ?? (number.startsWith('4457') ? 'TVA collectée' : `Compte ${number}`)
}
