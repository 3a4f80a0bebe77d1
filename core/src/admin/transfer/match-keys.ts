import { getTableColumns } from 'drizzle-orm'
import { type AnyResource, keysOf, type Variant } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { type SettledField, settleFields } from '../fields.ts'
import { parseInput } from '../parse-input.ts'
import { type DraftRow, refuse } from './draft-row.ts'
import { findByKey } from './find-by-key.ts'
import { KeyWords, type ReadRow } from './key-words.ts'
import { loadRows } from './load-rows.ts'
import { isSame } from './values.ts'

const batchSize = 5000

/** True when a row says by which it can be found: an id, or everything of a key. */
export const isNamedRow = (row: DraftRow, resource: AnyResource): boolean =>
  row.stored !== undefined || Boolean(row.raw.id) || keysOf(resource).some(key => gives(row, key))

/**
 * The rows that are meant by drafts without an id: each is looked for by the first key of which it gives every field. Several rows that
 * a key after the first fits, and lines of the file that only such a key tells apart, are mistakes.
 */
export async function idsByKeys(tx: Tx, kind: Variant, drafts: readonly DraftRow[]): Promise<Map<DraftRow, number>> {
  const { resource } = kind
  const keys = keysOf(resource)
  const fields = keyFields(resource)
  const found = new Map<DraftRow, number>()
  const read = await readKeys(tx, keys, fields, drafts)
  for (const [index, key] of keys.entries()) {
    const said = new KeyWords(kind, index)
    for (const row of read.filter(({ draft }) => gives(draft, key))) said.refuseTwice(row)
    const mine = read.filter(({ draft, by }) => by === index && draft.verdict !== 'wrong')
    for (let at = 0; at < mine.length; at += batchSize) {
      const batch = mine.slice(at, at + batchSize)
      for (const [row, ids] of await rowsMeant(tx, resource, fields, key, index > 0, batch)) {
        const [id] = ids
        if (ids.length > 1) refuse(row.draft, said.several(row))
        else if (id !== undefined) found.set(row.draft, id)
      }
    }
  }
  return found
}

const gives = ({ raw }: DraftRow, key: readonly string[]): boolean => key.length > 0 && key.every(name => Boolean(raw[name]?.trim()))

/** The fields of all keys. What is referred to is an id by now, and choices may be anything that stands there. */
const keyFields = (resource: AnyResource): SettledField[] =>
  settleFields(resource.table, resource.fields, [...new Set(keysOf(resource).flat())]).map(({ choices: _, reference, ...field }) => ({
    ...field,
    kind: reference ? ('integer' as const) : field.kind,
    required: false,
  }))

async function readKeys(
  tx: Tx,
  keys: readonly (readonly string[])[],
  fields: readonly SettledField[],
  drafts: readonly DraftRow[],
): Promise<ReadRow[]> {
  const { registry } = currentScope()
  const rows: ReadRow[] = []
  for (const draft of drafts) {
    const by = keys.findIndex(key => gives(draft, key))
    if (by < 0 || draft.verdict === 'wrong') continue
    // what cannot be understood is said when the whole row is read
    const parsed = await parseInput(registry, tx, fields, draft.raw, 'change')
    if (parsed.ok) rows.push({ draft, values: parsed.values, by })
  }
  return rows
}

async function rowsMeant(
  tx: Tx,
  resource: AnyResource,
  fields: readonly SettledField[],
  key: readonly string[],
  loosely: boolean,
  rows: readonly ReadRow[],
): Promise<Map<ReadRow, number[]>> {
  const columns = getTableColumns(resource.table)
  const inTable = key.filter(name => name in columns)
  const elsewhere = fields.filter(({ name }) => key.includes(name) && !(name in columns))
  const pairs = await findByKey(
    tx,
    resource,
    inTable,
    rows.map(({ values }) => inTable.map(name => values[name])),
    loosely,
  )
  const stored = elsewhere.length > 0 ? await loadRows(resource, [...new Set(pairs.map(({ id }) => id))], tx) : undefined
  const meant = new Map<ReadRow, number[]>()
  for (const { id, place } of pairs) {
    const row = rows[place]
    if (!row || (stored && !elsewhere.every(field => isSame(field, stored.get(id)?.[field.name], row.values[field.name])))) continue
    meant.set(row, [...(meant.get(row) ?? []), id])
  }
  return meant
}
