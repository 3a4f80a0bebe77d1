import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { AnyResource, Variant } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import type { FieldError } from '../../errors.ts'
import { settleFields } from '../fields.ts'
import { idIn, keyColumns, visibleIds, visibleTo } from '../find.ts'
import { parseInput } from '../parse-input.ts'
import { type DraftRow, problemOf, refuse } from './draft-row.ts'
import { loadRows } from './load-rows.ts'

const batchSize = 500

/** Finds the rows that drafts change: by their ids, else by what names rows of the kind. What a row is found by twice is wrong. */
export async function matchRows(tx: Tx, kind: Variant, rows: readonly DraftRow[]): Promise<void> {
  const found = await idsOfDrafts(tx, kind, rows)
  const lines = new Map<number, number>()
  for (const [row, id] of found) {
    const earlier = lines.get(id)
    if (earlier === undefined) lines.set(id, row.line)
    else refuse(row, problemOf(kind, row, sameAs('id', earlier)))
  }
  const ids = [...lines.keys()]
  for (let at = 0; at < ids.length; at += batchSize) {
    const part = await loadRows(kind.resource, ids.slice(at, at + batchSize), tx)
    for (const [row, id] of found) {
      const stored = part.get(id)
      if (stored) row.stored = stored
    }
  }
  for (const [row, id] of found) if (!row.stored && row.verdict !== 'wrong') refuse(row, unknown(kind, row, id))
}

const sameAs = (field: string, line: number): FieldError => ({
  field,
  message: 'This is the same row as on line {{line}}: leave one of them out.',
  values: { line },
})

const unknown = (kind: Variant, row: DraftRow, id: number) =>
  problemOf(kind, row, { field: 'id', message: 'There is no row {{id}}.', values: { id } }, 'Leave the id empty to add the row.')

async function idsOfDrafts(tx: Tx, kind: Variant, rows: readonly DraftRow[]): Promise<Map<DraftRow, number>> {
  const found = new Map<DraftRow, number>()
  const unnumbered: DraftRow[] = []
  for (const row of rows) {
    const text = row.raw.id ?? ''
    const id = idIn(text)
    if (id !== undefined) found.set(row, id)
    else if (text === '') unnumbered.push(row)
    else
      refuse(
        row,
        problemOf(kind, row, { field: 'id', message: 'An id is a whole number, or empty.' }, 'Leave the id empty to add the row.'),
      )
  }
  const visible = await visibleIds(kind.resource, [...found.values()], tx)
  for (const [row, id] of [...found])
    if (!visible.has(id)) {
      found.delete(row)
      refuse(row, unknown(kind, row, id))
    }
  for (const [row, id] of await idsByKey(tx, kind, unnumbered)) found.set(row, id)
  return found
}

/** The columns of a kind's key; undefined when it has none that tables know. */
function keyOf(resource: AnyResource): readonly (readonly [string, PgColumn])[] | undefined {
  const columns = getTableColumns(resource.table) as Record<string, PgColumn | undefined>
  const key = (resource.key ?? []).map(name => [name, columns[name]] as const)
  return key.length > 0 && key.every((entry): entry is [string, PgColumn] => entry[1] !== undefined) ? key : undefined
}

/** True when a row says by which it can be found: an id, or everything of the key. */
export const isNamedRow = ({ raw, stored }: DraftRow, { key }: AnyResource): boolean =>
  stored !== undefined || Boolean(raw.id) || key?.every(name => Boolean(raw[name])) === true

async function idsByKey(tx: Tx, kind: Variant, rows: readonly DraftRow[]): Promise<Map<DraftRow, number>> {
  const { resource } = kind
  const key = keyOf(resource)
  const result = new Map<DraftRow, number>()
  if (!key) return result
  const fields = settleFields(resource.table, resource.fields, resource.key ?? []).map(({ choices: _, reference, ...field }) => ({
    ...field,
    kind: reference ? ('integer' as const) : field.kind,
    required: false,
  }))
  const named = new Map<string, DraftRow>()
  const wanted: unknown[][] = []
  for (const row of rows) {
    if (row.verdict === 'wrong' || !isNamedRow(row, resource)) continue
    const parsed = await parseInput(currentScope().registry, tx, fields, row.raw, 'change')
    if (!parsed.ok) continue
    const values = key.map(([name]) => parsed.values[name])
    const text = JSON.stringify(values.map(String))
    const earlier = named.get(text)
    if (earlier) refuse(row, problemOf(kind, row, sameAs(key[0]?.[0] ?? '', earlier.line)))
    else {
      named.set(text, row)
      wanted.push(values)
    }
  }
  for (let at = 0; at < wanted.length; at += batchSize)
    for (const { id, values } of await readByKey(
      tx,
      resource,
      key.map(([, column]) => column),
      wanted.slice(at, at + batchSize),
    )) {
      const row = named.get(JSON.stringify(values))
      if (row) result.set(row, id)
    }
  return result
}

async function readByKey(tx: Tx, resource: AnyResource, columns: readonly PgColumn[], wanted: readonly unknown[][]) {
  const arrays = columns.map(
    (column, index): SQL => sql`${sql.param(wanted.map(values => values[index]))}::${sql.raw(column.getSQLType())}[]`,
  )
  const { rows } = await tx.execute<{ id: number; place: number }>(sql`
    SELECT ${keyColumns(resource.table).id} AS id, wanted.place::int AS place
    FROM unnest(${sql.join(arrays, sql`, `)}) WITH ORDINALITY AS wanted (${sql.join(
      [...columns.map((_, index) => sql.raw(`k${index}`)), sql.raw('place')],
      sql`, `,
    )})
    JOIN ${resource.table} ON (${sql.join([...columns], sql`, `)}) = (${sql.join(
      columns.map((_, index) => sql.raw(`wanted.k${index}`)),
      sql`, `,
    )})
    WHERE ${visibleTo(resource, currentScope().actor)}`)
  return rows.map(({ id, place }) => ({ id: Number(id), values: (wanted[place - 1] ?? []).map(String) }))
}
