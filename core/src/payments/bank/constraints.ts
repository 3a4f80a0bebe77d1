import type { ConstraintMessages } from '../../db/errors.ts'

/** What the tables of bank statements refuse, in words. */
export const bankConstraints: ConstraintMessages = {
  bank_account_name_key: { field: 'name', message: 'Another account has this name.' },
  bank_account_named: { field: 'name', message: 'Give the account a name.' },
  bank_account_iban_form: { field: 'iban', message: 'Give an IBAN in capitals, without spaces.' },
  bank_account_iban_key: { field: 'iban', message: 'Another account has this IBAN.' },
  bank_account_currency: { field: 'currency', message: 'Give a currency’s ISO 4217 code, such as EUR.' },
  bank_import_account: { field: 'account', message: 'Statements were imported into this account: it stays.' },
  bank_line_once: { message: 'One of these bank lines was imported meanwhile.', hint: 'Look at the preview again.' },
  bank_line_payment_payment: {
    message: 'This payment comes from a bank statement: it stays.',
    hint: 'Take the bank line back, or undo its import.',
  },
  bank_line_payment_line: { message: 'Payments came of this bank line: it stays.', hint: 'Undo its import.' },
  bank_rule_once: { field: 'value', message: 'This rule is there already.' },
  bank_rule_value: {
    field: 'value',
    message: 'Give an IBAN in capitals without spaces, or words of small letters with one space between them.',
  },
  bank_rule_member: { field: 'memberId', message: 'This member does not exist.' },
}
