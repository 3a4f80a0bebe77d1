import { sql } from 'drizzle-orm'

/** What is true of a subscription today, in one word. */
export const stateSql = sql`CASE
  WHEN subscription.started_on > current_date THEN 'future'
  WHEN subscription.resigned_on < current_date THEN 'ended'
  WHEN EXISTS (SELECT FROM subscription_suspension p WHERE p.subscription_id = subscription.id AND p.during @> current_date) THEN 'suspended'
  ELSE 'active' END`
