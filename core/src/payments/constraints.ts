import type { ConstraintMessages } from '../db/errors.ts'

/** What the tables of payments refuse, in words. */
export const constraints: ConstraintMessages = {
  payment_member: { field: 'memberId', message: 'This member does not exist, or has payments.' },
  payment_received_on_finite: { field: 'receivedOn', message: 'Give a date of the calendar.' },
  payment_amount: { field: 'amount', message: 'An amount of zero pays nothing.' },
  payment_minor_digits: { field: 'amount', message: 'This currency has no decimals.' },
  payment_currency: { field: 'currency', message: 'Give a currency’s ISO 4217 code, such as EUR.' },
  payment_method: { field: 'method', message: 'Choose how it was paid.' },
  payment_invoice: { field: 'invoiceId', message: 'This invoice does not exist.' },
  payment_reverses: {
    field: 'reversesId',
    message: 'This payment was paid back or returned.',
    hint: 'Remove the refund or the return first.',
  },
  payment_reverses_below_zero: { field: 'amount', message: 'Money that is paid back or returned is below zero.' },
  payment_reverses_another: { field: 'reversesId', message: 'A payment does not undo itself.' },
  payment_allocated: { field: 'amount', message: 'More is allocated of this payment than it is.', hint: 'Take an allocation back first.' },
  invoice_allocated: {
    field: 'amount',
    message: 'More would be paid of this invoice than it asks for.',
    hint: 'Take an allocation back first.',
  },
  payment_allocation_amount: { field: 'amount', message: 'Give an amount above zero.' },
  payment_allocation_one_source: { message: 'An allocation comes from a payment or from a credit note.' },
  payment_allocation_one_end: { message: 'An allocation covers an invoice or a refund.' },
  payment_allocation_from_payment: { message: 'This payment does not exist.' },
  payment_allocation_from_credit_note: { message: 'This credit note does not exist.' },
  payment_allocation_to_invoice: { field: 'invoiceId', message: 'This invoice does not exist.' },
  payment_allocation_to_payment: { message: 'This refund does not exist.' },
}
