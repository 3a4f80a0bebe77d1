import { type SettledField, settleFields } from '../admin/fields.ts'
import type { AnyConfiguration } from '../app/configuration.ts'

/** The columns of a type that have a label or are named by its admin, as fields; without those that are secret. */
export function fieldsOf({ spec }: AnyConfiguration): SettledField[] {
  const names = [...spec.admin.inline.fields, ...Object.keys(spec.fields), ...(spec.admin.list ?? []), ...(spec.admin.readonly ?? [])]
  return (
    settleFields(spec.table, spec.fields, [...new Set(names)])
      .filter(field => !field.secret)
      // what the app fills in when it is left empty need not be given
      .map(field => ({ ...field, required: spec.prepare ? spec.fields[field.name]?.required === true : field.required }))
  )
}

/** Those that staff may write. */
export const editableOf = (configuration: AnyConfiguration): SettledField[] => {
  const readonly = new Set<string>(configuration.spec.admin.readonly ?? [])
  return fieldsOf(configuration).filter(field => !readonly.has(field.name) && !field.column?.generated)
}

/** What a type is called, in English. */
export const nameOf = ({ type, spec }: AnyConfiguration): string => spec.verboseName ?? type
