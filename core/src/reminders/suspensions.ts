import { type SQL, sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'

export interface ProposedSuspension {
  readonly id: number
  readonly memberId: number
  readonly member: string
  readonly subscriptionId: number
  readonly reference: string
  /** When the reminder went out that proposes it. */
  readonly sentOn: string
  /** The invoices that are still open. */
  readonly invoices: readonly { readonly id: number; readonly number: string; readonly due: string; readonly currency: string }[]
}

/** What waits for a person, the oldest first. One statement. */
export async function proposedSuspensions(db: Tx, memberId?: number): Promise<readonly ProposedSuspension[]> {
  const { rows } = await db.execute<ProposedSuspension & Record<string, unknown>>(sql`
    SELECT w.id, m.id AS "memberId", m.display_name AS member, s.id AS "subscriptionId", s.reference, r.sent_on AS "sentOn",
      coalesce((SELECT jsonb_agg(jsonb_build_object('id', i.id, 'number', i.number, 'due', (i.total - i.allocated)::text, 'currency', i.currency) ORDER BY i.due_on, i.id)
        FROM reminder_invoice x JOIN invoice i ON i.id = x.invoice_id WHERE x.reminder_id = r.id AND i.allocated <> i.total), '[]') AS invoices
    FROM reminder_suspension w JOIN reminder r ON r.id = w.reminder_id JOIN subscription s ON s.id = w.subscription_id JOIN member m ON m.id = s.member_id
    WHERE w.state = 'proposed' AND (${memberId ?? null}::bigint IS NULL OR m.id = ${memberId ?? null}) ORDER BY w.id LIMIT 200`)
  return rows
}

/** How many wait for a person. */
export async function countProposed(db: Tx): Promise<number> {
  const { rows } = await db.execute<{ count: number }>(sql`SELECT count(*)::int AS count FROM reminder_suspension WHERE state = 'proposed'`)
  return rows[0]?.count ?? 0
}

export const proposeSuspensions = (tx: Tx, wanted: readonly { readonly reminder: number; readonly subscription: number }[]) =>
  tx.execute(sql`
    INSERT INTO reminder_suspension (reminder_id, subscription_id, state) SELECT reminder, subscription, 'proposed'
    FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS w (reminder bigint, subscription bigint) ON CONFLICT DO NOTHING`)

/**
 * Suspends what is proposed, from today until further notice, or until a suspension that is planned already. `which` speaks of `w`, the proposal.
 * Subscriptions that are suspended by now stay as they are. Returns how many were suspended.
 */
export async function suspendProposed(tx: Tx, which: SQL): Promise<number> {
  const { rows } = await tx.execute<{ id: number }>(sql`
    WITH wanted AS (
      SELECT w.id, w.subscription_id FROM reminder_suspension w JOIN subscription s ON s.id = w.subscription_id WHERE w.state = 'proposed' AND ${which} FOR UPDATE OF w, s),
    made AS (
      INSERT INTO subscription_suspension (subscription_id, during, reason)
      SELECT subscription_id, daterange(coin.today(), (SELECT min(lower(p.during)) FROM subscription_suspension p
        WHERE p.subscription_id = w.subscription_id AND lower(p.during) > coin.today())), ${t('Unpaid invoices, after a reminder')}
      FROM wanted w WHERE NOT EXISTS (SELECT FROM subscription_suspension p WHERE p.subscription_id = w.subscription_id AND p.during @> coin.today())
      RETURNING id, subscription_id)
    UPDATE reminder_suspension u SET state = CASE WHEN made.id IS NULL THEN 'ended' ELSE 'made' END, suspension_id = made.id, decided_by = ${currentScope().actor.label}
    FROM wanted LEFT JOIN made USING (subscription_id) WHERE u.id = wanted.id RETURNING made.id`)
  return rows.filter(({ id }) => id !== null).length
}

/** A person leaves the subscription as it is; it is not proposed again for the same invoices. */
export const declineProposed = (tx: Tx, id: number) =>
  tx.execute(
    sql`UPDATE reminder_suspension SET state = 'declined', decided_by = ${currentScope().actor.label} WHERE id = ${id} AND state = 'proposed'`,
  )

/**
 * Ends what reminders suspended or proposed, as soon as every invoice they were about is paid or in dispute; what somebody else suspended
 * stays. Looks at the suspensions that are open, not at the invoices. Returns how many subscriptions are on again.
 */
export async function liftPaid(tx: Tx): Promise<number> {
  const { liftWhenPaid } = currentScope().registry.config.reminders
  const { rows } = await tx.execute<{ id: number; suspension: number | null }>(sql`
    SELECT w.id, w.suspension_id AS suspension FROM reminder_suspension w
    WHERE (w.state = 'proposed' OR (w.state = 'made' AND ${liftWhenPaid}))
      AND NOT EXISTS (SELECT FROM reminder_invoice x JOIN invoice i ON i.id = x.invoice_id
        WHERE x.reminder_id = w.reminder_id AND i.allocated <> i.total AND i.disputed_on IS NULL)
    ORDER BY w.id FOR UPDATE OF w SKIP LOCKED`)
  if (rows.length === 0) return 0
  const suspensions = sql.param(rows.flatMap(({ suspension }) => suspension ?? []))
  await tx.execute(sql`UPDATE reminder_suspension SET state = 'ended' WHERE id = ANY (${sql.param(rows.map(({ id }) => id))}::bigint[])`)
  const { rowCount: removed } = await tx.execute(
    sql`DELETE FROM subscription_suspension WHERE id = ANY (${suspensions}::bigint[]) AND lower(during) >= coin.today()`,
  )
  const { rowCount: ended } = await tx.execute(sql`
    UPDATE subscription_suspension SET during = daterange(lower(during), coin.today())
    WHERE id = ANY (${suspensions}::bigint[]) AND lower(during) < coin.today() AND (upper_inf(during) OR upper(during) > coin.today())`)
  return (removed ?? 0) + (ended ?? 0)
}
