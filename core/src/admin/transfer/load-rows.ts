import { getTableColumns, sql } from 'drizzle-orm'
import type { AnyResource, Row } from '../../app/resource.ts'
import type { Tx } from '../../db/database.ts'
import { keyColumns } from '../find.ts'

/** Rows as their form has them, by id; of those that are not there any more nothing. Who may see them has been asked. */
export async function loadRows(resource: AnyResource, ids: readonly number[], tx: Tx): Promise<ReadonlyMap<number, Row>> {
  if (ids.length === 0) return new Map()
  const rows = await read(resource, ids, tx)
  return new Map(rows.map(row => [Number(row.id), row]))
}

async function read(resource: AnyResource, ids: readonly number[], tx: Tx): Promise<readonly Row[]> {
  if (resource.loadMany) return resource.loadMany(ids, tx)
  if (!resource.load) {
    const { id } = keyColumns(resource.table)
    const rows = await tx
      .select(getTableColumns(resource.table))
      .from(resource.table)
      .where(sql`${id} = ANY (${sql.param([...ids])}::bigint[])`)
    // the table has an id, checked by keyColumns
    return rows as unknown as Row[]
  }
  const rows: Row[] = []
  for (const id of ids) {
    const row = await resource.load(id, tx)
    if (row) rows.push(row)
  }
  return rows
}
