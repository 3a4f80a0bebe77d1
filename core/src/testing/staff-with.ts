import { sql } from 'drizzle-orm'
import type { TestClient, TestWeb } from './web.ts'

let count = 0

/** A browser of somebody who works for the provider and has just these permissions, for some offers and groups only where any are given. */
export async function staffWith(
  web: TestWeb,
  permissions: readonly string[],
  { offers = [], groups = [] }: { readonly offers?: readonly number[]; readonly groups?: readonly number[] } = {},
): Promise<TestClient> {
  const name = `role${++count}`
  const client = await web.signIn('member', `${name}@staff.example`)
  await web.coin.write(tx =>
    tx.execute(sql`
    WITH made AS (INSERT INTO role (name, permissions, offers, groups)
      VALUES (${name}, ${sql.param([...permissions])}::text[], ${sql.param([...offers])}::bigint[], ${sql.param([...groups])}::bigint[]) RETURNING id)
    INSERT INTO user_role (user_id, role_id) SELECT u.id, made.id FROM made, auth."user" u WHERE u.email = ${`${name}@staff.example`}`),
  )
  return client
}
