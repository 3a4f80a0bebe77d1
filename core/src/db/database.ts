import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'

/** A database connection in a transaction, as apps get it: Drizzle on node-postgres. */
export type Tx = NodePgDatabase<Record<string, never>>

export interface Database {
  readonly url: string
  readonly pool: pg.Pool
  /** For reading, outside of a transaction. */
  readonly db: Tx
  close(): Promise<void>
}

// bigint ids fit in a double; dates stay as they are written, a business date has no time zone
const types = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.DATE, text => text],
])

// Drizzle's own queries ask the driver's common parsers and not those of the pool
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** Opens a pool on `url` (`postgres://…`). Connections are made when needed. */
export function openDatabase(
  url: string,
  options: { readonly max?: number; readonly name?: string; readonly timeZone?: string } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.name ?? 'coin',
    connectionTimeoutMillis: 10_000,
    // business dates: current_date is the provider's day
    ...(options.timeZone && { options: `-c TimeZone=${options.timeZone}` }),
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') => types.get(oid) ?? pg.types.getTypeParser(oid, format as 'text'),
    } as pg.CustomTypesConfig,
  })
  // an idle connection that the server closes is replaced at the next query; without a listener it would end the process
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  return { url, pool, db: drizzle(pool) as unknown as Tx, close: () => pool.end() }
}
