import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import { sendDueCalls } from './calls.ts'

/** Calls for the fee go out by day; whatever was missed is made up for by the next time, with one mail. */
export const jobs = {
  call_for_fees: defineJob({
    payload: z.object({}),
    schedule: '12 8-19 * * *',
    async run(_payload, { tx, log }) {
      if (!currentScope().registry.config.fees.calls) return
      const called = await sendDueCalls(tx)
      if (called.length > 0) log.info(`${called.length} members are called for the fee`)
    },
  }),
}
