import type { Coin } from '../coin.ts'
import type { Background } from './background.ts'
import { jobTransaction, type Task } from './task.ts'

/** The apps' jobs, each in a transaction of its own. */
export const appJobs = (coin: Coin): Background => ({
  tasks: Object.fromEntries(
    [...coin.registry.jobs].map(([name, { app, job }]): [string, Task] => [
      name,
      {
        app,
        run: (payload, { log, signal, finish }) =>
          jobTransaction(coin, name, async tx => {
            await job.run(job.payload.parse(payload), { log, signal, tx })
            await finish(tx)
          }),
      },
    ]),
  ),
})
