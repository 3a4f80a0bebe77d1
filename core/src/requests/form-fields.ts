import { type LoadedField, loadFields, type SettledField, settleFields } from '../admin/fields.ts'
import { fieldErrors } from '../admin/form.tsx'
import { parseInput, type Raw } from '../admin/parse-input.ts'
import { t } from '../app/i18n.ts'
import type { Field, Input } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { type FieldError, invalid } from '../errors.ts'
import { ofKind } from './kinds.ts'

/** The fields of a kind: what is filled in to ask (`fields`), or to accept (`settles`). */
export const fieldsOf = (kind: string, which: 'fields' | 'settles'): SettledField[] =>
  ofKind(kind, found => {
    const fields: Readonly<Record<string, Field>> = found[which] ?? {}
    return settleFields(undefined, fields, Object.keys(fields))
  })

/** The same with their choices, in the language of the page and the words of the kind’s app. */
export const loadedFieldsOf = (kind: string, which: 'fields' | 'settles', tx: Tx): Promise<LoadedField[]> =>
  ofKind(kind, async () => {
    const loaded = await loadFields(currentScope().registry, tx, fieldsOf(kind, which), async () => [])
    return loaded.map(field => ({
      ...field,
      label: t(field.label),
      ...(field.help && { help: t(field.help) }),
      ...(field.choices && {
        choices: field.choices.map(choice => ({ ...choice, label: t(choice.label), ...(choice.help && { help: t(choice.help) }) })),
      }),
    }))
  })

/** What was typed into these fields, understood; what is wrong is said in the words of the kind’s app. */
export const parseFields = (
  kind: string,
  which: 'fields' | 'settles',
  raw: Raw,
  tx: Tx,
): Promise<{ readonly values: Input } | { readonly errors: readonly FieldError[] }> =>
  ofKind(kind, async () => {
    const fields = fieldsOf(kind, which)
    const parsed = await parseInput(currentScope().registry, tx, fields, raw, 'add')
    if (parsed.ok) return { values: parsed.values }
    return { errors: parsed.errors.flatMap(({ field, message, values }) => fieldErrors(invalid(field, message, values), fields)) }
  })
