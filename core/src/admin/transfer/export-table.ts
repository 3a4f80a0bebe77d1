import { type SQL, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Registry } from '../../app/registry.ts'
import type { AnyResource, ListColumn, Row } from '../../app/resource.ts'
import { currentScope, type Scope, withScope } from '../../app/scope.ts'
import type { Coin } from '../../coin.ts'
import type { Tx } from '../../db/database.ts'
import { selectionOf } from '../list.ts'
import type { ListQuery } from '../list-query.ts'
import { wholeQuery } from '../list-rows.ts'
import { columnsOf, type TransferColumn } from './columns.ts'
import type { TableSource } from './formats.ts'
import { loadRows } from './load-rows.ts'
import { namesOf } from './names.ts'
import { type Cell, cellOf, plainCell } from './values.ts'

/** Rows that are in memory at once. */
const batchSize = 500

/** The kind whose fields the rows of a list have: of a list of several kinds the one that the view shows. */
export const kindShown = (registry: Registry, resource: AnyResource, view: string | undefined): AnyResource =>
  resource.variants?.(registry).find(({ name }) => name === view)?.resource ?? resource

/**
 * All rows of a list as it is searched, filtered and sorted, that whoever asks may see: every field of their forms but the secret ones, then the
 * list's own columns. Read by a cursor, in one transaction: the table is as it was when it began, and little of it is in memory.
 */
export async function exportTable(coin: Coin, resource: AnyResource, query: ListQuery): Promise<TableSource> {
  const scope = currentScope()
  const kind = kindShown(coin.registry, resource, query.view)
  const columns = columnsOf(coin.registry, kind)
  const { list, columns: shown, where, sort } = await selectionOf(resource, coin.database.db, query)
  const taken = new Set(columns.map(({ header }) => header))
  const more = shown.filter(({ key }) => !taken.has(key))
  const statement = wholeQuery({ resource, list, where, sort, shown })
  const tableOf = async (rows: readonly Row[], tx: Tx) => {
    const complete = list.complete ? await list.complete(rows, tx) : rows
    return recordsOf(coin.registry, kind, columns, more, complete, tx)
  }
  return {
    name: kind.name === resource.name ? resource.name : kind.label,
    headers: [...columns.map(({ header }) => header), ...more.map(({ key }) => key)],
    batches: inScope(scope, cursor(coin, sql`DECLARE exported NO SCROLL CURSOR FOR ${statement}`, tableOf)),
  }
}

/** A generator whose every step runs in a scope: an answer is read from outside of the request. */
async function* inScope<T>(scope: Scope, steps: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    for (;;) {
      const step = await withScope(scope, () => steps.next())
      if (step.done) return
      yield step.value
    }
  } finally {
    await steps.return(undefined)
  }
}

async function* cursor<T>(coin: Coin, declare: SQL, work: (rows: readonly Row[], tx: Tx) => Promise<T>): AsyncGenerator<T> {
  const client = await coin.database.pool.connect()
  try {
    const tx: Tx = drizzle(client)
    await tx.execute(sql`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
    await tx.execute(declare)
    for (;;) {
      const { rows } = await tx.execute<Row & Record<string, unknown>>(sql`FETCH ${sql.raw(String(batchSize))} FROM exported`)
      if (rows.length === 0) return
      yield await work(rows, tx)
    }
  } finally {
    // nothing was written, and a browser may have gone away in the middle
    await client.query('ROLLBACK').then(
      () => client.release(),
      error => client.release(error),
    )
  }
}

async function recordsOf(
  registry: Registry,
  kind: AnyResource,
  columns: readonly TransferColumn[],
  more: readonly ListColumn[],
  rows: readonly Row[],
  tx: Tx,
): Promise<Cell[][]> {
  // rows of several kinds have no fields in common
  const ids = columns.length > 1 ? rows.map(({ id }) => Number(id)) : []
  const stored = await loadRows(kind, ids, tx)
  const names = await referredNames(registry, columns, [...stored.values()], tx)
  return rows.map(row => {
    const fields = stored.get(Number(row.id)) ?? row
    return [
      ...columns.map(({ field, by }) => {
        if (!field) return Number(row.id)
        if (by !== 'name') return cellOf(field, fields)
        const id = fields[field.name]
        return typeof id === 'number' ? (names.get(field.name)?.get(id) ?? id) : null
      }),
      ...more.map(({ key }) => plainCell(row[key])),
    ]
  })
}

/** What names the rows that these refer to, by field: one statement for each. */
async function referredNames(registry: Registry, columns: readonly TransferColumn[], rows: readonly Row[], tx: Tx) {
  const found = new Map<string, ReadonlyMap<number, string>>()
  for (const { field, by } of columns) {
    if (!field?.reference || by !== 'name') continue
    const ids = new Set(rows.flatMap(row => (typeof row[field.name] === 'number' ? [row[field.name] as number] : [])))
    found.set(field.name, await namesOf(registry, tx, field.reference, [...ids]))
  }
  return found
}

/** How many rows an export of a list has. */
export async function countExported(coin: Coin, resource: AnyResource, query: ListQuery): Promise<number> {
  const { list, where } = await selectionOf(resource, coin.database.db, query)
  const { rows } = await coin.database.db.execute<{ count: number }>(sql`SELECT count(*)::int AS count FROM ${list.from} WHERE ${where}`)
  return rows[0]?.count ?? 0
}
