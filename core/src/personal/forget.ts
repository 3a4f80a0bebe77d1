import { sql } from 'drizzle-orm'
import type { Whom } from '../app/personal-data.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { type Told, toldAbout } from './history-rows.ts'
import { type Kind, kindsOf } from './kinds.ts'
import { whomOf } from './whom.ts'

/** What happened to one kind of data. */
export interface Forgotten {
  readonly name: string
  readonly erased: number
  readonly keptUntil: string | undefined
}

/**
 * Erases of a member what no law keeps, in the given transaction, and tells what is kept until when. What goes last goes from the history:
 * erasing writes history itself.
 */
export async function forget(tx: Tx, memberId: number): Promise<readonly Forgotten[]> {
  const kinds = kindsOf(currentScope().registry)
  const whom = await whomOf(tx, memberId)
  const told = await toldAbout(tx, kinds, whom)
  const done: Forgotten[] = []
  // asked before: what is removed no longer says until when it would have been kept
  const kept = await keptUntil(tx, kinds, whom)
  for (const { data } of kinds) {
    const erased = (await data.erase?.(tx, whom)) ?? 0
    done.push({ name: data.name, erased, keptUntil: kept.get(data.name) })
  }
  await forgetHistory(tx, kinds, kept, [...told, ...(await toldAbout(tx, kinds, whom))])
  if (whom.userId) await tx.execute(sql`SELECT coin.forget_actor(${whom.userId})`)
  return done
}

/** Of the kinds that something must be kept of: until when. */
export async function keptUntil(tx: Tx, kinds: readonly Kind[], whom: Whom): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const { data } of kinds) {
    const until = await data.keptUntil?.(tx, whom)
    if (until) found.set(data.name, until)
  }
  return found
}

/** Of what is kept only texts go from the history, of everything else all values. */
async function forgetHistory(tx: Tx, kinds: readonly Kind[], kept: ReadonlyMap<string, string>, told: readonly Told[]): Promise<void> {
  const columns = new Map<string, readonly string[]>()
  for (const { data } of kinds)
    if (kept.has(data.name) || !(data.erase || data.keptUntil))
      for (const table of Object.keys(data.rows)) columns.set(table, data.texts?.[table] ?? [])
  const entries = told
    .map(({ table, id }) => ({ table, id, columns: columns.get(table) ?? null }))
    .filter(entry => entry.columns === null || entry.columns.length > 0)
  await tx.execute(sql`
    SELECT coin.erase_history(e."table", e.id, CASE WHEN e.columns IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(e.columns)) END)
    FROM (SELECT DISTINCT "table", id, nullif(columns, 'null') AS columns FROM jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) AS e ("table" text, id bigint, columns jsonb)) e`)
}
