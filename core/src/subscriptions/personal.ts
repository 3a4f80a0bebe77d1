import { sql } from 'drizzle-orm'
import { dayOf, eraseBy, type PersonalData, rowsNaming, rowsOfSubscriptions } from '../app/personal-data.ts'

/** What a member subscribed to: what the bills stand on. */
export const subscribed: PersonalData = {
  name: 'subscriptions',
  label: 'Your subscriptions, with their prices and suspensions',
  purpose: 'To give you what you asked for, and to explain what was billed.',
  basis: 'contract',
  term: { years: 5, from: 'the end of the subscription', law: 'Code de commerce, art. L110-4' },
  rows: {
    subscription: rowsNaming('subscription'),
    subscription_offer: rowsOfSubscriptions('subscription_offer'),
    subscription_free_price: rowsOfSubscriptions('subscription_free_price'),
    subscription_discount: rowsOfSubscriptions('subscription_discount'),
    subscription_suspension: rowsOfSubscriptions('subscription_suspension'),
  },
  texts: { subscription: ['comments'], subscription_suspension: ['reason'] },
  erase: (tx, { id }) =>
    eraseBy(
      tx,
      sql`UPDATE subscription SET comments = '' WHERE member_id = ${id} AND comments <> ''`,
      sql`UPDATE subscription_suspension x SET reason = '' FROM subscription s WHERE s.id = x.subscription_id AND s.member_id = ${id} AND x.reason <> ''`,
    ),
  keptUntil: (tx, { id }) =>
    dayOf(
      tx,
      sql`SELECT max(until) FROM (SELECT (coalesce(resigned_on, coin.today()) + interval '5 years')::date AS until FROM subscription WHERE member_id = ${id}) s
        WHERE until >= coin.today()`,
    ),
}
