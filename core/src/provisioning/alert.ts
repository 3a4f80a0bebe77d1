import { sql } from 'drizzle-orm'
import { t } from '../app/i18n.ts'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import { sendMail } from '../system/mail.ts'
import { alertText, recoveryText, type Trouble } from './alert-text.ts'

/**
 * Tells by mail what has failed for longer than the deployment bears and was not told yet: one mail per person and run, in the provider's
 * language; and once, when all of it is well again. What was told is kept in the same transaction, and goes to the apps as `provisioning`.
 */
export async function tellTrouble(tx: Tx, registry: Registry): Promise<void> {
  const names = registry.backends.map(({ backend }) => backend.name)
  await tx.execute(sql`UPDATE provisioning_target SET told_at = NULL WHERE told_at IS NOT NULL AND down_since IS NULL`)
  const troubles = await untold(tx, registry, names)
  if (troubles.length > 0) {
    await tx.execute(sql`INSERT INTO provisioning_alert DEFAULT VALUES ON CONFLICT DO NOTHING`)
    return send(tx, registry, t('{{provider}}: something fails on the network', { provider: registry.providerName }), alertText(troubles))
  }
  const since = await overSince(tx, names)
  if (since === undefined) return
  await send(tx, registry, t('{{provider}}: all is well on the network again', { provider: registry.providerName }), recoveryText(since))
}

/** What is to be told now, by backend; marked as told. */
async function untold(tx: Tx, registry: Registry, names: readonly string[]): Promise<Trouble[]> {
  const limit = sql`now() - ${registry.config.provisioning.alertAfter} * interval '1 minute'`
  const installed = sql`ANY (${sql.param(names)}::text[])`
  const { rows: targets } = await tx.execute<{ backend: string; down: string; error: string | null }>(sql`
    UPDATE provisioning_target SET told_at = now() WHERE told_at IS NULL AND down_since <= ${limit} AND backend = ${installed}
    RETURNING backend, to_json(down_since) #>> '{}' AS down, error`)
  // rows that are being written at this moment are told next time: nobody waits for a mail
  const { rows: states } = await tx.execute<{
    backend: string
    count: number
    since: string
    reasons: { error: string; count: number }[]
  }>(sql`
    WITH late AS (
      SELECT s.configuration_id, s.backend FROM provisioning_state s LEFT JOIN provisioning_target d ON d.backend = s.backend
      WHERE s.told_at IS NULL AND s.state IN ('failed', 'pending') AND s.since <= ${limit} AND s.backend = ${installed}
        AND (s.state = 'failed' OR d.down_since <= ${limit})
      ORDER BY s.configuration_id, s.backend FOR UPDATE OF s SKIP LOCKED),
    told AS (
      UPDATE provisioning_state s SET told_at = now() FROM late WHERE s.configuration_id = late.configuration_id AND s.backend = late.backend
      RETURNING s.backend, s.since, CASE WHEN s.state = 'failed' THEN coalesce(s.error, '') ELSE '' END AS error),
    reason AS (SELECT backend, error, count(*)::int AS count, min(since) AS since, row_number() OVER (PARTITION BY backend ORDER BY count(*) DESC, error) AS place FROM told GROUP BY backend, error)
    SELECT backend, sum(count)::int AS count, to_json(min(since)) #>> '{}' AS since,
      coalesce(jsonb_agg(jsonb_build_object('error', error, 'count', count) ORDER BY place) FILTER (WHERE place <= 3 AND error <> ''), '[]') AS reasons
    FROM reason GROUP BY backend`)
  return registry.backends.flatMap(({ backend: { name, label } }) => {
    const [target, state] = [targets.find(({ backend }) => backend === name), states.find(({ backend }) => backend === name)]
    if (!target && !state) return []
    return [
      {
        backend: name,
        label,
        ...(target && { down: { since: target.down, error: target.error ?? '' } }),
        ...(state && { failing: { count: state.count, since: state.since, reasons: state.reasons } }),
      },
    ]
  })
}

/** Since when people know of what is over now; undefined while some of it lasts, or when they were told of nothing. */
async function overSince(tx: Tx, names: readonly string[]): Promise<string | undefined> {
  const installed = sql`ANY (${sql.param(names)}::text[])`
  const { rows } = await tx.execute<{ since: string }>(sql`
    DELETE FROM provisioning_alert WHERE NOT EXISTS (SELECT FROM provisioning_state WHERE told_at IS NOT NULL AND backend = ${installed})
      AND NOT EXISTS (SELECT FROM provisioning_target WHERE told_at IS NOT NULL AND backend = ${installed})
    RETURNING to_json(since) #>> '{}' AS since`)
  return rows[0]?.since
}

async function send(tx: Tx, registry: Registry, subject: string, text: string): Promise<void> {
  for (const to of await recipients(tx, registry)) await sendMail(tx, { to, subject, text })
}

async function recipients(tx: Tx, { config }: Registry): Promise<readonly string[]> {
  if (config.provisioning.alertTo) return config.provisioning.alertTo
  const { rows } = await tx.execute<{ email: string }>(sql`
    SELECT u.email FROM auth."user" u WHERE u.disabled_at IS NULL
      AND EXISTS (SELECT FROM user_role g JOIN role r ON r.id = g.role_id WHERE g.user_id = u.id AND '*' = ANY (r.permissions)) ORDER BY u.email`)
  return rows.map(({ email }) => email)
}
