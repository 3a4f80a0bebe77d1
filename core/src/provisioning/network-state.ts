import { sql } from 'drizzle-orm'
import { currentScope } from '../app/scope.ts'

/** How the network stands with one configuration. */
export interface NetworkState {
  /** The worst of its backends. */
  readonly state: 'in_sync' | 'pending' | 'drifted' | 'failed' | 'not_verifiable'
  /** Since when it is so. */
  readonly since: Date
  /** Since when a target that has to hear of it does not answer; null when all do. */
  readonly downSince: Date | null
}

/**
 * The state of a configuration on the network, for its page; undefined when no backend serves it. A change that has only just been
 * committed counts as pending, also when no worker runs that would take it up.
 */
export async function networkState(configurationId: number): Promise<NetworkState | undefined> {
  const { db, registry } = currentScope()
  // one that is not installed any more may have left a state, which nobody works on
  const installed = registry.backends.map(({ backend }) => backend.name)
  const { rows } = await db.execute<NetworkState & Record<string, unknown>>(sql`
    SELECT n.state, n.since, n."downSince" FROM (
      SELECT CASE WHEN s.state = 'in_sync' AND o.at IS NOT NULL THEN 'pending' ELSE s.state END AS state,
        CASE WHEN s.state = 'in_sync' AND o.at IS NOT NULL THEN o.at ELSE s.since END AS since,
        min(t.down_since) FILTER (WHERE s.due_at IS NOT NULL OR o.at IS NOT NULL) OVER () AS "downSince"
      FROM provisioning_state s LEFT JOIN provisioning_target t USING (backend)
        CROSS JOIN (SELECT min(at) AS at FROM coin.outbox WHERE configuration_id = ${configurationId}) AS o
      WHERE s.configuration_id = ${configurationId} AND s.backend = ANY (${sql.param(installed)}::text[])) AS n
    ORDER BY array_position(ARRAY['failed', 'drifted', 'pending', 'not_verifiable', 'in_sync'], n.state), n.since LIMIT 1`)
  return rows[0]
}
