import { sql } from 'drizzle-orm'
import type { Whom } from '../app/personal-data.ts'
import type { Tx } from '../db/database.ts'
import type { Kind } from './kinds.ts'

/** A row that the history tells of. */
export interface Told extends Record<string, unknown> {
  readonly table: string
  readonly id: number
}

/**
 * The rows whose history is about a member: those that there are, and those that are gone and once named them, a subscription or a line of
 * theirs. Looks through the whole history: it is asked for rarely.
 */
export async function toldAbout(tx: Tx, kinds: readonly Kind[], whom: Whom): Promise<readonly Told[]> {
  const known: Told[] = []
  for (const { data } of kinds)
    for (const [table, rows] of Object.entries(data.rows)) {
      if (!(await hasNumber(tx, table))) continue
      const found = await tx.execute<{ id: number }>(sql`SELECT x.id FROM (${rows(whom)}) x`)
      known.push(...found.rows.map(({ id }) => ({ table, id })))
    }
  const { rows } = await tx.execute<Told>(sql`
    WITH RECURSIVE known AS (SELECT * FROM jsonb_to_recordset(${JSON.stringify(known)}::jsonb) AS k ("table" text, id bigint)),
    named AS (
      SELECT table_name, row_id, key, value FROM coin.history h, jsonb_each(h.changes) e (key, change), jsonb_array_elements_text(CASE jsonb_typeof(change) WHEN 'array' THEN change ELSE '[]' END) AS value
      WHERE key IN ('member_id', 'subscription_id', 'configuration_id', 'user_id') AND value IS NOT NULL),
    subscriptions AS (
      SELECT row_id AS id FROM named WHERE table_name = 'subscription' AND key = 'member_id' AND value = ${String(whom.id)}
      UNION SELECT id FROM known WHERE "table" = 'subscription'),
    lines AS (
      SELECT n.row_id AS id FROM named n JOIN subscriptions s ON n.value = s.id::text WHERE n.table_name = 'configuration' AND n.key = 'subscription_id'
      UNION SELECT id FROM known WHERE "table" = 'configuration')
    SELECT "table", id FROM known
    UNION SELECT table_name, row_id FROM named WHERE key = 'member_id' AND value = ${String(whom.id)}
    UNION SELECT table_name, row_id FROM named WHERE key = 'user_id' AND value = ${whom.userId ?? null} AND table_name <> 'member'
    UNION SELECT n.table_name, n.row_id FROM named n JOIN subscriptions s ON n.value = s.id::text WHERE n.key = 'subscription_id'
    UNION SELECT n.table_name, n.row_id FROM named n JOIN lines l ON n.value = l.id::text WHERE n.key = 'configuration_id'
    UNION SELECT t.name, l.id FROM lines l, unnest(${sql.param(typesOf(kinds))}::text[]) AS t (name)`)
  return ownOrGone(tx, rows, new Set(known.map(keyOf)))
}

const keyOf = ({ table, id }: Told) => `${table} ${id}`

/** Without what somebody else has by now: a subscription that was handed on tells of its new holder. */
async function ownOrGone(tx: Tx, rows: readonly Told[], known: ReadonlySet<string>): Promise<readonly Told[]> {
  const others = new Set<string>()
  const strange = rows.filter(row => !known.has(keyOf(row)))
  for (const table of new Set(strange.map(row => row.table))) {
    if (!(await hasNumber(tx, table))) continue
    const ids = strange.filter(row => row.table === table).map(({ id }) => id)
    const found = await tx.execute<{ id: number }>(
      sql`SELECT id FROM ${sql.identifier(table)} WHERE id = ANY (${sql.param(ids)}::bigint[])`,
    )
    for (const { id } of found.rows) others.add(keyOf({ table, id }))
  }
  return rows.filter(row => !others.has(keyOf(row)))
}

/** The tables of the types of lines: theirs have the numbers of the lines. */
const typesOf = (kinds: readonly Kind[]) => kinds.flatMap(({ data }) => (data.name === 'configurations' ? Object.keys(data.rows) : []))

async function hasNumber(tx: Tx, table: string): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`SELECT FROM pg_attribute WHERE attrelid = to_regclass(${table}) AND attname = 'id' AND atttypid = 'bigint'::regtype AND NOT attisdropped`,
  )
  return rows.length > 0 && !table.includes('.')
}
