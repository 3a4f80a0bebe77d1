import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { chainBatch, keepCheck, verifyAudit } from './chain.ts'

const nothing = z.object({})

export const auditJobs = {
  chain: defineJob({
    payload: nothing,
    schedule: '* * * * *',
    // one batch: a second one would not come first in the transaction. What is left is for the next minute
    run: async (_, { tx }) => {
      await chainBatch(tx)
    },
  }),
  verify: defineJob({
    payload: nothing,
    schedule: '41 2 * * *',
    run: async (_, { tx, log }) => {
      const found = await verifyAudit(tx)
      await keepCheck(tx, found)
      if (found.problems.length > 0) log.warn(`the audit log is broken: ${found.problems.length} problems; run coin audit verify`)
    },
  }),
}
