import { type Column, getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Registry } from '../app/registry.ts'
import type { Choice, Field, FieldKind } from '../app/resource.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { visibleIds } from './find.ts'

/** A field with everything that its column tells. */
export interface SettledField extends Field {
  readonly name: string
  readonly kind: FieldKind
  readonly required: boolean
  /** Absent for a field that only `create` and `update` understand. */
  readonly column: Column | undefined
  /** A reference that is too long for a list of choices: it is looked up while one types. */
  readonly lookup?: boolean
}

/** A settled field whose choices are loaded. */
export type LoadedField = Omit<SettledField, 'choices'> & { readonly choices?: readonly Choice[] | undefined }

/** More choices than this are looked up while one types. */
export const mostChoices = 200

/** The fields named, in that order, each with its kind and whether it is required, derived from the table's columns unless said. */
export function settleFields(
  table: PgTable | undefined,
  fields: Readonly<Record<string, Field | undefined>>,
  names: readonly string[],
): SettledField[] {
  const columns: Record<string, Column> = table ? getTableColumns(table) : {}
  return names.map(name => {
    const field: Field = fields[name] ?? { label: humanise(name) }
    const column = field.column ?? columns[name]
    const kind = field.kind ?? (field.reference ? 'reference' : field.choices ? 'choice' : column ? kindOf(column) : 'text')
    const required = kind !== 'boolean' && (field.required ?? (column ? column.notNull && !column.hasDefault && !column.generated : false))
    return { ...field, name, kind, required, column }
  })
}

/** `ipv4Endpoint` and `ipv4_endpoint` become `Ipv4 endpoint`: better than nothing for a column that nobody named. */
export function humanise(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .trim()
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function kindOf(column: Column): FieldKind {
  const type = column.columnType
  if (column.dataType === 'boolean') return 'boolean'
  if (/^PgDate/.test(type)) return 'date'
  if (/^PgTimestamp/.test(type)) return 'datetime'
  if (/^Pg(Numeric|Real|DoublePrecision)/.test(type)) return 'decimal'
  if (/^Pg(Integer|SmallInt|BigInt|Serial|BigSerial|SmallSerial)/.test(type)) return 'integer'
  if (type === 'PgCidr') return 'prefix'
  if (type === 'PgInet') return 'address'
  return 'text'
}

/** Loads the choices of the fields: one statement for each that has to ask. References become choices while they are few. */
export async function loadFields(
  registry: Registry,
  tx: Tx,
  fields: readonly SettledField[],
  referenceChoices: ReferenceChoices,
): Promise<LoadedField[]> {
  const loaded: LoadedField[] = []
  for (const field of fields) {
    const { choices, ...rest } = field
    if (field.kind === 'reference' && field.reference) {
      const found =
        typeof choices === 'function'
          ? await visibleChoices(registry, tx, field.reference, await choices(tx))
          : (choices ?? (await referenceChoices(registry, tx, field.reference, mostChoices + 1)))
      loaded.push(found.length > mostChoices ? { ...rest, lookup: true } : { ...rest, choices: found })
    } else loaded.push({ ...rest, choices: typeof choices === 'function' ? await choices(tx) : choices })
  }
  return loaded
}

/** Choices that a declaration finds by itself, without what this actor may not see. */
async function visibleChoices(registry: Registry, tx: Tx, reference: string, choices: readonly Choice[]): Promise<readonly Choice[]> {
  const resource = registry.resources.get(reference)?.resource
  if (!resource || mayEverywhere(currentScope().actor, `${reference}.view`)) return choices
  const ids = choices.map(choice => Number(choice.value)).filter(Number.isSafeInteger)
  const visible = await visibleIds(resource, ids, tx)
  return choices.filter(({ value }) => visible.has(Number(value)))
}

/** Finds rows of a resource for a list of choices. */
export type ReferenceChoices = (registry: Registry, tx: Tx, resource: string, limit: number, term?: string) => Promise<readonly Choice[]>
