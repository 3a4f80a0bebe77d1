import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { Choice } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import type { FieldError } from '../errors.ts'
import type { SettledField } from './fields.ts'
import { findRow, inSentence } from './find.ts'
import { hasControls, type ParsedValue, parseValue } from './parse-value.ts'

/** What was typed, by field; a field that is not there was not asked for. */
export type Raw = Readonly<Record<string, string | undefined>>

export type ParsedInput =
  | { readonly ok: true; readonly values: Record<string, unknown> }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/**
 * Understands a form or the options of a command. A field that is absent keeps its value (`change`) or its default (`add`); one that
 * is empty is emptied. Gives all errors at once. What is as it is `stored` was accepted once and is not checked again: a key may have expired.
 */
export async function parseInput(
  registry: Registry,
  tx: Tx,
  fields: readonly SettledField[],
  raw: Raw,
  mode: 'add' | 'change',
  stored: Readonly<Record<string, unknown>> = {},
): Promise<ParsedInput> {
  const values: Record<string, unknown> = {}
  const errors: FieldError[] = []
  for (const field of fields) {
    const typed = raw[field.name]
    const text = field.kind === 'textarea' ? typed?.replace(/[\s]+$/, '') : typed?.trim()
    if (field.many) {
      if (typed !== undefined) await understandMany(registry, tx, field, typed, values, errors)
      continue
    }
    if (!text) {
      if (field.required && !(mode === 'change' && (typed === undefined || field.secret)))
        errors.push({ field: field.name, message: '{{label}} is missing.', values: { label: t(field.label) } })
      else if (typed !== undefined && !(field.secret && mode === 'change')) empty(field, mode, values)
      continue
    }
    const parsed = await understand(registry, tx, field, text)
    const checked = parsed.ok && parsed.value !== stored[field.name] ? await check(field, parsed.value) : parsed
    if (checked.ok) values[field.name] = checked.value
    else errors.push({ field: field.name, message: checked.message, ...(checked.values && { values: checked.values }) })
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, values }
}

/** The words of a field that has several values. */
export const splitValues = (text: string): readonly string[] => text.split(/[\s,]+/).filter(word => word !== '')

async function understandMany(
  registry: Registry,
  tx: Tx,
  field: SettledField,
  typed: string,
  values: Record<string, unknown>,
  errors: FieldError[],
): Promise<void> {
  const parsed = []
  for (const word of new Set(splitValues(typed))) parsed.push(await understand(registry, tx, field, word))
  const wrong = parsed.find(one => !one.ok)
  if (wrong && !wrong.ok) errors.push({ field: field.name, message: wrong.message, ...(wrong.values && { values: wrong.values }) })
  else values[field.name] = parsed.flatMap(one => (one.ok ? [one.value] : []))
}

function empty(field: SettledField, mode: 'add' | 'change', values: Record<string, unknown>) {
  const { column } = field
  if (field.kind === 'boolean') values[field.name] = false
  else if (!column?.notNull) values[field.name] = null
  else if (
    mode === 'change' &&
    column.dataType === 'string' &&
    !['date', 'datetime', 'decimal', 'money', 'address', 'prefix'].includes(field.kind)
  )
    values[field.name] = ''
  else if (mode === 'change' && column.default !== undefined && typeof column.default !== 'object') values[field.name] = column.default
}

async function understand(registry: Registry, tx: Tx, field: SettledField, text: string): Promise<ParsedValue> {
  if (hasControls(text, field.kind === 'textarea'))
    return {
      ok: false,
      message: '{{label}} holds a character that cannot be kept. Type it again instead of pasting it.',
      values: { label: t(field.label) },
    }
  if (field.choices && field.kind !== 'reference')
    return choose(typeof field.choices === 'function' ? await field.choices(tx) : field.choices, text, field)
  if (!field.reference) return parseValue(field.kind, text, field.column)
  const id = await findRow(registry, tx, field.reference, text)
  const label = registry.resources.get(field.reference)?.resource.label ?? field.reference
  return id === undefined
    ? { ok: false, message: 'There is no {{kind}} “{{text}}”.', values: { kind: inSentence(t(label)), text: text.slice(0, 80) } }
    : { ok: true, value: id }
}

function choose(choices: readonly Choice[], text: string, field: SettledField): ParsedValue {
  const found =
    choices.find(choice => choice.value === text) ?? choices.find(choice => t(choice.label).toLowerCase() === text.toLowerCase())
  if (!found) return { ok: false, message: 'Choose one of {{choices}}.', values: { choices: listed(choices) } }
  const numeric = field.column?.dataType === 'number'
  return { ok: true, value: numeric ? Number(found.value) : found.value }
}

const listed = (choices: readonly Choice[]) =>
  `${choices
    .slice(0, 12)
    .map(choice => t(choice.label))
    .join(', ')}${choices.length > 12 ? ', …' : ''}`

async function check(field: SettledField, value: unknown): Promise<ParsedValue> {
  const result = await field.check?.safeParseAsync(value)
  if (!result || result.success) return { ok: true, value: result ? result.data : value }
  return { ok: false, message: result.error.issues[0]?.message ?? 'This is not accepted.' }
}
