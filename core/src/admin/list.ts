import { type SQL, sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { AnyResource, Choice, ListColumn, ResourceList, Row } from '../app/resource.ts'
import { type Actor, currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { keyColumns, resourceNamed, visibleTo } from './find.ts'
import { countMatches, countViews, type Total } from './list-count.ts'
import { conditionsOf, loadChoices, understood } from './list-filter.ts'
import type { RowKey } from './list-key.ts'
import { type ListQuery, pageSizes } from './list-query.ts'
import { type Read, type Reading, readAt, readBeside } from './list-rows.ts'
import { cleanSearch, literal } from './list-search.ts'

/** A list as it is shown: what was understood of the query, and its rows. */
export interface ListResult {
  /** Which list it is: that of the view, if it has one of its own. */
  readonly list: ResourceList
  /** The columns that are shown. */
  readonly columns: readonly ListColumn[]
  /** Their keys, when the address says. */
  readonly chosen?: readonly string[]
  readonly rows: readonly Row[]
  readonly total: number
  /** There are more than `total`: nobody counted on. */
  readonly more: boolean
  readonly page: number
  readonly size: number
  /** Where the first and the last row stand: what the links to the next and the previous page begin from. */
  readonly first?: RowKey
  readonly last?: RowKey
  readonly sort: { readonly key: string; readonly descending: boolean }
  readonly search: string
  readonly view: string
  /** As they stand in the address. */
  readonly filters: Readonly<Record<string, string>>
  /** The choices of each filter that has some. */
  readonly choices: Readonly<Record<string, readonly Choice[]>>
  /** How many rows each view has, without search and filters; `''` is all of them. */
  readonly counts: Readonly<Record<string, number>>
}

/** What was understood of a query: which rows it asks for, in what order. */
export interface Selection extends Pick<ListResult, 'list' | 'columns' | 'chosen' | 'sort' | 'search' | 'view' | 'filters' | 'choices'> {
  readonly where: SQL
  readonly visible: SQL
  /** Neither searched nor filtered: all rows, or those of a view. */
  readonly steady: boolean
}

/** The rows that a list is asked for, of those that the actor may see: one statement for each filter that loads its choices. */
export async function selectionOf(
  resource: AnyResource,
  tx: Tx,
  query: ListQuery,
  actor: Actor = currentScope().actor,
): Promise<Selection> {
  const list = resource.listFor?.(query.view ?? '', currentScope().registry) ?? resource.list
  const loaded = await loadChoices(list.filters ?? {}, tx)
  const filters = understood(list.filters ?? {}, loaded, query.filters ?? {})
  const choices = { ...loaded, ...(await nameReferences(list, filters, tx)) }
  const view = list.views?.find(({ name }) => name === query.view)
  const search = cleanSearch(query.search)
  const narrowed = [...conditionsOf(list.filters ?? {}, filters), ...(search && list.search ? [list.search(literal(search))] : [])]
  const visible = visibleTo(resource, actor)
  const where = and([visible, ...(view ? [view.where] : []), ...narrowed])
  const [sort, columns, steady] = [
    sortOf(list, query.sort),
    chosenColumns(list, query.columns ?? query.usualColumns),
    narrowed.length === 0,
  ]
  const chosen = query.columns && { chosen: columns.slice(1).map(column => column.key) }
  return { list, columns, ...chosen, sort, search, view: view?.name ?? '', filters, choices, where, visible, steady }
}

/**
 * One page of a resource: the statement for its rows, one for the views' counts, one that counts what was searched or filtered and fills
 * more than a page, and one for each filter that loads its choices.
 */
export async function listRows(resource: AnyResource, tx: Tx, query: ListQuery, actor: Actor = currentScope().actor): Promise<ListResult> {
  const { where, visible, steady, ...selection } = await selectionOf(resource, tx, query, actor)
  const { list, columns, sort, view } = selection
  const counts = await countViews(list, visible, tx)
  const size = query.size && query.size > 0 ? Math.min(Math.trunc(query.size), 1000) : pageSizes[0]
  const reading: Reading = { resource, list, where, sort, size, shown: columns, steady }
  const known: Total | undefined = steady ? { count: counts[view] ?? 0, more: false } : undefined
  const { read, page, total } = await readPage(reading, query, known, tx)
  const rows = read.rows.length > 0 && list.complete ? await list.complete(read.rows, tx) : read.rows
  return { ...selection, ...read, rows, total: total.count, more: total.more, page, size, counts }
}

interface Paged {
  readonly read: Read
  readonly page: number
  readonly total: Total
}

/** By the key in the address if there is one, else by the number of the page. What does not fill its page needs no counting. */
async function readPage(reading: Reading, query: ListQuery, known: Total | undefined, tx: Tx): Promise<Paged> {
  const { list, where, size } = reading
  const asked = Math.max(1, Math.trunc(query.page || 1))
  const [side, key] = query.after ? (['after', query.after] as const) : (['before', query.before] as const)
  const beside = key && (await readBeside(reading, side, key, tx))
  if (beside && beside.rows.length > 0) {
    // before a row there is a whole page, unless it is the first
    const page = side === 'before' && beside.rows.length < size ? 1 : asked
    const total = known ?? (await countMatches(list, where, tx))
    return { read: beside, page: total.more ? page : Math.min(page, lastPage(total, size)), total }
  }
  const early = known ?? (asked > 1 || key ? await countMatches(list, where, tx) : undefined)
  const page = early && !early.more ? Math.min(asked, lastPage(early, size)) : asked
  const read = await readAt(reading, (page - 1) * size, early?.more ? undefined : early?.count, tx)
  const fills = read.rows.length === size
  return { read, page, total: early ?? (fills ? await countMatches(list, where, tx) : { count: read.rows.length, more: false }) }
}

const lastPage = ({ count }: Total, size: number) => Math.max(1, Math.ceil(count / size))

/** How the rows that filters refer to are called: one statement for each such filter that is set. */
async function nameReferences(
  { filters = {} }: ResourceList,
  values: Readonly<Record<string, string>>,
  tx: Tx,
): Promise<ListResult['choices']> {
  const named: Record<string, readonly Choice[]> = {}
  for (const [name, filter] of Object.entries(filters)) {
    const value = values[name]
    if (filter.kind !== 'reference' || value === undefined) continue
    const label = (await labelsOf(currentScope().registry, tx, filter.reference, [Number(value)])).get(value)
    if (label !== undefined) named[name] = [{ value, label }]
  }
  return named
}

/** Those asked for in the order of the declaration, with the first, which names the row; else all that are not for choosing only. */
function chosenColumns({ columns }: ResourceList, asked: readonly string[] | undefined): readonly ListColumn[] {
  const chosen = columns.filter((column, index) => index === 0 || asked?.includes(column.key))
  return chosen.length > 1 ? chosen : columns.filter(column => !column.optional)
}

/** Rows of a resource as choices: those that match `term`, in the list's order. One statement. */
export async function referenceChoices(registry: Registry, tx: Tx, name: string, limit: number, term = ''): Promise<Choice[]> {
  const resource = resourceNamed(registry, name)
  const { list } = resource
  const search = cleanSearch(term)
  const where = and([visibleTo(resource, currentScope().actor), ...(search && list.search ? [list.search(literal(search))] : [])])
  return labelledRows(resource, tx, sql`${where} ORDER BY ${label(list)}, ${keyColumns(resource.table).id} LIMIT ${limit}`)
}

/** How rows are called among choices, by id. One statement. */
export async function labelsOf(registry: Registry, tx: Tx, name: string, ids: readonly number[]): Promise<Map<string, string>> {
  const resource = registry.resources.get(name)?.resource
  if (!resource || ids.length === 0) return new Map()
  const found = await labelledRows(
    resource,
    tx,
    sql`${visibleTo(resource, currentScope().actor)} AND ${keyColumns(resource.table).id} = ANY (${sql.param([...ids])}::bigint[])`,
  )
  return new Map(found.map(choice => [choice.value, choice.label]))
}

/** Rows as choices; `rest` follows WHERE. */
export async function labelledRows(resource: AnyResource, tx: Tx, rest: SQL): Promise<Choice[]> {
  const { list, table } = resource
  const { rows } = await tx.execute<{ id: number; label: unknown }>(
    sql`SELECT ${keyColumns(table).id} AS id, ${label(list)} AS label FROM ${list.from} WHERE ${rest}`,
  )
  return rows.map(row => ({ value: String(row.id), label: String(row.label ?? `#${row.id}`) }))
}

const label = (list: ResourceList): SQL => list.choice ?? list.columns.find(column => !column.late)?.sql ?? sql`''`

/** The order asked for if there is such a column, else the list's own. */
function sortOf(list: ResourceList, asked: string | undefined): ListResult['sort'] {
  const read = (text: string) => ({ key: text.replace(/^-/, ''), descending: text.startsWith('-') })
  const sort = read(asked ?? '')
  return list.columns.some(column => column.key === sort.key && isSortable(column)) ? sort : read(list.sort)
}

/** Whether a list can be sorted by a column. */
export const isSortable = (column: ListColumn): boolean => column.sortable !== false && !column.late

const and = (conditions: readonly SQL[]): SQL =>
  sql.join(
    conditions.map(condition => sql`(${condition})`),
    sql` AND `,
  )
