import { sql } from 'drizzle-orm'
import { type Actor, mayEverywhere } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'
import { CoinError } from '../errors.ts'

/** A list under a name: what is searched, filtered, sorted and shown. */
export interface SavedView {
  readonly id: number
  readonly version: number
  readonly name: string
  /** As in the address bar. */
  readonly query: string
  readonly shared: boolean
  readonly own: boolean
}

/** How somebody wants a list. */
export interface ListPreference {
  readonly views: readonly SavedView[]
  /** The columns to show, unless the address says. */
  readonly columns: readonly string[] | undefined
  /** The view that the list opens with. */
  readonly opensWith: number | undefined
}

/** What is asked for when a view is saved. */
export interface ViewInput {
  readonly name: string
  readonly query: string
  readonly shared: boolean
}

/** Whether somebody may save views for all staff, and change those. */
export const mayShare = (actor: Actor): boolean => mayEverywhere(actor, 'saved_view.share')

/** Whether somebody may change or remove a view. */
export const mayEdit = (view: SavedView, actor: Actor): boolean => (view.shared ? mayShare(actor) : view.own)

/** The saved views of a list that somebody sees, and how they want it. One statement; none for a job or a command. */
export async function preferenceOf(tx: Tx, list: string, { userId }: Actor): Promise<ListPreference> {
  if (userId === undefined) return { views: [], columns: undefined, opensWith: undefined }
  const { rows } = await executePrepared<{ views: SavedView[] | null; columns: string[] | null; opensWith: number | null }>(
    tx,
    sql`
    SELECT (SELECT jsonb_agg(jsonb_build_object('id', v.id, 'version', v.version, 'name', v.name, 'query', v.query, 'shared', v.shared,
        'own', v.user_id = ${userId}) ORDER BY lower(v.name), v.id)
        FROM saved_view v WHERE v.list = ${list} AND (v.shared OR v.user_id = ${userId})) AS views,
      p.columns, p.view_id AS "opensWith"
    FROM (SELECT) AS one LEFT JOIN list_preference p ON p.user_id = ${userId} AND p.list = ${list}`,
  )
  const found = rows[0]
  return { views: found?.views ?? [], columns: found?.columns ?? undefined, opensWith: found?.opensWith ?? undefined }
}

/** Saves a view and gives its id. */
export async function addView(tx: Tx, actor: Actor, list: string, { name, query, shared }: ViewInput): Promise<number> {
  requireShare(actor, shared)
  const { rows } = await tx.execute<{ id: number }>(
    sql`INSERT INTO saved_view (list, name, query, user_id, shared) VALUES (${list}, ${name.trim()}, ${query}, ${actor.userId}, ${shared}) RETURNING id`,
  )
  return Number(rows[0]?.id)
}

/** Renames a view, or has it show something else. */
export async function changeView(tx: Tx, actor: Actor, view: SavedView, { name, query, shared }: ViewInput): Promise<void> {
  requireShare(actor, shared || view.shared)
  const { rowCount } = await tx.execute(
    sql`UPDATE saved_view SET name = ${name.trim()}, query = ${query}, shared = ${shared} WHERE id = ${view.id} AND version = ${view.version}`,
  )
  if (rowCount === 0) throw changedMeanwhile()
}

/** Removes a view. */
export async function removeView(tx: Tx, view: SavedView): Promise<void> {
  const { rowCount } = await tx.execute(sql`DELETE FROM saved_view WHERE id = ${view.id} AND version = ${view.version}`)
  if (rowCount === 0) throw changedMeanwhile()
}

/** With what somebody's list opens: a saved view, or everything. */
export const openWith = (tx: Tx, actor: Actor, list: string, view: number | null): Promise<unknown> =>
  tx.execute(sql`INSERT INTO list_preference (user_id, list, view_id) VALUES (${actor.userId}, ${list}, ${view})
    ON CONFLICT (user_id, list) DO UPDATE SET view_id = excluded.view_id WHERE list_preference.view_id IS DISTINCT FROM excluded.view_id`)

/** The columns that somebody's list shows from now on; null for those of the declaration. */
export const rememberColumns = (tx: Tx, actor: Actor, list: string, columns: readonly string[] | null): Promise<unknown> =>
  tx.execute(sql`INSERT INTO list_preference (user_id, list, columns) VALUES (${actor.userId}, ${list}, ${sql.param(columns && [...columns])}::text[])
    ON CONFLICT (user_id, list) DO UPDATE SET columns = excluded.columns WHERE list_preference.columns IS DISTINCT FROM excluded.columns`)

function requireShare(actor: Actor, shared: boolean): void {
  if (shared && !mayShare(actor))
    throw new CoinError('forbidden', 'You may not save views for all staff.', { hint: 'Save it for yourself.' })
}

const changedMeanwhile = () =>
  new CoinError('conflict', 'Somebody has changed this view meanwhile.', { hint: 'Look at it again, then save it.' })
