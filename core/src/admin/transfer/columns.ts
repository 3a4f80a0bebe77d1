import { t } from '../../app/i18n.ts'
import type { Registry } from '../../app/registry.ts'
import type { AnyResource } from '../../app/resource.ts'
import { type SettledField, settleFields } from '../fields.ts'
import { isNamed } from './names.ts'

/** One column of a file of rows. */
export interface TransferColumn {
  /** What stands above it, in every language. */
  readonly header: string
  readonly label: string
  /** Absent for the id. */
  readonly field?: SettledField
  /** A reference stands in two columns: by what names the row, and by its id. */
  readonly by?: 'name' | 'id'
}

/** The columns of the files of a kind: the id, then every field of its forms. Secrets are among them for imports only. */
export function columnsOf(registry: Registry, resource: AnyResource, { secrets = false } = {}): TransferColumn[] {
  const names = [...new Set([...resource.add, ...resource.change])].filter(name => secrets || !resource.fields[name]?.secret)
  const fields = settleFields(resource.table, resource.fields, names)
  return [{ header: 'id', label: 'Id' }, ...fields.flatMap(field => columnsOfField(registry, field, names))]
}

function columnsOfField(registry: Registry, field: SettledField, names: readonly string[]): TransferColumn[] {
  const label = t(field.label)
  if (!field.reference || field.many) return [{ header: field.name, label, field }]
  const short = field.name.replace(/Id$/, '')
  const named = isNamed(registry, field.reference)
  if (short === field.name || names.includes(short)) return [{ header: field.name, label, field, by: named ? 'name' : 'id' }]
  const byId: TransferColumn = { header: field.name, label: t('{{label}} (id)', { label }), field, by: 'id' }
  return named ? [{ header: short, label, field, by: 'name' }, byId] : [byId]
}
