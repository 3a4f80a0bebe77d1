import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { SetAside } from './set-aside.ts'

/** How far a subscription is billed, and why its member is set aside. */
export interface SubscriptionBilling extends Record<string, unknown> {
  /** The first day that is not billed. */
  readonly settledUntil: string | null
  readonly nextOn: string | null
  readonly recheck: boolean
  /** By the last run that looked at the member and has not billed them since. */
  readonly aside: { readonly runId: number; readonly error: SetAside | null } | null
}

export async function billingOf(db: Tx, subscriptionId: number): Promise<SubscriptionBilling | undefined> {
  const { rows } = await db.execute<SubscriptionBilling>(sql`
    SELECT b.settled_until::text AS "settledUntil", b.next_on::text AS "nextOn", b.recheck,
      (SELECT jsonb_build_object('runId', m.run_id, 'error', m.error) FROM (SELECT id FROM billing_run WHERE state <> 'dropped' ORDER BY id DESC LIMIT 12) r
        JOIN billing_run_member m ON m.run_id = r.id AND m.member_id = b.member_id WHERE m.state = 'failed' ORDER BY r.id DESC LIMIT 1) AS aside
    FROM billing_state b WHERE b.subscription_id = ${subscriptionId}`)
  return rows[0]
}

/** A line that billed a subscription. */
export interface BilledPeriod extends Record<string, unknown> {
  readonly invoiceId: number
  readonly number: string | null
  readonly description: string
  readonly first: string
  readonly end: string
  readonly net: string
  readonly currency: string
}

/** What was billed of a subscription, the last first. */
export async function lastPeriods(db: Tx, subscriptionId: number, atMost = 5): Promise<readonly BilledPeriod[]> {
  const { rows } = await db.execute<BilledPeriod>(sql`
    SELECT i.id AS "invoiceId", i.number, l.description, lower(l.period)::text AS first, upper(l.period)::text AS end, l.net, i.currency
    FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
    WHERE l.subscription_id = ${subscriptionId} AND l.charge_id IS NOT NULL ORDER BY l.id DESC LIMIT ${atMost}`)
  return rows
}
