import { sql } from 'drizzle-orm'
import type { Whom } from '../app/personal-data.ts'
import type { Tx } from '../db/database.ts'
import { CoinError } from '../errors.ts'

/** A member with everything by which rows know them: mails do so by the addresses that they had. */
export async function whomOf(tx: Tx, memberId: number): Promise<Whom> {
  const { rows } = await tx.execute<{ userId: string | null; emails: readonly string[] }>(sql`
    SELECT m.user_id AS "userId", (SELECT coalesce(jsonb_agg(DISTINCT lower(e.email)), '[]') FROM (
      SELECT m.email UNION ALL SELECT u.email FROM auth."user" u WHERE u.id = m.user_id
      UNION ALL SELECT h.changes #>> '{email,0}' FROM coin.history h WHERE h.table_name = 'member' AND h.row_id = m.id
      UNION ALL SELECT h.changes #>> '{email,1}' FROM coin.history h WHERE h.table_name = 'member' AND h.row_id = m.id) e
      WHERE e.email <> ''
        -- an address that somebody else has by now is theirs
        AND NOT EXISTS (SELECT FROM member o WHERE o.id <> m.id AND lower(o.email) = lower(e.email))
        AND NOT EXISTS (SELECT FROM auth."user" o WHERE o.id IS DISTINCT FROM m.user_id AND o.email = lower(e.email))) AS emails
    FROM member m WHERE m.id = ${memberId}`)
  const found = rows[0]
  if (!found) throw new CoinError('not_found', 'This member does not exist.')
  return { id: memberId, userId: found.userId ?? undefined, emails: found.emails }
}
