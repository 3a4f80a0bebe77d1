import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'

interface Counter {
  statements: number
}
const storage = new AsyncLocalStorage<Counter>()
const counted = new WeakSet<object>()

/** Runs `work` and says how many statements it sent through a pool given to `countQueries`. */
export async function withQueryCount<R>(work: () => Promise<R>): Promise<{ result: R; statements: () => number }> {
  const counter = { statements: 0 }
  const result = await storage.run(counter, work)
  return { result, statements: () => counter.statements }
}

/** Makes the statements of this pool count for whoever waits for them. Doing it twice does nothing. */
export function countQueries(pool: pg.Pool): void {
  if (counted.has(pool)) return
  counted.add(pool)
  pool.on('acquire', client => countStatements(client))
  // the pool's own query() hands the statement to a connection in whatever context that became free in
  const plain = pool.query.bind(pool) as (...given: unknown[]) => unknown
  const query = (...given: unknown[]) => (typeof given.at(-1) === 'function' ? plain(...given) : onClient(pool, given))
  Object.assign(pool, { query })
}

async function onClient(pool: pg.Pool, given: unknown[]): Promise<unknown> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    return await (client.query as (...given: unknown[]) => Promise<unknown>)(...given)
  } catch (error) {
    failure = isConnectionLost(error) ? (error as Error) : undefined
    throw error
  } finally {
    client.release(failure)
  }
}

// an error that the server reports has a severity, and leaves the connection usable
const isConnectionLost = (error: unknown) => error instanceof Error && !('severity' in error)

function countStatements(client: pg.PoolClient): void {
  if (counted.has(client)) return
  counted.add(client)
  const plain = client.query.bind(client) as (...given: unknown[]) => unknown
  const query = (...given: unknown[]) => {
    const counter = storage.getStore()
    if (counter) counter.statements++
    return plain(...given)
  }
  Object.assign(client, { query })
}
