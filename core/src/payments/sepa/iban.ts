import { electronicFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools'
import { invalid } from '../../errors.ts'

/** An IBAN as it is kept, without spaces. Refuses one whose check digits are wrong. */
export function ibanOf(text: string, field = 'iban'): string {
  const iban = electronicFormatIBAN(text)
  if (!iban || !isValidIBAN(iban)) throw invalid(field, 'This is no IBAN: a character is wrong or missing.')
  return iban
}

/** A BIC as it is kept; `''` for none. */
export function bicOf(text: string, field = 'bic'): string {
  const bic = text.replace(/\s/g, '').toUpperCase()
  if (bic && !isValidBIC(bic)) throw invalid(field, 'This is no BIC: it has 8 or 11 characters, such as AGRIFRPP.')
  return bic
}

/** In groups of four, as people read it. */
export const spacedIban = (iban: string): string => iban.replace(/(.{4})(?=.)/g, '$1 ')

/** Enough for whoever holds the account to recognise it, and no more. */
export const maskedIban = (iban: string): string => `${iban.slice(0, 4)}\u00a0…\u00a0${iban.slice(-4)}`
