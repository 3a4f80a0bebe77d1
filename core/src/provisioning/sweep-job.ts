import * as z from 'zod'
import type { Coin } from '../coin.ts'
import { jobTransaction, type Task } from '../jobs/task.ts'
import { sweepTask } from './ask.ts'
import { runSweep } from './sweep.ts'

const payloadOf = z.object({ sweep: z.number() })

/** The job that sweeps. A worker that dies leaves it to another, which begins again. */
export const sweepJob = (coin: Coin): Task => ({
  app: 'provisioning',
  async run(payload, { log, signal, finish }) {
    const { sweep } = payloadOf.parse(payload)
    await runSweep(coin, sweep, { log, signal })
    await jobTransaction(coin, sweepTask, finish)
  },
})
