import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import { endRests, removeExpired } from './cleanup.ts'
import { tellWhatHasCome } from './clock.ts'

const nothing = z.object({})

/** Time passing is a change too. */
export const clockJobs = {
  clock: defineJob({
    payload: nothing,
    schedule: '* * * * *',
    run: async (_payload, { tx }) => void (await tellWhatHasCome(tx, currentScope().registry.config.provider.timeZone)),
  }),
  end_rests: defineJob({ payload: nothing, schedule: '* * * * *', run: (_payload, { tx }) => endRests(tx) }),
  remove_expired: defineJob({
    payload: nothing,
    schedule: '17 4 * * *',
    run: (_payload, { tx }) => removeExpired(tx, currentScope().registry.config.provider.addressHistoryMonths),
  }),
}
