import { sql } from 'drizzle-orm'
import type { BackgroundPart } from '../jobs/background.ts'
import { channel, sweepTask } from './ask.ts'
import { configurationChanged } from './changed.ts'
import { handler, selectConcerned, selectUntold } from './concerned.ts'
import { drive } from './driver.ts'
import { markStatement, servedByNone, servedRows, typesTold } from './mark.ts'
import { sweepJob } from './sweep-job.ts'

/** Every change that concerns a configuration reaches its app and its backends. */
export const provisioning: BackgroundPart = coin => {
  const types = typesTold(coin.registry)
  const served = servedRows(coin.registry)
  return {
    consumers: [
      {
        select: moved => selectUntold(moved, types),
        handlers: { [handler]: configurationChanged(coin) },
        mark: {
          channel,
          statement: moved => markStatement(served ?? servedByNone, sql`SELECT id FROM (${selectConcerned(moved, types)}) AS c`),
        },
      },
    ],
    ...(served && { tasks: { [sweepTask]: sweepJob(coin) }, services: [drive(coin)] }),
  }
}
