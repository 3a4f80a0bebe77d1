import type { ConstraintMessages } from '../../db/errors.ts'

/** What the tables of direct debits refuse, in words. */
export const sepaConstraints: ConstraintMessages = {
  sepa_mandate_member: { field: 'memberId', message: 'This member does not exist, or has mandates.' },
  sepa_mandate_reference_form: {
    field: 'reference',
    message: "A reference has at most 35 letters, digits or +?/:().,'- and neither begins nor ends with a slash.",
  },
  sepa_mandate_reference_key: { field: 'reference', message: 'Another mandate has this reference.' },
  sepa_mandate_iban_form: { field: 'iban', message: 'This is no IBAN: a character is wrong or missing.' },
  sepa_mandate_bic_form: { field: 'bic', message: 'This is no BIC: it has 8 or 11 characters, such as AGRIFRPP.' },
  sepa_mandate_named: { field: 'name', message: 'Say who holds the account.' },
  sepa_mandate_signed_on_finite: { field: 'signedOn', message: 'Give a date of the calendar.' },
  sepa_mandate_sequence: { field: 'sequence', message: 'Choose how often it is collected.' },
  sepa_mandate_one_active: {
    field: 'memberId',
    message: 'This member has an active mandate.',
    hint: 'End it first: one mandate at a time.',
  },
  sepa_collection_mandate: { message: 'Something was collected by this mandate.', hint: 'End it instead.' },
  sepa_collection_amount: { field: 'amount', message: 'Give an amount above zero.' },
  sepa_collection_invoice_amount: { field: 'amount', message: 'Give an amount above zero.' },
  sepa_collection_invoice_once: { message: 'An invoice is being collected already.', hint: 'Look at what is open again.' },
  sepa_collection_once: { message: 'A member is in a batch once.' },
  sepa_collection_payment: { message: 'This payment comes from a direct debit.', hint: 'Record that it was returned, or pay it back.' },
}
