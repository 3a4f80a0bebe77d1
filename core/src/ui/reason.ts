import { t } from '../app/i18n.ts'
import { formatDate } from './format.ts'

/** Why something was refused, as it is kept: an English sentence with values, so that each reader has it in their language. */
export interface Reason {
  readonly message: string
  readonly hint: string | null
  readonly values: Readonly<Record<string, string | number>>
}

/** The sentence, then what to do about it. Days among the values are written as the language does. */
export function reasonWords({ message, hint, values }: Reason): string {
  const shown = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? formatDate(value) : value,
    ]),
  )
  return [t(message, shown), hint && t(hint, shown)].filter(Boolean).join(' ')
}
