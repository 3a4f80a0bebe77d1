import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Registry } from '../../app/registry.ts'
import { type AnyResource, keysOf } from '../../app/resource.ts'
import { type Actor, currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { findRow, idIn, keyColumns, visibleTo } from '../find.ts'

/** The column that alone names the rows of a kind for good, or the kind that names them. */
function namedBy(registry: Registry, name: string): { resource: AnyResource; column: PgColumn; through?: string } | undefined {
  const resource = registry.resources.get(name)?.resource
  const [key, ...others] = (resource && keysOf(resource)[0]) ?? []
  const column = resource && key !== undefined && others.length === 0 ? columnNamed(resource, key) : undefined
  if (!resource || !key || !column) return undefined
  const through = resource.fields[key]?.reference
  return { resource, column, ...(through && { through }) }
}

/** The column of the table in which a field is kept. */
export const columnNamed = ({ table }: AnyResource, field: string): PgColumn | undefined =>
  (getTableColumns(table) as Record<string, PgColumn | undefined>)[field]

/** Whether rows of a kind have names of their own, so that a file need not tell their ids. */
export function isNamed(registry: Registry, name: string): boolean {
  const found = namedBy(registry, name)
  return found !== undefined && (found.through === undefined || (found.through !== name && isNamed(registry, found.through)))
}

/** What names these rows in files, by id. One statement, and one more for a kind that is named by another. */
export async function namesOf(registry: Registry, tx: Tx, name: string, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const found = namedBy(registry, name)
  if (!found || ids.length === 0 || !isNamed(registry, name)) return new Map()
  const { resource, column, through } = found
  const rows = await selectPairs(tx, resource, column, sql`${keyColumns(resource.table).id} = ANY (${sql.param([...ids])}::bigint[])`)
  if (!through) return new Map(rows.map(({ id, value }) => [id, value]))
  const names = await namesOf(registry, tx, through, [...new Set(rows.map(({ value }) => Number(value)))])
  return new Map(rows.flatMap(({ id, value }) => (names.has(Number(value)) ? [[id, names.get(Number(value)) as string]] : [])))
}

/**
 * The ids of the rows that are meant by these texts: what names a row, its id, or anything that people type for one. Those that are named
 * or numbered in one statement each; what is left over is looked for one by one.
 */
export async function idsOf(registry: Registry, tx: Tx, name: string, texts: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const wanted = [...new Set(texts)]
  const found = new Map(await idsByName(registry, tx, name, wanted, currentScope().actor))
  const numbered = wanted.filter(text => !found.has(text) && idIn(text) !== undefined)
  const there = await existing(
    registry,
    tx,
    name,
    numbered.map(text => idIn(text) as number),
  )
  for (const text of numbered) if (there.has(idIn(text) as number)) found.set(text, idIn(text) as number)
  for (const text of wanted) {
    const id = found.has(text) ? undefined : await findRow(registry, tx, name, text)
    if (id !== undefined) found.set(text, id)
  }
  return found
}

async function idsByName(registry: Registry, tx: Tx, name: string, texts: readonly string[], actor: Actor): Promise<Map<string, number>> {
  const found = namedBy(registry, name)
  if (!found || texts.length === 0 || !isNamed(registry, name)) return new Map()
  const { resource, column, through } = found
  const visible = visibleTo(resource, actor)
  if (!through) {
    const rows = await selectPairs(tx, resource, column, sql`${column}::text = ANY (${sql.param([...texts])}::text[]) AND ${visible}`)
    return new Map(rows.map(({ id, value }) => [value, id]))
  }
  const others = await idsByName(registry, tx, through, texts, actor)
  const rows = await selectPairs(tx, resource, column, sql`${column} = ANY (${sql.param([...others.values()])}::bigint[]) AND ${visible}`)
  const byOther = new Map(rows.map(({ id, value }) => [Number(value), id]))
  return new Map([...others].flatMap(([text, other]) => (byOther.has(other) ? [[text, byOther.get(other) as number]] : [])))
}

async function existing(registry: Registry, tx: Tx, name: string, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const resource = registry.resources.get(name)?.resource
  if (!resource || ids.length === 0) return new Set()
  const { id } = keyColumns(resource.table)
  const rows = await tx
    .select({ id })
    .from(resource.table)
    .where(sql`${id} = ANY (${sql.param([...ids])}::bigint[]) AND ${visibleTo(resource, currentScope().actor)}`)
  return new Set(rows.map(row => Number(row.id)))
}

async function selectPairs(tx: Tx, { table }: AnyResource, column: PgColumn, where: SQL): Promise<{ id: number; value: string }[]> {
  const rows = await tx
    .select({ id: keyColumns(table).id, value: sql<string | null>`${column}::text` })
    .from(table)
    .where(where)
  return rows.flatMap(({ id, value }) => (value === null ? [] : [{ id: Number(id), value }]))
}
