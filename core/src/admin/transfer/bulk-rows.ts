import { sql } from 'drizzle-orm'
import type { AnyResource } from '../../app/resource.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError } from '../../errors.ts'
import { keyColumns, visibleIds } from '../find.ts'
import { selectionOf } from '../list.ts'
import { readListQuery } from '../list-query.ts'

/** More rows than this are not changed at once. */
const mostRows = 20_000

/** Which rows: those of these ids, or all that a list with this query has. */
export type ChosenRows = { readonly ids: readonly number[] } | { readonly query: string }

/** The ids of the chosen rows that whoever asks may see, in rising order. */
export async function idsOfChosen(resource: AnyResource, chosen: ChosenRows, tx: Tx): Promise<readonly number[]> {
  if ('ids' in chosen) return [...(await visibleIds(resource, chosen.ids, tx))].sort((a, b) => a - b)
  const { list, where } = await selectionOf(resource, tx, readListQuery(new URLSearchParams(chosen.query)))
  const { id } = keyColumns(resource.table)
  const { rows } = await tx.execute<{ id: number }>(
    sql`SELECT ${id} AS id FROM ${list.from} WHERE ${where} ORDER BY ${id} LIMIT ${mostRows + 1}`,
  )
  if (rows.length > mostRows)
    throw new CoinError('refused', 'These are more than {{count}} rows.', { values: { count: mostRows }, hint: 'Narrow the list first.' })
  return rows.map(row => Number(row.id))
}
