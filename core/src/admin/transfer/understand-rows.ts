import { t } from '../../app/i18n.ts'
import type { Registry } from '../../app/registry.ts'
import { keysOf, type Row, type Variant } from '../../app/resource.ts'
import type { Tx } from '../../db/database.ts'
import { type SettledField, settleFields } from '../fields.ts'
import { parseInput } from '../parse-input.ts'
import { type DraftRow, problemOf, refuse } from './draft-row.ts'
import { isNamedRow } from './match-keys.ts'
import { isSame } from './values.ts'

/** The fields of a kind as cells are read: choices are loaded, and a row that is referred to is an id by now. */
export async function readableFields({ resource }: Variant, tx: Tx): Promise<SettledField[]> {
  const names = [...new Set([...resource.add, ...resource.change])]
  const fields: SettledField[] = []
  for (const { choices, ...field } of settleFields(resource.table, resource.fields, names)) {
    if (field.reference && !field.many) fields.push(field)
    else {
      const loaded = typeof choices === 'function' ? await choices(tx) : choices
      fields.push(loaded ? { ...field, choices: loaded } : field)
    }
  }
  return fields
}

/** Understands the cells of a row and decides what becomes of it. `applied`: this very file was imported before. */
export async function understandRow(
  registry: Registry,
  tx: Tx,
  kind: Variant,
  fields: readonly SettledField[],
  row: DraftRow,
  applied: boolean,
): Promise<void> {
  if (row.verdict === 'wrong') return
  if (row.stored) return understandChange(registry, tx, kind, fields, row, row.stored)
  const { add, change } = kind.resource
  if (add.length === 0)
    return refuse(row, problemOf(kind, row, { field: 'id', message: 'Rows of this kind are not added: give the id of one.' }))
  // a row that cannot be found again would come twice
  if (applied && !isNamedRow(row, kind.resource)) {
    row.verdict = 'same'
    return
  }
  row.values = await parse(
    registry,
    tx,
    kind,
    plain(fields, name => add.includes(name)),
    row,
    'add',
  )
  const later = fields.filter(({ name }) => !add.includes(name) && change.includes(name) && row.raw[name])
  if (later.length > 0) row.later = await parse(registry, tx, kind, plain(later), row, 'change')
}

async function understandChange(
  registry: Registry,
  tx: Tx,
  kind: Variant,
  fields: readonly SettledField[],
  row: DraftRow,
  stored: Row,
): Promise<void> {
  const { resource } = kind
  row.name = resource.describe(stored)
  // an empty cell says nothing where a form only takes and shows not, nor of what names the row: that would get another name
  const naming = keysOf(resource)[0] ?? []
  const given = plain(
    fields,
    name => row.raw[name] !== undefined && (row.raw[name] !== '' || (stored[name] !== undefined && !naming.includes(name))),
  )
  const values = await parse(registry, tx, kind, given, row, 'change', stored)
  const changed = given.filter(field => field.name in values && !isSame(field, stored[field.name], values[field.name]))
  const frozen = changed.filter(({ name }) => !resource.change.includes(name))
  for (const { name, label } of frozen) {
    if (stored[name] === undefined) continue
    refuse(
      row,
      problemOf(
        kind,
        row,
        { field: name, message: '{{label}} cannot be changed.', values: { label: t(label) } },
        'Write what is there, or leave the column out.',
      ),
    )
  }
  if (row.problems.length > 0) return
  row.values = Object.fromEntries(changed.filter(({ name }) => resource.change.includes(name)).map(({ name }) => [name, values[name]]))
  row.verdict = Object.keys(row.values).length > 0 ? 'changed' : 'same'
  if (row.verdict === 'changed' && resource.fixed?.(stored))
    refuse(row, problemOf(kind, row, { field: '', message: 'This row is not changed any more.' }, 'Leave it out, or as it is.'))
}

/** What is referred to is an id by now. */
const plain = (fields: readonly SettledField[], wanted: (name: string) => boolean = () => true): SettledField[] =>
  fields
    .filter(({ name }) => wanted(name))
    .map(field => {
      const { reference, ...rest } = field
      return reference && !field.many ? { ...rest, kind: 'integer' } : field
    })

async function parse(
  registry: Registry,
  tx: Tx,
  kind: Variant,
  fields: readonly SettledField[],
  row: DraftRow,
  mode: 'add' | 'change',
  stored?: Row,
): Promise<Record<string, unknown>> {
  const parsed = await parseInput(registry, tx, fields, row.raw, mode, stored)
  if (parsed.ok) return parsed.values
  for (const error of parsed.errors) refuse(row, problemOf(kind, row, error))
  return {}
}
