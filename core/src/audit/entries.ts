import { type SQL, sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { AnyResource } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'

/** One entry of the log as the database kept it. */
export interface AuditEntry {
  readonly id: number
  readonly at: string
  readonly actor: string
  readonly user: string | null
  readonly table: string
  readonly rowId: number
  readonly op: 'added' | 'changed' | 'removed'
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>
}

/** What is asked of the log; everything may come from an address bar. */
export interface AuditQuery {
  /** Part of the name of who acted. */
  readonly who?: string | undefined
  /** A table. */
  readonly table?: string | undefined
  readonly rowId?: number | undefined
  /** ISO dates, both included. */
  readonly from?: string | undefined
  readonly until?: string | undefined
  /** Entries older than this one. */
  readonly before?: number | undefined
}

const columns = sql`id, to_jsonb(at) #>> '{}' AS at, coalesce(actor ->> 'label', '') AS actor, actor ->> 'user' AS "user",
  table_name AS "table", row_id AS "rowId", op, changes`

type Raw = AuditEntry & Record<string, unknown>
const read = (row: Raw): AuditEntry => ({ ...row, id: Number(row.id), rowId: Number(row.rowId) })

/** A page of the log, newest first, and whether there is more. One statement. */
export async function auditEntries(tx: Tx, query: AuditQuery, size: number): Promise<{ rows: AuditEntry[]; more: boolean }> {
  const conditions: SQL[] = [
    sql`true`,
    ...(query.who ? [sql`strpos(lower(actor ->> 'label'), lower(${query.who})) > 0`] : []),
    ...(query.table ? [sql`table_name = ${query.table}`] : []),
    ...(query.rowId === undefined ? [] : [sql`row_id = ${query.rowId}`]),
    ...(query.from ? [sql`at >= ${query.from}::date`] : []),
    ...(query.until ? [sql`at < ${query.until}::date + 1`] : []),
    ...(query.before === undefined ? [] : [sql`id < ${query.before}`]),
  ]
  const { rows } = await tx.execute<Raw>(
    sql`SELECT ${columns} FROM coin.history WHERE ${sql.join(conditions, sql` AND `)} ORDER BY id DESC LIMIT ${size + 1}`,
  )
  return { rows: rows.slice(0, size).map(read), more: rows.length > size }
}

/** One entry, with the digest that the chain keeps of it, in hexadecimal; null while it is not chained. */
export async function auditEntry(tx: Tx, id: number): Promise<(AuditEntry & { readonly digest: string | null }) | undefined> {
  const { rows } = await tx.execute<Raw & { digest: string | null }>(
    sql`SELECT ${columns}, (SELECT encode(digest, 'hex') FROM coin.audit_entry WHERE history_id = id) AS digest FROM coin.history WHERE id = ${id}`,
  )
  return rows[0] && { ...read(rows[0]), digest: rows[0].digest }
}

/** The tables that the log tells of, by name. */
export async function auditTables(tx: Tx): Promise<readonly string[]> {
  // a loose scan of the index: one step for each table, however long the log is
  const { rows } = await tx.execute<{ name: string }>(sql`
    WITH RECURSIVE known AS (
      (SELECT table_name AS name FROM coin.history ORDER BY table_name LIMIT 1)
      UNION ALL SELECT (SELECT table_name FROM coin.history WHERE table_name > known.name ORDER BY table_name LIMIT 1) FROM known WHERE known.name IS NOT NULL)
    SELECT name FROM known WHERE name IS NOT NULL`)
  return rows.map(({ name }) => name)
}

/** The kind of object that a table keeps, if people work with it. */
export function resourceOfTable(registry: Registry, table: string): { readonly app: string; readonly resource: AnyResource } | undefined {
  const all = [...registry.resources.values()]
  return (
    all.find(({ resource }) => resource.tableName === table) ?? all.find(({ resource }) => resource.historyTables?.includes(table) ?? false)
  )
}
