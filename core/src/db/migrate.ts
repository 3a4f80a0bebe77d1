import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { CoinError } from '../errors.ts'

/** An app's numbered SQL files. */
export interface MigrationSource {
  readonly app: string
  readonly folder: string
}
export interface Migration {
  readonly app: string
  readonly name: string
  readonly sql: string
  readonly hash: string
}

/** Any number that nobody else uses: one migration at a time in a database. */
const migrationLock = 0x636f696e

/** Reads the migrations of the apps, in the order of the apps and then of their names. A missing folder is an app without tables. */
export function readMigrations(sources: readonly MigrationSource[]): Migration[] {
  return sources.flatMap(({ app, folder }) =>
    filesOf(folder).map(file => {
      const sql = readFileSync(path.join(folder, file), 'utf8')
      return { app, name: file.slice(0, -4), sql, hash: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(file => file.endsWith('.sql'))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Those not yet applied. Throws `boot` when an applied file has changed since. */
export async function pendingMigrations(client: pg.ClientBase | pg.Pool, migrations: readonly Migration[]): Promise<Migration[]> {
  const ledger = await client.query<{ exists: boolean }>(`SELECT to_regclass('coin.migration') IS NOT NULL AS exists`)
  if (!ledger.rows[0]?.exists) return [...migrations]
  const applied = await client.query<{ app: string; name: string; hash: string }>('SELECT app, name, hash FROM coin.migration')
  const hashes = new Map(applied.rows.map(row => [`${row.app}/${row.name}`, row.hash]))
  const changed = migrations.filter(({ app, name, hash }) => hashes.has(`${app}/${name}`) && hashes.get(`${app}/${name}`) !== hash)
  if (changed.length > 0) {
    throw new CoinError('boot', 'A migration that was applied has changed since: {{names}}.', {
      values: { names: changed.map(({ app, name }) => `${app}/${name}`).join(', ') },
      hint: 'Restore the file and write the change as a new migration.',
    })
  }
  return migrations.filter(({ app, name }) => !hashes.has(`${app}/${name}`))
}

/**
 * Applies what is missing, whatever its date, each file in a transaction of its own, under one lock, so that several
 * processes may start at once. `afterwards` runs under the same lock in a last transaction. Returns what was applied.
 */
export async function migrate(
  client: pg.ClientBase,
  migrations: readonly Migration[],
  afterwards?: (client: pg.ClientBase) => Promise<void>,
): Promise<Migration[]> {
  await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
  try {
    // a role named coin would otherwise create the tables in the schema of its name
    await client.query('SET search_path = public')
    await client.query(`CREATE SCHEMA IF NOT EXISTS coin;
      CREATE TABLE IF NOT EXISTS coin.migration (app text, name text, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), made jsonb NOT NULL DEFAULT '[]', PRIMARY KEY (app, name))`)
    const pending = await pendingMigrations(client, migrations)
    for (const migration of pending) await apply(client, migration)
    if (afterwards) await inTransaction(client, () => afterwards(client))
    return pending
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [migrationLock])
  }
}

async function apply(client: pg.ClientBase, { app, name, sql, hash }: Migration) {
  try {
    await inTransaction(client, async () => {
      const before = new Set((await objectsIn(client)).map(({ name: object }) => object))
      await client.query(sql)
      const made = (await objectsIn(client)).filter(({ name: object }) => !before.has(object))
      await client.query('INSERT INTO coin.migration (app, name, hash, made) VALUES ($1, $2, $3, $4)', [
        app,
        name,
        hash,
        JSON.stringify(made),
      ])
    })
  } catch (error) {
    throw new CoinError('boot', 'Migration {{name}} failed: {{reason}}', {
      app,
      values: { name: `${app}/${name}`, reason: error instanceof Error ? error.message : String(error) },
      cause: error,
    })
  }
}

/** A table, view or function that a migration made: what is dropped when its app is purged. */
export interface MadeObject {
  readonly kind: 'table' | 'view' | 'function'
  /** Quoted, with its schema; of a function with its arguments. */
  readonly name: string
}

async function objectsIn(client: pg.ClientBase): Promise<MadeObject[]> {
  const { rows } = await client.query<MadeObject>(`
    SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' ELSE 'view' END AS kind, format('%I.%I', nspname, relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm') AND nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'graphile_worker')
    UNION ALL
    SELECT 'function', format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'graphile_worker')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`)
  return rows
}

async function inTransaction(client: pg.ClientBase, work: () => Promise<void>) {
  await client.query('BEGIN')
  try {
    await work()
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
