import type { Variant } from '../../app/resource.ts'
import type { Tx } from '../../db/database.ts'
import { idIn, visibleIds } from '../find.ts'
import { type DraftRow, problemOf, refuse } from './draft-row.ts'
import { sameAs } from './key-words.ts'
import { loadRows } from './load-rows.ts'
import { idsByKeys } from './match-keys.ts'

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
  const all = [...found]
  for (let at = 0; at < all.length; at += batchSize) {
    const part = all.slice(at, at + batchSize)
    const ids = part.map(([, id]) => id)
    const stored = await loadRows(kind.resource, [...new Set(ids)], tx)
    for (const [row, id] of part) {
      const there = stored.get(id)
      if (there) row.stored = there
      else if (row.verdict !== 'wrong') refuse(row, unknown(kind, row, id))
    }
  }
}

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
  for (const [row, id] of await idsByKeys(tx, kind, unnumbered)) found.set(row, id)
  return found
}
