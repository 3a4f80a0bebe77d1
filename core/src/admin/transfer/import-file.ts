import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { type Actor, currentScope } from '../../app/scope.ts'
import type { Tx } from '../../db/database.ts'
import { CoinError, type FieldError, isCoinError } from '../../errors.ts'
import type { ImportOutcome } from './import-outcome.ts'

export type ImportState = 'checking' | 'checked' | 'applying' | 'applied' | 'failed' | 'dropped'

/** A file that somebody imports. */
export interface ImportFile {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly hash: string
  readonly state: ImportState
  readonly userId: string | null
  readonly locale: string
  readonly goodRows: boolean
  readonly moved: boolean
  readonly done: number
  readonly total: number
  readonly outcome: ImportOutcome | null
  /** Why the file could not be read. */
  readonly error: FieldError | null
  readonly size: number
}

/** A file to import. */
export interface NewImportFile {
  readonly kind: string
  readonly name: string
  readonly content: Buffer
}

/** The hash by which a file is known again. */
export const hashOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** Keeps a file of whoever asks, to be looked at. Returns its id. */
export async function keepImportFile(tx: Tx, { kind, name, content }: NewImportFile): Promise<number> {
  const { actor, locale } = currentScope()
  const { rows } = await tx.execute<{ id: number }>(sql`
    INSERT INTO import_file (kind, name, hash, content, user_id, actor, locale)
    VALUES (${kind}, ${name.slice(0, 200) || 'file'}, ${hashOf(content)}, ${content}, ${actor.userId ?? null}, ${JSON.stringify(writeActor(actor))}::jsonb, ${locale})
    RETURNING id`)
  return Number(rows[0]?.id)
}

/** A file by its id, of whoever asks: others’ are none of theirs. Throws `not_found`. */
export async function requireImportFile(tx: Tx, id: number): Promise<ImportFile> {
  const { actor } = currentScope()
  const found = await findImportFile(tx, id)
  if (!found || (actor.kind === 'user' && found.userId !== actor.userId))
    throw new CoinError('not_found', 'There is no such import.', { hint: 'It may be too old: send the file again.' })
  return found
}

/** A file by its id, whoever’s it is. */
export async function findImportFile(tx: Tx, id: number): Promise<ImportFile | undefined> {
  if (!Number.isSafeInteger(id)) return undefined
  const { rows } = await tx.execute<ImportFile & Record<string, unknown>>(sql`
    SELECT id, kind, name, hash, state, user_id AS "userId", locale, good_rows AS "goodRows", moved, done, total, outcome, error,
      coalesce(octet_length(content), 0) AS size
    FROM import_file WHERE id = ${id}`)
  return rows[0]
}

/** What is in a file, and who brought it. */
export async function readImportFile(tx: Tx, id: number): Promise<{ readonly content: Buffer; readonly actor: Actor }> {
  const { rows } = await tx.execute<{ content: Buffer | null; actor: WrittenActor }>(
    sql`SELECT content, actor FROM import_file WHERE id = ${id}`,
  )
  const [row] = rows
  if (!row?.content) throw new CoinError('refused', 'This file is not kept any more.', { hint: 'Send it again.' })
  return { content: row.content, actor: readActor(row.actor) }
}

/** Says what an import would do. */
export const markChecked = (tx: Tx, id: number, outcome: ImportOutcome, moved = false) =>
  tx.execute(sql`
    UPDATE import_file SET state = 'checked', outcome = ${JSON.stringify(outcome)}::jsonb, moved = ${moved}, done = 0 WHERE id = ${id} AND state IN ('checking', 'checked', 'applying')`)

/** Says that an import is asked for, by somebody with these rights, and has to be done by a job. */
export const markApplying = (tx: Tx, id: number, goodRows: boolean) =>
  tx.execute(sql`
    UPDATE import_file SET state = 'applying', good_rows = ${goodRows}, done = 0, actor = ${JSON.stringify(writeActor(currentScope().actor))}::jsonb
    WHERE id = ${id} AND state = 'checked'`)

/** Says that an import is done, and lets go of the file. Throws when it is not one to be done. */
export async function markApplied(tx: Tx, id: number, outcome: ImportOutcome): Promise<void> {
  const { rows } = await tx.execute(sql`
    UPDATE import_file SET state = 'applied', content = NULL, outcome = ${JSON.stringify({ ...outcome, sample: [] })}::jsonb, applied_at = now(), moved = false
    WHERE id = ${id} AND state IN ('checked', 'applying') RETURNING id`)
  if (rows.length === 0) throw new CoinError('refused', 'This import is in another state by now.', { hint: 'Look at it again.' })
}

/** Says why a file cannot be imported, and lets go of it. */
export async function markFailed(tx: Tx, id: number, error: unknown): Promise<void> {
  const said: FieldError = isCoinError(error)
    ? { field: '', message: error.message, values: error.values }
    : { field: '', message: 'Something unforeseen happened. Nothing was imported.' }
  await tx.execute(sql`UPDATE import_file SET state = 'failed', content = NULL, error = ${JSON.stringify(said)}::jsonb WHERE id = ${id}`)
}

/** Forgets a file that is not imported. */
export const dropImportFile = (tx: Tx, id: number) =>
  tx.execute(
    sql`UPDATE import_file SET state = 'dropped', content = NULL, outcome = NULL WHERE id = ${id} AND state IN ('checking', 'checked')`,
  )

/** Lets go of the files, and of what was found in them, that nobody has imported for a day. */
export async function dropOldFiles(tx: Tx): Promise<void> {
  await tx.execute(sql`
    UPDATE import_file SET state = 'dropped', content = NULL, outcome = NULL
    WHERE content IS NOT NULL AND created_at < now() - interval '1 day' AND state <> 'applying'`)
  await tx.execute(
    sql`UPDATE import_file SET outcome = outcome - 'problems' || '{"problems": []}' WHERE state = 'applied' AND applied_at < now() - interval '1 day'`,
  )
}

interface WrittenActor extends Omit<Actor, 'permissions' | 'limits'> {
  readonly permissions: readonly string[]
  readonly limits: readonly (readonly [string, { readonly offers: readonly number[]; readonly groups: readonly number[] }])[]
}

const writeActor = ({ permissions, limits, ...actor }: Actor): WrittenActor => ({
  ...actor,
  permissions: [...permissions],
  limits: [...(limits ?? [])],
})

const readActor = ({ permissions, limits, ...actor }: WrittenActor): Actor => ({
  ...actor,
  permissions: new Set(permissions),
  ...(limits.length > 0 && { limits: new Map(limits) }),
})
