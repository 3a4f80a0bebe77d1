import { type SQL, sql } from 'drizzle-orm'

/** Where a row stands in an order: what it is sorted by, as text, and its id. */
export interface RowKey {
  readonly id: number
  /** Null sorts last, as in the database. */
  readonly value: string | null
}

/** What a list is ordered by: a column of it, or nothing but the id. */
export interface Order {
  readonly by: SQL | undefined
  readonly id: SQL
  readonly descending: boolean
}

/** A key as it stands in an address: `12~2026-11-30`, or `12` without a value. */
export const writeKey = ({ id, value }: RowKey): string => (value === null ? String(id) : `${id}~${value}`)

/** The key in an address, or undefined for other words. */
export function readKey(text: string | null): RowKey | undefined {
  // PostgreSQL takes no NUL
  const [, id, , value] = /^(\d{1,15})(~([^\0]{0,1000}))?$/su.exec(text?.toWellFormed() ?? '') ?? []
  return id === undefined ? undefined : { id: Number(id), value: value ?? null }
}

/**
 * The conditions of what comes behind a row, one after the other: rows that have nothing to sort by come last in rising order and first in
 * falling order. Each can be answered from an index on what the order is by.
 */
export function behind({ by, id, descending }: Order, key: RowKey): SQL[] {
  const compare = descending ? sql`<` : sql`>`
  const beyondId = sql`${id} ${compare} ${key.id}`
  if (!by) return [beyondId]
  if (key.value === null) return [sql`${by} IS NULL AND ${beyondId}`, ...(descending ? [sql`${by} IS NOT NULL`] : [])]
  // said twice: the first bounds an index on `by` alone, also in a join
  const further = sql`${by} ${compare}= ${key.value} AND (${by}, ${id}) ${compare} (${key.value}, ${key.id})`
  return [further, ...(descending ? [] : [sql`${by} IS NULL`])]
}

/** As ORDER BY has it. */
export function orderBy({ by, id, descending }: Order): SQL {
  const direction = descending ? sql`DESC` : sql`ASC`
  return by ? sql`${by} ${direction}, ${id} ${direction}` : sql`${id} ${direction}`
}
