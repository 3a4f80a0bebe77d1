import { type SQL, sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Choice, Filter, ListColumn, ResourceList, Row } from '../app/resource.ts'
import { type Actor, currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { keyColumns, resourceNamed, visibleTo } from './find.ts'

/** How many rows a page may have; the first is the usual one. */
export const pageSizes = [50, 25, 100] as const

/** What a list is asked for. Anything may come from an address bar: what is not understood is left out. */
export interface ListQuery {
  readonly search?: string | undefined
  readonly view?: string | undefined
  readonly filters?: Readonly<Record<string, string | undefined>> | undefined
  readonly sort?: string | undefined
  readonly page?: number | undefined
  readonly size?: number | undefined
}

/** A list as it is shown: what was understood of the query, and its rows. */
export interface ListResult {
  /** Which list it is: that of the view, if it has one of its own. */
  readonly list: ResourceList
  readonly rows: readonly Row[]
  readonly total: number
  readonly page: number
  readonly size: number
  readonly sort: { readonly key: string; readonly descending: boolean }
  readonly search: string
  readonly view: string
  readonly filters: Readonly<Record<string, string>>
  /** The choices of each filter. */
  readonly choices: Readonly<Record<string, readonly Choice[]>>
  /** How many rows each view has, without search and filters; `''` is all of them. */
  readonly counts: Readonly<Record<string, number>>
}

/**
 * One page of a resource: the statement for its rows, one that counts them, one for the views' counts, and one for each
 * filter that loads its choices. What is costly is worked out for the rows of the page only.
 */
export async function listRows(resource: AnyResource, tx: Tx, query: ListQuery, actor: Actor = currentScope().actor): Promise<ListResult> {
  const list = resource.listFor?.(query.view ?? '', currentScope().registry) ?? resource.list
  const choices = await loadChoices(list.filters ?? {}, tx)
  const filters = Object.fromEntries(
    Object.entries(query.filters ?? {}).filter(
      (entry): entry is [string, string] => choices[entry[0]]?.some(choice => choice.value === entry[1]) ?? false,
    ),
  )
  const view = list.views?.find(({ name }) => name === query.view)
  const search = cleanSearch(query.search)
  const sort = sortOf(list, query.sort)
  const narrowed = [
    ...(view ? [view.where] : []),
    ...Object.entries(filters).flatMap(([name, value]) => list.filters?.[name]?.where(value) ?? []),
    ...(search && list.search ? [list.search(literal(search))] : []),
  ]
  const visible = visibleTo(resource, actor)
  const where = and([visible, ...narrowed])
  const counts = await countViews(list, visible, tx)
  const total =
    narrowed.length === 0 ? (counts[''] ?? 0) : view && narrowed.length === 1 ? (counts[view.name] ?? 0) : await count(list, where, tx)
  const size = query.size && query.size > 0 ? Math.min(Math.trunc(query.size), 1000) : pageSizes[0]
  const page = Math.min(Math.max(1, Math.trunc(query.page || 1)), Math.max(1, Math.ceil(total / size)))
  const found = await readPage(resource, list, where, sort, size, (page - 1) * size, total, tx)
  const rows = found.length > 0 && list.complete ? await list.complete(found, tx) : found
  return { list, rows, total, page, size, sort, search, view: view?.name ?? '', filters, choices, counts }
}

/** Rows past the middle are read from the end, so that the last page costs no more than the first. */
async function readPage(
  resource: AnyResource,
  list: ResourceList,
  where: SQL,
  sort: ListResult['sort'],
  size: number,
  offset: number,
  total: number,
  tx: Tx,
): Promise<Row[]> {
  if (total === 0) return []
  const read = (order: ListResult['sort'], limit: number, skipped: number) =>
    tx.execute<Row & Record<string, unknown>>(pageQuery(resource, list, where, order, limit, skipped))
  if (offset * 2 < total) return (await read(sort, size, offset)).rows
  const count = Math.min(size, total - offset)
  const { rows } = await read({ ...sort, descending: !sort.descending }, count, total - offset - count)
  return rows.reverse()
}

/** Rows of a resource as choices: those that match `term`, in the list's order. One statement. */
export async function referenceChoices(registry: Registry, tx: Tx, name: string, limit: number, term = ''): Promise<Choice[]> {
  const resource = resourceNamed(registry, name)
  const { list } = resource
  const search = cleanSearch(term)
  const where = and([visibleTo(resource, currentScope().actor), ...(search && list.search ? [list.search(literal(search))] : [])])
  return labelled(resource, tx, sql`${where} ORDER BY ${label(list)}, ${keyColumns(resource.table).id} LIMIT ${limit}`)
}

/** How rows are called among choices, by id. One statement. */
export async function labelsOf(registry: Registry, tx: Tx, name: string, ids: readonly number[]): Promise<Map<string, string>> {
  const resource = registry.resources.get(name)?.resource
  if (!resource || ids.length === 0) return new Map()
  const found = await labelled(
    resource,
    tx,
    sql`${visibleTo(resource, currentScope().actor)} AND ${keyColumns(resource.table).id} = ANY (${sql.param([...ids])}::bigint[])`,
  )
  return new Map(found.map(choice => [choice.value, choice.label]))
}

async function labelled(resource: AnyResource, tx: Tx, rest: SQL): Promise<Choice[]> {
  const { list, table } = resource
  const { rows } = await tx.execute<{ id: number; label: unknown }>(
    sql`SELECT ${keyColumns(table).id} AS id, ${label(list)} AS label FROM ${list.from} WHERE ${rest}`,
  )
  return rows.map(row => ({ value: String(row.id), label: String(row.label ?? `#${row.id}`) }))
}

const label = (list: ResourceList): SQL => list.choice ?? list.columns.find(column => !column.late)?.sql ?? sql`''`

function pageQuery({ table }: AnyResource, list: ResourceList, where: SQL, sort: ListResult['sort'], size: number, offset: number): SQL {
  const { id } = keyColumns(table)
  const named = (columns: readonly (readonly [string, SQL])[]) => columns.map(([key, value]) => sql`${value} AS ${sql.identifier(key)}`)
  const early = list.columns.filter(column => !column.late && column.key !== 'id').map(column => [column.key, column.sql] as const)
  const late = list.columns.filter(column => column.late).map(column => [column.key, column.sql] as const)
  const inner = sql.join([sql`${id} AS id`, ...named([...early, ...Object.entries(list.hidden ?? {})])], sql`, `)
  const by = list.columns.find(column => column.key === sort.key)?.sql
  const direction = sort.descending ? sql`DESC` : sql`ASC`
  const order = by ? sql`${by} ${direction}, ${id} ${direction}` : sql`${id} ${direction}`
  const page = sql`SELECT ${inner} FROM ${list.from} WHERE ${where} ORDER BY ${order} LIMIT ${size} OFFSET ${offset}`
  return late.length === 0 ? page : sql`SELECT ${sql.join([sql`"row".*`, ...named(late)], sql`, `)} FROM (${page}) AS "row"`
}

async function count(list: ResourceList, where: SQL, tx: Tx): Promise<number> {
  const { rows } = await tx.execute<{ count: number }>(sql`SELECT count(*) AS count FROM ${list.from} WHERE ${where}`)
  return Number(rows[0]?.count ?? 0)
}

async function countViews(list: ResourceList, visible: SQL, tx: Tx): Promise<Record<string, number>> {
  const views = list.views ?? []
  const counts = [
    sql`count(*) AS "all"`,
    ...views.map((view, index) => sql`count(*) FILTER (WHERE ${view.where}) AS ${sql.identifier(`view${index}`)}`),
  ]
  const { rows } = await tx.execute<Record<string, number>>(
    sql`SELECT ${sql.join(counts, sql`, `)} FROM ${list.countFrom ?? list.from} WHERE ${visible}`,
  )
  const row = rows[0] ?? {}
  return Object.fromEntries([
    ['', Number(row.all ?? 0)],
    ...views.map((view, index) => [view.name, Number(row[`view${index}`] ?? 0)] as const),
  ])
}

async function loadChoices(filters: Readonly<Record<string, Filter>>, tx: Tx): Promise<Record<string, readonly Choice[]>> {
  const loaded: Record<string, readonly Choice[]> = {}
  for (const [name, filter] of Object.entries(filters))
    loaded[name] = typeof filter.choices === 'function' ? await filter.choices(tx) : filter.choices
  return loaded
}

/** The order asked for if there is such a column, else the list's own. */
function sortOf(list: ResourceList, asked: string | undefined): ListResult['sort'] {
  const read = (text: string) => ({ key: text.replace(/^-/, ''), descending: text.startsWith('-') })
  const sort = read(asked ?? '')
  return list.columns.some(column => column.key === sort.key && isSortable(column)) ? sort : read(list.sort)
}

/** Whether a list can be sorted by a column. */
export const isSortable = (column: ListColumn): boolean => column.sortable !== false && !column.late
// PostgreSQL takes no NUL, and nobody searches for the other control characters
export const cleanSearch = (text: string | undefined) =>
  (text ?? '')
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 200)

/** What was typed stands for itself in LIKE. */
export const literal = (term: string) => term.replace(/[\\%_]/g, '\\$&')

const and = (conditions: readonly SQL[]): SQL =>
  sql.join(
    conditions.map(condition => sql`(${condition})`),
    sql` AND `,
  )
