import { type SQL, sql } from 'drizzle-orm'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'

/** States, the worst first. */
export const stateNames = ['failed', 'drifted', 'pending', 'not_verifiable', 'in_sync'] as const
export type NetworkStateName = (typeof stateNames)[number]

/** A moment as ISO 8601. */
export const iso = (moment: SQL): SQL => sql`to_json(${moment}) #>> '{}'`

/** One backend, with all that is known of it. */
export interface BackendSummary {
  readonly backend: string
  readonly label: string
  /** False when no installed app brings it: its states are all that is left. */
  readonly installed: boolean
  readonly counts: Readonly<Record<NetworkStateName, number>>
  readonly total: number
  /** Since when the longest waiting one waits; null when none does. */
  readonly oldestPending: string | null
  readonly orphans: number
  readonly target: TargetSummary | null
  /** The last one that was asked for. */
  readonly sweep: SweepRow | null
}
export interface TargetSummary {
  /** Null while it answers. */
  readonly down_since: string | null
  readonly error: string | null
  readonly attempts: number
  readonly probe_at: string | null
  readonly answered_at: string | null
}
export interface SweepRow {
  readonly id: number
  readonly backend: string
  readonly heal: 'all' | 'configurations' | 'none'
  readonly confirmed: boolean
  readonly asked_by: string
  readonly asked_at: string
  readonly started_at: string | null
  readonly ended_at: string | null
  readonly status: 'waiting' | 'running' | 'done' | 'asks' | 'failed'
  readonly total: number
  readonly compared: number
  readonly listed: number
  readonly in_sync: number
  readonly changing: number
  readonly differing: number
  readonly missing: number
  readonly unwanted: number
  readonly orphaned: number
  readonly healed: number
  readonly message: string | null
}

interface Found extends Record<string, unknown> {
  readonly backend: string
  readonly counts: Partial<Record<NetworkStateName, number>> | null
  readonly pending: string | null
  readonly orphans: number
  readonly target: TargetSummary | null
  readonly sweep: SweepRow | null
}

/** Every backend that is installed or has left something, in one statement; those that need a person first. */
export async function backendSummaries(tx: Tx, registry: Registry): Promise<BackendSummary[]> {
  const installed = new Map(registry.backends.map(({ backend }) => [backend.name, backend.label]))
  const { rows } = await tx.execute<Found>(sql`
    WITH counted AS (
      SELECT backend, jsonb_object_agg(state, count) AS counts, max(pending) AS pending
      FROM (SELECT backend, state, count(*)::int AS count, CASE state WHEN 'pending' THEN min(since) END AS pending FROM provisioning_state GROUP BY backend, state) AS s GROUP BY backend),
    known AS (SELECT unnest(${sql.param([...installed.keys()])}::text[]) AS backend UNION SELECT backend FROM counted UNION SELECT backend FROM provisioning_orphan)
    SELECT backend, c.counts, ${iso(sql`c.pending`)} AS pending, (SELECT count(*)::int FROM provisioning_orphan o WHERE o.backend = k.backend) AS orphans,
      (SELECT to_jsonb(d) FROM provisioning_target d WHERE d.backend = k.backend) AS target,
      (SELECT to_jsonb(w) FROM provisioning_sweep w WHERE w.backend = k.backend ORDER BY id DESC LIMIT 1) AS sweep
    FROM known k LEFT JOIN counted c USING (backend) ORDER BY backend`)
  const all = rows.map(({ backend, counts, pending, orphans, target, sweep }): BackendSummary => {
    const full = Object.fromEntries(stateNames.map(state => [state, counts?.[state] ?? 0])) as Record<NetworkStateName, number>
    const total = stateNames.reduce((sum, state) => sum + full[state], 0)
    const label = installed.get(backend)
    return {
      backend,
      label: label ?? backend,
      installed: label !== undefined,
      counts: full,
      total,
      oldestPending: pending,
      orphans,
      target,
      sweep,
    }
  })
  return all.sort((a, b) => urgency(b) - urgency(a) || a.label.localeCompare(b.label))
}

/** Whether a target answered when it was last asked; undefined when it never was. */
export function answers({ counts, target, sweep }: BackendSummary): boolean | undefined {
  if (target?.down_since) return false
  const wasRead = counts.in_sync + counts.drifted + counts.failed > 0 || sweep?.status === 'done' || sweep?.status === 'asks'
  return wasRead || target?.answered_at ? true : undefined
}

/** How much a backend needs a person: above zero when it does. */
export const urgency = ({ counts, target, sweep, orphans }: BackendSummary): number =>
  (target?.down_since ? 1000 : 0) +
  (counts.failed > 0 ? 100 : 0) +
  (sweep?.status === 'asks' ? 10 : 0) +
  (counts.drifted > 0 || orphans > 0 ? 1 : 0)

/** How many things on the network need a person: backends that fail, differ or ask, and changes that an app did not accept. */
export function needAPerson(registry: Registry): SQL {
  const names = registry.backends.map(({ backend }) => backend.name)
  return sql`
    SELECT (SELECT count(*) FROM unnest(${sql.param(names)}::text[]) AS b (backend)
        WHERE EXISTS (SELECT FROM provisioning_state s WHERE s.backend = b.backend AND s.state = 'failed')
          OR EXISTS (SELECT FROM provisioning_state s WHERE s.backend = b.backend AND s.state = 'drifted')
          OR EXISTS (SELECT FROM provisioning_target d WHERE d.backend = b.backend AND d.down_since IS NOT NULL)
          OR EXISTS (SELECT FROM provisioning_orphan o WHERE o.backend = b.backend)
          OR (SELECT status FROM provisioning_sweep w WHERE w.backend = b.backend ORDER BY id DESC LIMIT 1) = 'asks')::int
      + (SELECT count(*) FROM provisioning_refusal)::int`
}

/** The last sweeps of a backend, the newest first. */
export async function sweepsOf(tx: Tx, backend: string, limit = 20): Promise<SweepRow[]> {
  const { rows } = await tx.execute<{ row: SweepRow }>(sql`
    SELECT to_jsonb(w) AS row FROM provisioning_sweep w WHERE backend = ${backend} ORDER BY id DESC LIMIT ${limit}`)
  return rows.map(({ row }) => row)
}

export interface RefusedChange extends Record<string, unknown> {
  readonly configuration_id: number
  readonly subscription_id: number
  readonly reference: string
  readonly message: string
  readonly hint: string
  readonly since: string
}

/** Changes made outside of Coin that an app did not accept, the oldest first. */
export async function refusedChanges(tx: Tx, limit = 50): Promise<RefusedChange[]> {
  const { rows } = await tx.execute<RefusedChange>(sql`
    SELECT r.configuration_id, s.id AS subscription_id, s.reference, r.message, r.hint, ${iso(sql`r.since`)} AS since
    FROM provisioning_refusal r JOIN configuration c ON c.id = r.configuration_id JOIN subscription s ON s.id = c.subscription_id
    ORDER BY r.since, r.configuration_id LIMIT ${limit}`)
  return rows
}
