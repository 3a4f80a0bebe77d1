import { type SQL, sql } from 'drizzle-orm'
import type { Within } from '../app/scope.ts'

/** The ids of the members of a part: those in its groups, and those with a running or coming subscription of its offers. To stand after `IN`. */
export const membersWithin = ({ offers, groups }: Within): SQL => sql`(
  SELECT s.member_id FROM subscription s JOIN subscription_offer d ON d.subscription_id = s.id
    WHERE d.offer_id = ANY (${sql.param([...offers])}::bigint[]) AND (upper_inf(d.during) OR upper(d.during) > coin.today())
      AND (s.resigned_on IS NULL OR s.resigned_on >= coin.today())
  UNION SELECT g.member_id FROM group_member g WHERE g.group_id = ANY (${sql.param([...groups])}::bigint[]))`
