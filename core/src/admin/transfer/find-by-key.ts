import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { AnyResource } from '../../app/resource.ts'
import { currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { keyColumns, visibleTo } from '../find.ts'

/**
 * The rows that have these values in these fields of their table, with the place of the values among the wanted. One statement. `loosely`:
 * capitals count for nothing, and no index is needed.
 */
export async function findByKey(
  tx: Tx,
  resource: AnyResource,
  names: readonly string[],
  wanted: readonly (readonly unknown[])[],
  loosely: boolean,
): Promise<readonly { readonly id: number; readonly place: number }[]> {
  const all = getTableColumns(resource.table) as Record<string, PgColumn | undefined>
  const columns = names.flatMap(name => all[name] ?? [])
  if (columns.length === 0 || wanted.length === 0) return []
  const arrays = columns.map(
    (column, index): SQL => sql`${sql.param(wanted.map(values => values[index]))}::${sql.raw(column.getSQLType())}[]`,
  )
  const sought = columns.map((_, index) => sql.raw(`wanted.k${index}`))
  const { rows } = await tx.execute<{ id: number; place: number }>(sql`
    SELECT ${keyColumns(resource.table).id} AS id, wanted.place::int - 1 AS place
    FROM unnest(${sql.join(arrays, sql`, `)}) WITH ORDINALITY AS wanted (${sql.join(
      [...columns.map((_, index) => sql.raw(`k${index}`)), sql.raw('place')],
      sql`, `,
    )})
    JOIN ${resource.table} ON (${sql.join(loosely ? columns.map(loose) : [...columns], sql`, `)}) = (${sql.join(
      loosely ? sought.map(loose) : sought,
      sql`, `,
    )})
    WHERE ${visibleTo(resource, currentScope().actor)}
    ORDER BY 2, 1`)
  return rows.map(({ id, place }) => ({ id: Number(id), place }))
}

const loose = (value: PgColumn | SQL): SQL => sql`lower(${value}::text)`
