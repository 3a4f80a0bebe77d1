import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { RoleOfRoutes } from '../web/who-may.ts'

/** Every role with what it allows, in order of name. */
export async function allRoles(tx: Tx): Promise<readonly (RoleOfRoutes & { readonly id: number })[]> {
  const { rows } = await tx.execute<RoleOfRoutes & { readonly id: number } & Record<string, unknown>>(
    sql`SELECT id, name, permissions, to_jsonb(offers) AS offers, to_jsonb(groups) AS groups FROM role ORDER BY name, id`,
  )
  return rows
}

/** Somebody with an account, as the pages of staff show them. */
export interface Person extends Record<string, unknown> {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly language: string
  readonly createdAt: string
  readonly disabledAt: string | null
  readonly lastSeen: string | null
  readonly sessions: number
  readonly hasPassword: boolean
  readonly member: { readonly id: number; readonly name: string } | null
  readonly roles: readonly HeldByPerson[]
}
export interface HeldByPerson {
  readonly id: number
  readonly name: string
  readonly source: string
}

const person = sql`
  SELECT u.id, u.name, u.email, u.language, to_jsonb(u.created_at) #>> '{}' AS "createdAt", to_jsonb(u.disabled_at) #>> '{}' AS "disabledAt",
    (SELECT to_jsonb(max(s.updated_at)) #>> '{}' FROM auth.session s WHERE s.user_id = u.id) AS "lastSeen",
    (SELECT count(*)::int FROM auth.session s WHERE s.user_id = u.id AND s.expires_at > now()) AS sessions,
    EXISTS (SELECT FROM auth.account a WHERE a.user_id = u.id) AS "hasPassword",
    (SELECT jsonb_build_object('id', m.id, 'name', m.display_name) FROM member m WHERE m.user_id = u.id) AS member,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name, 'source', g.source) ORDER BY r.name, g.source), '[]')
      FROM user_role g JOIN role r ON r.id = g.role_id WHERE g.user_id = u.id) AS roles
  FROM auth."user" u`

/** Those who work for the provider: who has a role, and whose account is disabled. */
export async function staffPeople(tx: Tx): Promise<readonly Person[]> {
  const { rows } = await tx.execute<Person>(
    sql`${person} WHERE EXISTS (SELECT FROM user_role g WHERE g.user_id = u.id) OR u.disabled_at IS NOT NULL ORDER BY u.name, u.email`,
  )
  return rows
}

/** Somebody by the id of their account, or by their e-mail address. */
export async function personNamed(tx: Tx, idOrEmail: string): Promise<Person | undefined> {
  const { rows } = await tx.execute<Person>(sql`${person} WHERE u.id = ${idOrEmail} OR u.email = lower(${idOrEmail})`)
  return rows[0]
}

/** The same by the id of their account, whose roles nobody else changes by a form until `tx` ends. */
export async function lockedPerson(tx: Tx, id: string): Promise<Person | undefined> {
  await tx.execute(sql`SELECT FROM auth."user" WHERE id = ${id} FOR NO KEY UPDATE`)
  return personNamed(tx, id)
}
