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

/** The state of a configuration on the network, for its page; undefined when no backend serves it. */
export async function networkState(configurationId: number): Promise<NetworkState | undefined> {
  const { rows } = await currentScope().db.execute<NetworkState & Record<string, unknown>>(sql`
    SELECT s.state, s.since, min(t.down_since) FILTER (WHERE s.due_at IS NOT NULL) OVER () AS "downSince"
    FROM provisioning_state s LEFT JOIN provisioning_target t USING (backend) WHERE s.configuration_id = ${configurationId}
    ORDER BY array_position(ARRAY['failed', 'drifted', 'pending', 'not_verifiable', 'in_sync'], s.state), s.since LIMIT 1`)
  return rows[0]
}
