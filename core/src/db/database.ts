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

/** The address with settings of the session, besides those that it has itself. Business dates: `current_date` is the day in `TimeZone`. */
export function withSettings(url: string, settings: Readonly<Record<string, string | number>>): string {
  const address = new URL(url)
  const all = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  address.searchParams.set('options', [address.searchParams.get('options') ?? '', ...all].join(' ').trim())
  // a plus sign is no space to everybody
  address.search = address.search.replaceAll('+', '%20')
  return address.href
}

// the planner takes a page of 50 rows for one of all rows: it would compile the statement first, or make room to remember each row
const quick = { jit: 'off', enable_memoize: 'off' }

/** Opens a pool on `url` (`postgres://…`). Connections are made when needed. */
export function openDatabase(
  url: string,
  options: { readonly max?: number; readonly name?: string; readonly timeZone?: string } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: withSettings(url, { ...quick, ...(options.timeZone && { TimeZone: options.timeZone }) }),
    max: options.max ?? 10,
    application_name: options.name ?? 'coin',
    connectionTimeoutMillis: 10_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') => types.get(oid) ?? pg.types.getTypeParser(oid, format as 'text'),
    } as pg.CustomTypesConfig,
  })
  // an idle connection that the server closes is replaced at the next query; without a listener it would end the process
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  return { url, pool, db: onPool(pool), close: () => pool.end() }
}

/** Drizzle on a pool, which gets its connection back also from a transaction that could not even begin, as when the server was restarted. */
function onPool(pool: pg.Pool): Tx {
  const db = drizzle(pool)
  const transaction: typeof db.transaction = async (work, config) => {
    const client = await pool.connect()
    try {
      return await drizzle(client).transaction(work, config)
    } finally {
      // one that has ended is not kept
      client.release()
    }
  }
  return Object.assign(db, { transaction }) as unknown as Tx
}
