import { scopeIfAny } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { addJobs } from './add-jobs.ts'

export interface EnqueueOptions {
  /** Of several jobs of this name that wait with the same key, one runs, with the last payload. */
  readonly key?: string
  /** Jobs of one queue run one after the other. Few queues: a name of a target, not of a row. */
  readonly queue?: string
  /** Not before. */
  readonly runAt?: Date
}

/**
 * Has the job `<app>:<job>` run once `tx` has committed; rolled back with it. The payload carries ids, never secrets. A key whose
 * job runs at this moment gets one more run.
 */
export async function enqueue(tx: Tx, name: string, payload: object, options: EnqueueOptions = {}): Promise<void> {
  const known = scopeIfAny()?.registry.jobs
  if (known && !known.has(name))
    throw new Error(`enqueue('${name}'): there is no such job. A job is named <app>:<job>; there are: ${[...known.keys()].join(', ')}`)
  const { key, queue, runAt } = options
  await addJobs(tx, [{ task: name, payload, queue, runAt, key: key === undefined ? undefined : `${name}:${key}` }])
}
