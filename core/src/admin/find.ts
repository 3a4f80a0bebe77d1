import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Row } from '../app/resource.ts'
import { type Actor, currentScope, isStaff, may, mayEverywhere } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'

/** What people do with rows. */
export type Verb = 'view' | 'add' | 'change' | 'remove'

/** The columns of a resource's table that the engine itself uses. */
export function keyColumns(table: PgTable): { readonly id: PgColumn; readonly version: PgColumn | undefined } {
  const { id, version } = getTableColumns(table)
  if (!id) throw new Error('A resource needs a table with a column id')
  return { id, version }
}

/**
 * Which rows of a resource an actor may see, or do something else with, as a predicate: all for staff who may unless the resource says, those
 * of their offers and groups for staff who are limited to some, none for others.
 */
export function visibleTo(resource: AnyResource, actor: Actor, verb: Verb = 'view'): SQL {
  const permission = `${resource.name}.${verb}`
  const visible = resource.visible?.(actor) ?? (isStaff(actor) && may(actor, permission) ? sql`true` : sql`false`)
  const limit = actor.limits?.get(permission)
  return limit ? sql`(${visible}) AND (${resource.within?.(limit) ?? sql`false`})` : visible
}

/** Which of these rows whoever asks may see. */
export async function visibleIds(resource: AnyResource, ids: readonly number[], tx: Tx): Promise<ReadonlySet<number>> {
  const { id } = keyColumns(resource.table)
  const rows = await tx
    .select({ id })
    .from(resource.table)
    .where(sql`${id} = ANY (${sql.param([...ids])}::bigint[]) AND ${visibleTo(resource, currentScope().actor)}`)
  return new Set(rows.map(row => Number(row.id)))
}

/**
 * Throws unless there is this row and whoever asks may do this with it: for views that say `narrows`. Costs nothing for staff who may do it
 * with everything: what is not there is found out later.
 */
export async function requireVisible(resource: AnyResource, id: number, tx: Tx, verb: Verb = 'view'): Promise<void> {
  if (mayEverywhere(currentScope().actor, `${resource.name}.${verb}`) && !resource.visible) return
  if (!(await exists(resource, id, tx, currentScope().actor, verb))) throw notFound(resource)
}

/**
 * Whether whoever asks has a permission for what belongs to this row, such as `invoice.view` for the member 12: for a part of a page that
 * everybody may open who sees the row. Costs a statement for staff who are limited to some offers or groups, and nothing for others.
 */
export async function mayWith(permission: string, name: string, id: number): Promise<boolean> {
  const { actor, db, registry } = currentScope()
  const limit = actor.limits?.get(permission)
  if (!may(actor, permission) || !limit) return may(actor, permission)
  const { within, table } = resourceNamed(registry, name)
  if (!within) return false
  const { rows } = await db.execute(sql`SELECT FROM ${table} WHERE ${keyColumns(table).id} = ${id} AND (${within(limit)})`)
  return rows.length > 0
}

/** The resource of that name. */
export function resourceNamed(registry: Registry, name: string): AnyResource {
  const found = registry.resources.get(name)?.resource
  if (!found) throw new CoinError('not_found', 'There is no kind of object named {{name}}.', { values: { name } })
  return found
}

const largestId = 9_007_199_254_740_991

/** The id in `12` or in `Amina Berthier #12`, as choices write it; undefined for other words. */
export function idIn(text: string): number | undefined {
  const id = Number(/^(?:.*#)?([1-9]\d{0,15})$/.exec(text)?.[1] ?? Number.NaN)
  return id <= largestId ? id : undefined
}

/** The id of a visible row, by id or by what the resource's `find` understands. */
export async function findRow(registry: Registry, tx: Tx, name: string, text: string): Promise<number | undefined> {
  const resource = resourceNamed(registry, name)
  const id = idIn(text)
  if (id !== undefined && (await exists(resource, id, tx))) return id
  const found = await resource.find?.(text, tx)
  return found !== undefined && (await exists(resource, found, tx)) ? found : undefined
}

/** The row for a form or a page, or undefined when there is none that this actor may see. */
export async function loadRow(resource: AnyResource, id: number, tx: Tx, actor: Actor = currentScope().actor): Promise<Row | undefined> {
  const { id: key } = keyColumns(resource.table)
  if (resource.load) return (await exists(resource, id, tx, actor)) ? resource.load(id, tx) : undefined
  const [row] = await tx
    .select(getTableColumns(resource.table))
    .from(resource.table)
    .where(sql`${key} = ${id} AND ${visibleTo(resource, actor)}`)
  // the table has an id, checked by keyColumns
  return row as Row | undefined
}

/** As `loadRow`, or the error that says there is none. */
export async function requireRow(resource: AnyResource, id: number | undefined, tx: Tx, actor?: Actor): Promise<Row> {
  const row = id === undefined ? undefined : await loadRow(resource, id, tx, actor)
  if (!row) throw notFound(resource)
  return row
}

/** A label inside a sentence: `member`, but `DSL line`. */
export const inSentence = (label: string): string =>
  /^\p{Lu}(?!\p{Lu})/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label

export const notFound = (resource: AnyResource): CoinError =>
  new CoinError('not_found', 'There is no such {{kind}}.', { values: { kind: inSentence(t(resource.label)) } })

async function exists(
  resource: AnyResource,
  id: number,
  tx: Tx,
  actor: Actor = currentScope().actor,
  verb: Verb = 'view',
): Promise<boolean> {
  const { id: key } = keyColumns(resource.table)
  const rows = await tx
    .select({ id: key })
    .from(resource.table)
    .where(sql`${key} = ${id} AND ${visibleTo(resource, actor, verb)}`)
  return rows.length > 0
}
