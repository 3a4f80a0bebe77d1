import { type SQL, sql } from 'drizzle-orm'
import type { Within } from '../app/scope.ts'

/**
 * The ids of the subscriptions of a part: those whose offer is, will be or was at their end one of its offers, and those of the members of its
 * groups. To stand after `IN`.
 */
export const subscriptionsWithin = ({ offers, groups }: Within): SQL => sql`(
  SELECT d.subscription_id FROM subscription_offer d
    WHERE d.offer_id = ANY (${sql.param([...offers])}::bigint[]) AND (upper_inf(d.during) OR upper(d.during) > coin.today())
  UNION SELECT s.id FROM subscription s JOIN group_member g ON g.member_id = s.member_id
    WHERE g.group_id = ANY (${sql.param([...groups])}::bigint[]))`

/** Whether an offer, by a column that holds its id, is one of a part's. */
export const offerWithin = (column: SQL, { offers }: Within): SQL => sql`${column} = ANY (${sql.param([...offers])}::bigint[])`
