import { defineJob } from 'coin'
import { sql } from 'drizzle-orm'
import * as z from 'zod'

/** Every night at four, in the provider's time zone. */
export const checkMasts = defineJob({
  payload: z.strictObject({}),
  schedule: '0 4 * * *',
  async run(_payload, { tx, log }) {
    const { rowCount } = await tx.execute(sql`UPDATE radio_mast SET quiet = quiet + 1`)
    log.info(`${rowCount} masts did not answer`)
  },
})
