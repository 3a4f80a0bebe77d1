import { type SQL, sql } from 'drizzle-orm'
import type { ResourceList } from '../app/resource.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { textOf } from '../db/prepared.ts'

/** How many rows there are; `more` when they were not counted any further. */
export interface Total {
  readonly count: number
  readonly more: boolean
}

type Counts = Readonly<Record<string, number>>
interface Kept {
  readonly counts: Counts
  readonly at: number
  renewing: boolean
}

/** What was searched or filtered is counted so far and no further. */
export const furthest = 10_000
/** A count of fewer rows is made anew each time, so that it is always right. */
const keptFrom = 5_000
/** How long a count of many rows is good for, in milliseconds: it then is made again beside the page that shows it. */
const goodFor = 15_000
/** How many counts are kept of one database. */
const most = 500

const known = new WeakMap<Tx, Map<string, Kept>>()

/** How many rows each view has, and under `''` all of them. */
export async function countViews(list: ResourceList, visible: SQL, tx: Tx): Promise<Counts> {
  const views = list.views ?? []
  const counts = [
    sql`count(*) AS "all"`,
    ...views.map((view, index) => sql`count(*) FILTER (WHERE ${view.where}) AS ${sql.identifier(`view${index}`)}`),
  ]
  const row = await counted(sql`SELECT ${sql.join(counts, sql`, `)} FROM ${list.countFrom ?? list.from} WHERE ${visible}`, tx)
  return Object.fromEntries([['', row.all ?? 0], ...views.map((view, index) => [view.name, row[`view${index}`] ?? 0] as const)])
}

/** How many rows meet a condition, as far as anybody wants to know. */
export async function countMatches(list: ResourceList, where: SQL, tx: Tx): Promise<Total> {
  const row = await counted(sql`SELECT count(*) AS count FROM (SELECT FROM ${list.from} WHERE ${where} LIMIT ${furthest + 1}) AS found`, tx)
  const count = row.count ?? 0
  return { count: Math.min(count, furthest), more: count > furthest }
}

/**
 * What a statement counts. Many rows are not counted for each page: the number is good for a while, then counted again while the page is
 * shown with the one before.
 */
async function counted(statement: SQL, tx: Tx): Promise<Counts> {
  // in a transaction there may be rows that nobody else sees
  if (tx !== currentScope().db) return count(statement, tx)
  const kept = known.get(tx) ?? new Map<string, Kept>()
  known.set(tx, kept)
  const key = textOf(statement, tx)
  const found = kept.get(key)
  if (!found) return renew(kept, key, statement, tx)
  if (!found.renewing && performance.now() - found.at > goodFor) {
    found.renewing = true
    // the page does not wait for it, and the next one tries again
    void renew(kept, key, statement, tx).catch(() => kept.delete(key))
  }
  return found.counts
}

async function renew(kept: Map<string, Kept>, key: string, statement: SQL, tx: Tx): Promise<Counts> {
  const counts = await count(statement, tx)
  kept.delete(key)
  if (Math.max(...Object.values(counts)) < keptFrom) return counts
  if (kept.size >= most) kept.delete(kept.keys().next().value ?? '')
  kept.set(key, { counts, at: performance.now(), renewing: false })
  return counts
}

async function count(statement: SQL, tx: Tx): Promise<Counts> {
  const { rows } = await tx.execute<Record<string, number>>(statement)
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]))
}
