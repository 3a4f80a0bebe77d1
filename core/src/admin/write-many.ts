import { sql } from 'drizzle-orm'
import type { AnyResource, Input, Row } from '../app/resource.ts'
import type { Actor } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { keyColumns, notFound, type Verb, visibleTo } from './find.ts'
import { changeRow, columnsIn, removeRow, requirePossible } from './write.ts'

/** Gives many rows the same values, by the rules of their form: in one statement unless the resource has its own way. */
export async function changeRows(tx: Tx, actor: Actor, resource: AnyResource, rows: readonly Row[], values: Input): Promise<void> {
  requirePossible(resource, 'change', actor)
  if (resource.update) {
    for (const { id } of rows) await changeRow({ transaction: (_, work) => work(tx) }, actor, resource, id, undefined, values)
    return
  }
  const ids = rows.map(({ id }) => id)
  await requireAll(tx, actor, resource, 'change', ids)
  await tx.update(resource.table).set(columnsIn(resource.table, values)).where(among(resource, ids))
  await requireAll(tx, actor, resource, 'change', ids)
}

/** Removes many rows, likewise. */
export async function removeRows(tx: Tx, actor: Actor, resource: AnyResource, rows: readonly Row[]): Promise<void> {
  requirePossible(resource, 'remove', actor)
  if (resource.remove) {
    for (const { id } of rows) await removeRow({ transaction: (_, work) => work(tx) }, actor, resource, id)
    return
  }
  const ids = rows.map(({ id }) => id)
  await requireAll(tx, actor, resource, 'remove', ids)
  await tx.delete(resource.table).where(among(resource, ids))
}

const among = ({ table }: AnyResource, ids: readonly number[]) => sql`${keyColumns(table).id} = ANY (${sql.param([...ids])}::bigint[])`

/** Throws unless the actor may do this with each of them: before a change, and with what it made of them. */
async function requireAll(tx: Tx, actor: Actor, resource: AnyResource, verb: Verb, ids: readonly number[]): Promise<void> {
  const { rows } = await tx.execute<{ count: number }>(
    sql`SELECT count(*)::int AS count FROM ${resource.table} WHERE ${among(resource, ids)} AND ${visibleTo(resource, actor, verb)}`,
  )
  if (rows[0]?.count !== ids.length) throw notFound(resource)
}
