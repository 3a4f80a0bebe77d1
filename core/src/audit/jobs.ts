import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { chainBatch, keepCheck, verifyAudit } from './chain.ts'

const nothing = z.object({})

export const auditJobs = {
  chain: defineJob({
    payload: nothing,
    schedule: '* * * * *',
    run: async (_, { tx, signal }) => {
      // what is left after so many is for the next minute
      for (let round = 0; round < 50 && !signal.aborted; round++) if ((await chainBatch(tx)) === 0) return
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
