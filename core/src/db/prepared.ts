import { createHash } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import type { PgDialect, PgSession } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import type { Tx } from './database.ts'

const names = new Map<string, string>()

/**
 * Executes a statement that is the same text each time, and is executed so often that planning it again costs more than it does: each
 * connection plans it once. The text may have no values in it, only parameters.
 */
export async function executePrepared<R extends Record<string, unknown>>(tx: Tx, statement: SQL): Promise<pg.QueryResult<R>> {
  // Drizzle gives names to the statements of its builder only; what it uses for them is there, and not among its types
  const { dialect, session } = tx as unknown as { dialect: PgDialect; session: PgSession }
  const query = dialect.sqlToQuery(statement)
  const name = names.get(query.sql) ?? `coin_${createHash('sha256').update(query.sql).digest('hex').slice(0, 24)}`
  names.set(query.sql, name)
  return (await session.prepareQuery(query, undefined, name, false).execute()) as pg.QueryResult<R>
}

/** A statement and its values as one text, to remember by what it answered. */
export function textOf(statement: SQL, tx: Tx): string {
  const { dialect } = tx as unknown as { dialect: PgDialect }
  const { sql: text, params } = dialect.sqlToQuery(statement)
  return `${text} ${JSON.stringify(params)}`
}
