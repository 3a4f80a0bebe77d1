import { type SQL, sql } from 'drizzle-orm'
import type { AnyResource, ListColumn, ResourceList, Row } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'
import { databaseFailure } from '../db/errors.ts'
import { executePrepared } from '../db/prepared.ts'
import { keyColumns } from './find.ts'
import { behind, type Order, orderBy, type RowKey } from './list-key.ts'

/** Which rows of a resource are read, and in what order. */
export interface Reading {
  readonly resource: AnyResource
  readonly list: ResourceList
  readonly where: SQL
  readonly sort: { readonly key: string; readonly descending: boolean }
  readonly size: number
  /** The columns that are shown. */
  readonly shown: readonly ListColumn[]
  /** The statement is the same each time, but for where the page begins. */
  readonly steady: boolean
}

type Selected = Omit<Reading, 'size' | 'steady'>

/** Rows, and where the first and the last of them stand. */
export interface Read {
  readonly rows: readonly Row[]
  readonly first?: RowKey
  readonly last?: RowKey
}

type Found = Row & { readonly '~key'?: string | null }

/** The rows behind a row, or those before it. Undefined when the key is none that this order could have. */
export async function readBeside(reading: Reading, side: 'after' | 'before', key: RowKey, tx: Tx): Promise<Read | undefined> {
  const order = orderOf(reading, side === 'before')
  const found: Found[] = []
  try {
    for (const condition of behind(order, key)) {
      if (found.length === reading.size) break
      found.push(...(await read(reading, order, sql`(${reading.where}) AND (${condition})`, reading.size - found.length, 0, tx)))
    }
  } catch (error) {
    // data that is not of the type compared with
    if (databaseFailure(error)?.code?.startsWith('22')) return undefined
    throw error
  }
  return settled(side === 'before' ? found.reverse() : found)
}

/** The rows at a place. Those past the middle are read from the end, so that the last page costs no more than the first. */
export async function readAt(reading: Reading, offset: number, total: number | undefined, tx: Tx): Promise<Read> {
  const { size, where } = reading
  if (total === 0) return { rows: [] }
  if (total === undefined || offset * 2 < total) return settled(await read(reading, orderOf(reading), where, size, offset, tx))
  const count = Math.min(size, total - offset)
  return settled((await read(reading, orderOf(reading, true), where, count, total - offset - count, tx)).reverse())
}

/** The statement for all rows in their order, to be read by a cursor. */
export const wholeQuery = (selected: Selected): SQL => pageQuery(selected, orderOf(selected), selected.where, undefined, 0)

function orderOf({ resource, list, sort }: Pick<Reading, 'resource' | 'list' | 'sort'>, backwards = false): Order {
  const by = list.columns.find(column => column.key === sort.key)?.sql
  return { by, id: sql`${keyColumns(resource.table).id}`, descending: sort.descending !== backwards }
}

async function read(reading: Reading, order: Order, where: SQL, limit: number, offset: number, tx: Tx): Promise<Found[]> {
  const statement = pageQuery(reading, order, where, limit, offset)
  const { rows } =
    reading.steady && offset === 0 && limit === reading.size
      ? await executePrepared<Found & Record<string, unknown>>(tx, statement)
      : await tx.execute<Found & Record<string, unknown>>(statement)
  return rows
}

function settled(found: readonly Found[]): Read {
  const keyOf = (row: Found | undefined) => row && { id: row.id, value: row['~key'] ?? null }
  const [first, last] = [keyOf(found[0]), keyOf(found.at(-1))]
  const rows = found.map(({ '~key': _, ...row }) => row as Row)
  return first && last ? { rows, first, last } : { rows }
}

/** What is costly is worked out for the rows of the page only. */
function pageQuery({ list, shown }: Selected, order: Order, where: SQL, limit: number | undefined, offset: number): SQL {
  const named = (columns: readonly (readonly [string, SQL])[]) => columns.map(([key, value]) => sql`${value} AS ${sql.identifier(key)}`)
  const early = list.columns.filter(column => !column.late && column.key !== 'id').map(column => [column.key, column.sql] as const)
  const late = list.columns
    .filter(column => column.late && (!column.optional || shown.includes(column)))
    .map(column => [column.key, column.sql] as const)
  const key = order.by ? [['~key', sql`(${order.by})::text`] as const] : []
  const inner = sql.join([sql`${order.id} AS id`, ...named([...early, ...Object.entries(list.hidden ?? {}), ...key])], sql`, `)
  // written out, because a plan that holds for any limit is one for many rows
  const part = sql.raw(limit === undefined ? '' : `LIMIT ${limit}${offset > 0 ? ` OFFSET ${offset}` : ''}`)
  const page = sql`SELECT ${inner} FROM ${list.from} WHERE ${where} ORDER BY ${orderBy(order)} ${part}`
  return late.length === 0 ? page : sql`SELECT ${sql.join([sql`"row".*`, ...named(late)], sql`, `)} FROM (${page}) AS "row"`
}
