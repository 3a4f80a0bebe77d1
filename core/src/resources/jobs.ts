import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { enqueue } from '../jobs/enqueue.ts'

/** Configurations asked for at a time. */
const most = 1000

/**
 * Ended subscriptions give their addresses back, the day after their last one; they rest before somebody else gets them. Each
 * configuration in a transaction of its own: an app that objects holds up no other.
 */
export const releaseJobs = {
  release_ended: defineJob({
    payload: z.object({}),
    schedule: '* * * * *',
    async run(_payload, { tx }) {
      const { rows } = await tx.execute<{ id: number }>(sql`
        SELECT c.id FROM subscription s JOIN configuration c ON c.subscription_id = s.id
        WHERE s.resigned_on < current_date AND EXISTS (SELECT FROM ip_subnet n WHERE n.configuration_id = c.id) ORDER BY c.id LIMIT ${most}`)
      for (const { id } of rows) await enqueue(tx, 'resources:release', { configuration: Number(id) }, { key: String(id) })
    },
  }),
  release: defineJob({
    payload: z.object({ configuration: z.number() }),
    async run({ configuration }, { tx }) {
      // looked at again: the last day may have been moved since
      await tx.execute(sql`
        DELETE FROM ip_subnet n USING configuration c JOIN subscription s ON s.id = c.subscription_id
        WHERE n.configuration_id = c.id AND c.id = ${configuration} AND s.resigned_on < current_date`)
    },
  }),
}
