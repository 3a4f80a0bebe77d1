import { type SQL, sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'

/** A row as it leaves: JSON. */
export type DataRow = Readonly<Record<string, unknown>>

const batch = 500

/** What a statement selects, in batches, as JSON. In a transaction, one statement after another. */
export async function* rowsIn(tx: Tx, statement: SQL): AsyncGenerator<readonly DataRow[]> {
  await tx.execute(sql`DECLARE personal_rows NO SCROLL CURSOR FOR SELECT to_jsonb(x) AS row FROM (${statement}) x`)
  for (;;) {
    const { rows } = await tx.execute<{ row: DataRow }>(sql`FETCH FORWARD ${sql.raw(String(batch))} FROM personal_rows`)
    if (rows.length > 0) yield rows.map(({ row }) => row)
    if (rows.length < batch) break
  }
  await tx.execute(sql`CLOSE personal_rows`)
}

/** What goes by such a name opens something, or tells how to. */
const secret = /(^|_)(password|secret|token|hash|salt|sealed|digest|fingerprint|otp|credential|codes?)(_|$)/

/** What leaves of a row: no secrets, and of whoever did something only whether it was the member. */
export function cleaner(registry: Registry, ownNames: ReadonlySet<string>): (table: string, row: DataRow) => DataRow {
  const secrets = secretColumns(registry)
  const clean = (hidden: ReadonlySet<string> | undefined, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(each => clean(hidden, each))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !secret.test(key) && !hidden?.has(key))
        .map(([key, each]) => [key, key.endsWith('_by') ? who(each, ownNames) : clean(hidden, each)]),
    )
  }
  return (table, row) => clean(secrets.get(String(row.table_name ?? table)), row) as DataRow
}

function who(value: unknown, ownNames: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map(each => who(each, ownNames))
  return typeof value === 'string' && value !== '' ? (ownNames.has(value) ? 'member' : 'provider') : value
}

/** The columns that the declarations call secret, by table. */
function secretColumns(registry: Registry): ReadonlyMap<string, ReadonlySet<string>> {
  const tables = [
    ...[...registry.resources.values()].map(({ resource }) => ({ table: resource.tableName, fields: resource.fields })),
    ...[...registry.configurations.values()].map(({ configuration }) => ({ table: configuration.type, fields: configuration.spec.fields })),
  ]
  return new Map(
    tables.map(({ table, fields }) => [
      table,
      new Set(Object.entries(fields).flatMap(([name, field]) => (field && 'secret' in field && field.secret ? [snake(name)] : []))),
    ]),
  )
}

/** As a column is called in the database. */
export const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
