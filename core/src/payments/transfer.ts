import { currentScope } from '../app/scope.ts'
import { epcPayload } from '../billing/document/epc.ts'
import { decimal } from '../billing/money.ts'
import { paymentReference } from '../billing/payment-reference.ts'
import type { Payable } from './pay-queries.ts'

/** One transfer that pays bills of one currency. */
export interface Transfer {
  readonly amount: string
  readonly currency: string
  readonly name: string
  /** Without spaces; `''` when the provider has not said where it is paid to. */
  readonly iban: string
  readonly bic: string
  readonly reference: string
  /** What a QR code says; undefined where banking apps have none. */
  readonly qr: string | undefined
}

/** The transfer that pays these bills, which are of one currency. */
export function transferFor(bills: readonly Payable[]): Transfer {
  const { provider } = currentScope().registry.config
  const { iban: given = '', bic = '', name = '' } = provider.identity
  const iban = given.replace(/\s/g, '')
  const amount = bills.reduce((sum, { open }) => sum.plus(open), decimal(0)).toFixed(2)
  const currency = bills[0]?.currency ?? provider.currency
  const beneficiary = name || provider.name
  const reference = referenceFor(bills)
  return {
    amount,
    currency,
    name: beneficiary,
    iban,
    bic,
    reference,
    qr: iban ? epcPayload({ name: beneficiary, iban, bic, amount, currency, reference }) : undefined,
  }
}

/** All numbers if they fit on a transfer, else the first ones: the rest is covered by the rules. */
function referenceFor(bills: readonly Payable[]): string {
  const references = [...new Set(bills.flatMap(bill => bill.references))]
  const numbers = bills.map(({ number }) => number)
  while (numbers.length > 1 && paymentReference(references, numbers.join(' ')).length > 140) numbers.pop()
  return paymentReference(references, numbers.join(' '))
}
