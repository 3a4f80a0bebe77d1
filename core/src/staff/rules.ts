import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'

/** The roles that a directory or a sign-in service says somebody has. */
export interface Followed {
  readonly userId: string
  /** Names of roles. */
  readonly names: readonly string[]
}

/** What following changed, and which names no role has: whoever calls reports these. */
export interface Following {
  readonly given: number
  readonly taken: number
  readonly unknown: readonly string[]
}

/**
 * Makes the roles that this user has from a source, such as `ldap`, exactly those of these names. Roles given by hand and those of
 * other sources stay. A name that no role has gives nothing, and is in the answer. Throws `last_administrator` when nobody would be left.
 */
export const followRoles = (tx: Tx, userId: string, source: string, names: readonly string[]): Promise<Following> =>
  followAll(tx, source, [{ userId, names }])

/** As `followRoles`, for many users at once; who is not named keeps what they have. */
export async function followAll(tx: Tx, source: string, followed: readonly Followed[]): Promise<Following> {
  const { rows } = await tx.execute<{ given: number; taken: number }>(sql`
    WITH users AS (SELECT * FROM jsonb_to_recordset(${JSON.stringify(followed)}::jsonb) AS u ("userId" text, names jsonb)),
      wanted AS (SELECT u."userId" AS user_id, r.id AS role_id FROM users u JOIN role r ON u.names ? r.name),
      taken AS (DELETE FROM user_role g USING users u WHERE g.user_id = u."userId" AND g.source = ${source}
        AND NOT EXISTS (SELECT FROM wanted w WHERE w.user_id = g.user_id AND w.role_id = g.role_id) RETURNING g.id),
      given AS (INSERT INTO user_role (user_id, role_id, source) SELECT user_id, role_id, ${source} FROM wanted ON CONFLICT DO NOTHING RETURNING id)
    SELECT (SELECT count(*)::int FROM given) AS given, (SELECT count(*)::int FROM taken) AS taken`)
  const names = [...new Set(followed.flatMap(user => user.names))]
  const known = new Set(await roleNames(tx))
  return { given: rows[0]?.given ?? 0, taken: rows[0]?.taken ?? 0, unknown: names.filter(name => !known.has(name)) }
}

/** The names of all roles, in order. */
export async function roleNames(tx: Tx): Promise<readonly string[]> {
  const { rows } = await tx.execute<{ name: string }>(sql`SELECT name FROM role ORDER BY name`)
  return rows.map(({ name }) => name)
}

/** Makes the roles that somebody was given by hand exactly these; what follows a directory stays as it is. */
export async function setRoles(tx: Tx, userId: string, roleIds: readonly number[]): Promise<void> {
  const wanted = sql`${sql.param([...roleIds])}::bigint[]`
  await requireUser(tx, userId)
  await tx.execute(sql`
    WITH taken AS (DELETE FROM user_role WHERE user_id = ${userId} AND source = 'hand' AND NOT role_id = ANY (${wanted}))
    INSERT INTO user_role (user_id, role_id) SELECT ${userId}, id FROM role WHERE id = ANY (${wanted}) ON CONFLICT DO NOTHING`)
}

/** Keeps somebody out from now on, ending their sessions, or lets them in again. */
export async function setDisabled(tx: Tx, userId: string, disabled: boolean): Promise<void> {
  await requireUser(tx, userId)
  await tx.execute(
    sql`UPDATE auth."user" SET disabled_at = ${disabled ? sql`coalesce(disabled_at, now())` : sql`NULL`}, updated_at = now() WHERE id = ${userId}`,
  )
}

async function requireUser(tx: Tx, userId: string): Promise<void> {
  const { rows } = await tx.execute(sql`SELECT FROM auth."user" WHERE id = ${userId} FOR NO KEY UPDATE`)
  if (rows.length === 0) throw new CoinError('not_found', 'There is no such account.')
}
