import type { ConstraintMessages } from '../db/errors.ts'

const dated = (table: string, message: string): ConstraintMessages => ({
  [`subscription_${table}_one_at_a_time`]: { field: 'from', message, hint: 'End that one first, or choose other days.' },
  [`subscription_${table}_finite`]: { message: 'Give a date of the calendar, and a number.' },
  [`subscription_${table}_not_empty`]: { field: 'until', message: 'The last day is before the first one.' },
})

/** What the tables of offers and subscriptions refuse, in words. */
export const constraints: ConstraintMessages = {
  offer_name_given: { field: 'name', message: 'Give a name.' },
  offer_reference_key: { field: 'reference', message: 'Another offer has this reference.', hint: 'Choose another one.' },
  offer_reference_form: { field: 'reference', message: 'Use letters, digits, dots and dashes, such as dsl-20.' },
  offer_period_positive: { field: 'periodMonths', message: 'A period has between 1 and 120 months.' },
  offer_commitment_positive: { field: 'commitmentMonths', message: 'A commitment has between 0 and 120 months.' },
  offer_vat_rate: { field: 'vatRate', message: 'A VAT rate lies between 0 and 100.' },
  offer_currency_form: { field: 'currency', message: 'Give a currency’s ISO 4217 code, such as EUR.' },
  offer_price_period_fee: { field: 'periodFee', message: 'A fee is not below zero.' },
  offer_price_initial_fee: { field: 'initialFee', message: 'A fee is not below zero.' },
  offer_price_one_per_day: {
    field: 'effectiveFrom',
    message: 'The offer has a price from this day on already.',
    hint: 'Change that one, or choose another day.',
  },
  offer_price_finite: { message: 'Give a date of the calendar, and a number.' },
  subscription_dates_finite: { message: 'Give a date of the calendar.' },
  subscription_member: { field: 'memberId', message: 'This member does not exist, or still has subscriptions.' },
  subscription_reference_key: {
    field: 'reference',
    message: 'Another subscription has this reference.',
    hint: 'Leave it empty to have one made.',
  },
  subscription_commitment_positive: { field: 'commitmentMonths', message: 'A commitment has between 0 and 120 months.' },
  subscription_resigned_after_start: { field: 'resignedOn', message: 'The last day is before the start.' },
  subscription_offer_offer: {
    field: 'configurationType',
    message: 'The offer has subscribers: its type of configuration stays, and it cannot be removed.',
    hint: 'Untick Sold, and make another offer.',
  },
  subscription_discount_labelled: { field: 'label', message: 'Give a label.' },
  subscription_discount_amount: { field: 'amount', message: 'A discount is above zero.' },
  subscription_discount_percent: { field: 'percent', message: 'A share lies between 0 and 100.' },
  subscription_discount_amount_or_percent: { field: 'amount', message: 'Give either an amount or a share.' },
  subscription_free_price_amount: { field: 'periodFee', message: 'A fee is not below zero.' },
  ...dated('offer', 'Another offer holds on some of these days.'),
  ...dated('suspension', 'Another suspension holds on some of these days.'),
  ...dated('discount', 'Another discount holds on some of these days.'),
  ...dated('free_price', 'Another free price holds on some of these days.'),
}
