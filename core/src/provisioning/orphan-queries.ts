import { sql } from 'drizzle-orm'
import type { Json } from '../app/backend.ts'
import type { Tx } from '../db/database.ts'
import { iso } from './overview-queries.ts'

/** What is in a target and explained by nothing. */
export interface Orphan extends Record<string, unknown> {
  readonly id: number
  readonly key: string
  /** Secrets masked. */
  readonly value: Json | null
  readonly found: string
}

export interface OrphanWish {
  /** Those after this id. */
  readonly after?: number
  readonly ids?: readonly number[]
  readonly limit: number
}

/** Orphans of a backend by id. */
export async function orphansOf(tx: Tx, backend: string, { after = 0, ids, limit }: OrphanWish): Promise<Orphan[]> {
  const { rows } = await tx.execute<Orphan>(sql`
    SELECT id, key, value, ${iso(sql`found_at`)} AS found FROM provisioning_orphan
    WHERE backend = ${backend} AND id > ${after} AND ${ids === undefined ? sql`true` : sql`id = ANY (${sql.param(ids)}::bigint[])`} ORDER BY id LIMIT ${limit}`)
  return rows
}

/** Ids of orphans of this backend: of those named, or of all up to one. */
export async function orphanIds(
  tx: Tx,
  backend: string,
  which: { readonly ids: readonly number[] } | { readonly upTo: number },
): Promise<number[]> {
  const chosen = 'ids' in which ? sql`id = ANY (${sql.param(which.ids)}::bigint[])` : sql`id <= ${which.upTo}`
  const { rows } = await tx.execute<{ id: number }>(
    sql`SELECT id FROM provisioning_orphan WHERE backend = ${backend} AND ${chosen} ORDER BY id`,
  )
  return rows.map(({ id }) => id)
}

/** How many there are, and the last one's id. */
export async function countOrphans(tx: Tx, backend: string): Promise<{ readonly count: number; readonly last: number }> {
  const { rows } = await tx.execute<{ count: number; last: number }>(
    sql`SELECT count(*)::int AS count, coalesce(max(id), 0) AS last FROM provisioning_orphan WHERE backend = ${backend}`,
  )
  return rows[0] ?? { count: 0, last: 0 }
}
