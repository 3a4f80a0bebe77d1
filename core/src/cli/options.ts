import { InvalidArgumentError, Option } from 'commander'
import type { SettledField } from '../admin/fields.ts'
import type { Raw } from '../admin/parse-input.ts'
import { t } from '../app/i18n.ts'

/** `firstName` and `ipv4_endpoint` as options: `first-name`, `ipv4-endpoint`. */
export const kebab = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()

/** The name of a field's option: a reference is called by what it refers to, `--member` and not `--member-id`. */
export const optionName = (field: SettledField): string => kebab(field.kind === 'reference' ? field.name.replace(/Id$/, '') : field.name)

/** An option for each field: its value is understood as the form's would be. */
export function fieldOptions(fields: readonly SettledField[], { required = true } = {}): Option[] {
  return fields.flatMap(field => {
    const name = optionName(field)
    if (field.kind === 'boolean')
      return [new Option(`--${name} [yes|no]`, helpOf(field, false)), new Option(`--no-${name}`, t('the opposite'))]
    return [new Option(`--${name} <${placeholder(field)}>`, helpOf(field, required && field.required))]
  })
}

const placeholders: Readonly<Record<string, string>> = {
  date: 'date',
  datetime: 'moment',
  integer: 'number',
  decimal: 'number',
  money: 'amount',
  address: 'address',
  prefix: 'prefix',
  email: 'address',
  reference: 'which',
  choice: 'choice',
}
const placeholder = (field: SettledField) => placeholders[field.kind] ?? 'text'

function helpOf(field: SettledField, required: boolean): string {
  const choices = Array.isArray(field.choices) ? `${field.choices.map(choice => choice.value || '""').join(', ')}` : ''
  return [t(field.label) + (required ? ' (required)' : ''), choices, field.help && t(field.help)].filter(Boolean).join('; ')
}

/** What was typed, by field; only those that were given. */
export function rawOf(fields: readonly SettledField[], options: Readonly<Record<string, unknown>>): Raw {
  return Object.fromEntries(
    fields.flatMap(field => {
      const value = options[new Option(`--${optionName(field)} <x>`).attributeName()]
      return value === undefined ? [] : [[field.name, typeof value === 'boolean' ? String(value) : String(value)]]
    }),
  )
}

/** Collects `--filter a=b --filter c=d`. */
export function collectFilters(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Give it as name=value.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
