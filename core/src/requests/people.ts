import { sql } from 'drizzle-orm'
import type { Choice } from '../app/resource.ts'
import type { Tx } from '../db/database.ts'

const may = sql`(r.permissions && ARRAY['*', 'request.change'])`

/** The people who may answer requests, by name: some of them only those of some offers or groups. */
export async function answeringPeople(tx: Tx): Promise<readonly Choice[]> {
  const { rows } = await tx.execute<{ id: string; name: string }>(sql`
    SELECT u.id, u.name FROM auth."user" u WHERE u.disabled_at IS NULL
      AND EXISTS (SELECT FROM user_role g JOIN role r ON r.id = g.role_id WHERE g.user_id = u.id AND ${may}) ORDER BY u.name, u.id`)
  return rows.map(({ id, name }) => ({ value: id, label: name }))
}

/** The addresses of those who may answer all of them. */
export async function answeringAddresses(tx: Tx): Promise<readonly string[]> {
  const { rows } = await tx.execute<{ email: string }>(sql`
    SELECT u.email FROM auth."user" u WHERE u.disabled_at IS NULL AND EXISTS (SELECT FROM user_role g JOIN role r ON r.id = g.role_id
      WHERE g.user_id = u.id AND ${may} AND r.offers = '{}' AND r.groups = '{}') ORDER BY u.email`)
  return rows.map(({ email }) => email)
}
