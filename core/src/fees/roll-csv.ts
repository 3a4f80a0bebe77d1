import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { Voter } from './roll.ts'

/** The roll for a spreadsheet: RFC 4180, with the separator that the spreadsheets of the language expect. */
export function rollCsv(voters: readonly Voter[]): string {
  const separator = currentScope().locale.startsWith('fr') ? ';' : ','
  const head = [t('Name'), t('Member since'), t('Paid up'), t('Until')]
  const lines = voters.map(({ name, joinedOn, paidUp, until }) => [name, joinedOn, paidUp ? t('Yes') : t('No'), until ?? ''])
  // the mark at the beginning says that it is UTF-8
  return `\ufeff${[head, ...lines].map(line => line.map(quoted).join(separator)).join('\r\n')}\r\n`
}

/** Quoted always; a name that a spreadsheet would work out as a formula is kept a text. */
const quoted = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
