import type { ConstraintMessages } from '../db/errors.ts'

/** What the tables of fees and donations refuse, in words. */
export const constraints: ConstraintMessages = {
  membership_fee_member: { field: 'memberId', message: 'This member has membership fees and is kept, for the books.' },
  membership_fee_one_at_a_time: {
    field: 'from',
    message: 'The member has a fee for some of these days already.',
    hint: 'Begin on the day after it, or withdraw that one first.',
  },
  membership_fee_not_empty: { field: 'until', message: 'The last day is before the first one.' },
  membership_fee_finite: { field: 'from', message: 'Give a date of the calendar.' },
  membership_fee_amount: { field: 'amount', message: 'A fee is not below zero.' },
  membership_fee_currency: { message: 'Give a currency’s ISO 4217 code, such as EUR.' },
  membership_fee_invoice_key: { message: 'A bill is for one fee or one donation.' },
  donation_member: { field: 'memberId', message: 'This member has made donations and is kept, for the books.' },
  donation_amount: { field: 'amount', message: 'A donation is above zero.' },
  donation_currency: { message: 'Give a currency’s ISO 4217 code, such as EUR.' },
  donation_invoice_key: { message: 'A bill is for one fee or one donation.' },
  donation_given_on_finite: { field: 'givenOn', message: 'Give a date of the calendar.' },
  fee_reminder_gap: { message: 'This member was called for the fee a few days ago.' },
}
