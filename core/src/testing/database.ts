import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** A cluster for this run; the database named in it is a migrated template. */
    readonly coinTemplate: string
  }
}

export interface TestDatabase {
  readonly url: string
  readonly pool: pg.Pool
  /** Drops the database, ending whoever is still connected. */
  close(): Promise<void>
}

/** The same URL with another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.toString()
}

/** A fresh database on the run's own PostgreSQL: migrated, unless `empty`. Any number at once. */
export async function testDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const template = inject('coinTemplate')
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = withDatabase(template, 'postgres')
  const source = options.empty ? 'template0' : new URL(template).pathname.slice(1)
  await once(admin, `CREATE DATABASE ${name} TEMPLATE ${source}`)
  const url = withDatabase(template, name)
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  pool.on('error', () => {})
  return {
    url,
    pool,
    async close() {
      await pool.end()
      await once(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function once(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
