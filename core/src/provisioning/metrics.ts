import { sql } from 'drizzle-orm'
import { Gauge, Registry as Prometheus } from 'prom-client'
import type { Registry } from '../app/registry.ts'
import type { Tx } from '../db/database.ts'
import { answers, backendSummaries, stateNames } from './overview-queries.ts'

const found = {
  in_sync: 'in_sync',
  differing: 'differing',
  missing: 'missing',
  unwanted: 'unwanted',
  orphaned: 'orphaned',
  healed: 'healed',
} as const

interface Queues extends Record<string, unknown> {
  readonly outbox: number
  readonly oldest: number
  readonly deliveries: number
  readonly jobs: number
  readonly due: number
  readonly failed: number
  readonly workers: number
  readonly mails: number
  readonly refusals: number
}

/**
 * What Prometheus reads, in its text format. Everything comes from the database at this moment, so that any process of a deployment says the
 * same; two statements, whatever there is.
 */
export async function metricsText(tx: Tx, registry: Registry, version: string): Promise<{ readonly text: string; readonly type: string }> {
  const book = new Prometheus()
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers: [book] })

  gauge('coin_build_info', 'Always 1; the version that runs.', ['version', 'node']).set({ version, node: process.versions.node }, 1)

  const states = gauge('coin_provisioning_states', 'Configurations by backend and state.', ['backend', 'state'])
  const pending = gauge('coin_provisioning_oldest_pending_seconds', 'How long the longest waiting change has waited; 0 when none waits.', [
    'backend',
  ])
  const up = gauge('coin_provisioning_target_up', 'Whether the target answered when it was last asked; absent before it was.', ['backend'])
  const orphans = gauge('coin_provisioning_orphans', 'Entries of the target that no configuration explains.', ['backend'])
  const sweptAt = gauge('coin_provisioning_last_sweep_timestamp_seconds', 'When the last comparison of the whole target ended.', [
    'backend',
  ])
  const asks = gauge('coin_provisioning_last_sweep_asks', 'Whether the last comparison waits for a person.', ['backend'])
  const sweptFound = gauge('coin_provisioning_last_sweep_found', 'What the last comparison found.', ['backend', 'kind'])
  for (const summary of await backendSummaries(tx, registry)) {
    const { backend, installed, counts, oldestPending, sweep, orphans: count } = summary
    if (!installed) continue
    for (const state of stateNames) states.set({ backend, state }, counts[state])
    pending.set({ backend }, oldestPending ? Math.max(0, (Date.now() - new Date(oldestPending).getTime()) / 1000) : 0)
    const answered = answers(summary)
    if (answered !== undefined) up.set({ backend }, answered ? 1 : 0)
    orphans.set({ backend }, count)
    if (!sweep) continue
    asks.set({ backend }, sweep.status === 'asks' ? 1 : 0)
    if (sweep.ended_at) sweptAt.set({ backend }, new Date(sweep.ended_at).getTime() / 1000)
    for (const kind of Object.values(found)) sweptFound.set({ backend, kind }, sweep[kind])
  }

  const queues = await readQueues(tx)
  gauge('coin_outbox_rows', 'Committed changes that nobody was told of yet.').set(queues.outbox)
  gauge('coin_outbox_oldest_seconds', 'Age of the oldest of them.').set(Math.max(0, queues.oldest))
  gauge('coin_delivery_rows', 'Changes on their way to those who are told of them.').set(queues.deliveries)
  gauge('coin_jobs', 'Jobs in the queue.').set(queues.jobs)
  gauge('coin_jobs_due', 'Jobs that could run now.').set(queues.due)
  gauge('coin_jobs_failed', 'Jobs that failed and are tried again.').set(queues.failed)
  gauge('coin_workers', 'Worker processes that are signed on.').set(queues.workers)
  gauge('coin_mails_failed', 'Mails that could not be sent and are tried again.').set(queues.mails)
  gauge('coin_refused_changes', 'Changes made outside of Coin that an app did not accept.').set(queues.refusals)
  return { text: await book.metrics(), type: book.contentType }
}

async function readQueues(tx: Tx): Promise<Queues> {
  const { rows } = await tx.execute<Queues>(sql`
    SELECT (SELECT count(*) FROM coin.outbox)::int AS outbox,
      coalesce((SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM coin.outbox), 0)::float8 AS oldest,
      (SELECT count(*) FROM coin.delivery)::int AS deliveries,
      (SELECT count(*) FROM graphile_worker._private_jobs)::int AS jobs,
      (SELECT count(*) FROM graphile_worker._private_jobs WHERE run_at <= now())::int AS due,
      (SELECT count(*) FROM graphile_worker._private_jobs WHERE last_error IS NOT NULL)::int AS failed,
      (SELECT count(*) FROM coin.worker)::int AS workers,
      (SELECT count(*) FROM coin.mail WHERE sent_at IS NULL AND error IS NOT NULL)::int AS mails,
      (SELECT count(*) FROM provisioning_refusal)::int AS refusals`)
  return rows[0] as Queues
}
