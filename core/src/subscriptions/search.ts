import { type SQL, sql } from 'drizzle-orm'
import { memberMatches } from '../members/queries.ts'

/**
 * The ids of the subscriptions that a term finds, by reference, member or address: a set from each of three indexes, because one
 * condition with OR over three tables would read all of them.
 */
export const subscriptionsMatching = (term: string): SQL => sql`(
  SELECT s.id FROM subscription s WHERE coin.fold(s.reference) LIKE '%' || coin.fold(${term}) || '%'
  UNION ALL SELECT s.id FROM member JOIN subscription s ON s.member_id = member.id WHERE ${memberMatches(term)}
  UNION ALL SELECT c.subscription_id FROM ip_subnet n JOIN configuration c ON c.id = n.configuration_id WHERE n.prefix >>= coin.try_inet(${term}))`
