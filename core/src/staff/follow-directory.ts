import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { t } from '../app/i18n.ts'
import { defineJob } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { explain } from '../db/errors.ts'
import { isCoinError } from '../errors.ts'
import { rolesInDirectory } from './directory.ts'
import { type Followed, followAll } from './rules.ts'

/** The roles that came from the directory. */
const source = 'directory'

/** Reads the directory whose groups give roles: all of it every ten minutes, and whoever has just signed in. */
export const followDirectory = defineJob({
  payload: z.object({ userId: z.string().optional() }),
  schedule: '*/10 * * * *',
  async run({ userId }, { tx, log }) {
    const failure = await readDirectory(tx, userId)
    if (failure !== undefined) log.warn(failure)
  },
})

/**
 * Gives and takes the roles that the directory says; of one account, or of all. When it does not answer, or the change is refused, nothing
 * changes and the reason is kept for the pages of staff, and is the answer.
 */
export async function readDirectory(tx: Tx, userId?: string): Promise<string | undefined> {
  const { directory } = currentScope().registry.config.accounts
  if (!directory) return forget(tx)
  try {
    const people = await accountsFor(tx, userId)
    const given = await rolesInDirectory(directory, userId === undefined ? undefined : (people[0]?.email ?? ''))
    const followed = people.map(({ id, email }): Followed => ({ userId: id, names: given.get(email) ?? [] }))
    // a savepoint: what is refused leaves the transaction usable to say so
    const { unknown } = await tx.transaction(inner => followAll(inner as unknown as Tx, source, followed))
    await keep(tx, directory.url, undefined, unknown)
    return unknown.length > 0 ? `No role is called ${unknown.join(', ')}` : undefined
  } catch (thrown) {
    const error = explain(thrown, currentScope().registry.constraints)
    if (!isCoinError(error)) throw error
    const reason = [t(error.message, error.values), error.hint ? t(error.hint, error.values) : ''].filter(Boolean).join(' ')
    await keep(tx, directory.url, reason, [])
    return reason
  }
}

/** Without a directory in the settings, what it gave is taken: by hand is all there is. */
async function forget(tx: Tx): Promise<undefined> {
  await tx.execute(sql`DELETE FROM user_role WHERE source = ${source}`)
  await tx.execute(sql`DELETE FROM staff_directory`)
}

async function accountsFor(tx: Tx, userId: string | undefined): Promise<readonly { readonly id: string; readonly email: string }[]> {
  const { rows } = await tx.execute<{ id: string; email: string }>(
    sql`SELECT id, lower(email) AS email FROM auth."user" WHERE ${userId ?? null}::text IS NULL OR id = ${userId ?? null}`,
  )
  return rows
}

async function keep(tx: Tx, url: string, error: string | undefined, unknown: readonly string[]): Promise<void> {
  await tx.execute(sql`
    INSERT INTO staff_directory AS d (id, url, read_at, error, unknown)
    VALUES (1, ${url}, ${error === undefined ? sql`now()` : sql`NULL`}, ${error ?? null}, ${sql.param([...unknown])}::text[])
    ON CONFLICT (id) DO UPDATE SET url = excluded.url, tried_at = now(), read_at = coalesce(excluded.read_at, d.read_at), error = excluded.error, unknown = excluded.unknown`)
}

/** How the last reading went. */
export interface DirectoryState extends Record<string, unknown> {
  readonly url: string
  readonly readAt: string | null
  readonly error: string | null
  readonly unknown: readonly string[]
}

/** How the last reading of the directory went; undefined when there was none. */
export async function directoryState(tx: Tx): Promise<DirectoryState | undefined> {
  const { rows } = await tx.execute<DirectoryState>(
    sql`SELECT url, to_jsonb(read_at) #>> '{}' AS "readAt", error, unknown FROM staff_directory`,
  )
  return rows[0]
}
