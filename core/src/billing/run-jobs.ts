import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { isDue } from '../jobs/schedule.ts'
import { tellLive } from '../web/live.ts'
import { advanceRun, goOn, startRun } from './run.ts'

/** What works on runs when nobody waits for them. */
export const runJobs = {
  // one part per job and transaction: a worker that is killed leaves the part undone, and the next one does it
  run: defineJob({
    payload: z.object({ run: z.number(), lane: z.number() }),
    run: async ({ run, lane }, { tx }) => {
      if (await advanceRun(tx, run)) await goOn(tx, run, lane)
      await tellLive(tx, `run:${run}`)
    },
  }),
  run_due: defineJob({ payload: z.object({}), schedule: '* * * * *', run: (_, { tx }) => startDueRun(tx) }),
}

/** Begins the run of the schedule when its time has come since it was last looked at; however long that was, one run. */
export async function startDueRun(tx: Tx): Promise<void> {
  const { config, timeZone } = currentScope().registry
  const { schedule, issue } = config.billing
  const { rows } = await tx.execute<{ now: string; looked: string | null; today: string }>(sql`
    SELECT to_json(now()) #>> '{}' AS now, coin.today()::text AS today, to_json((SELECT looked_until FROM billing_schedule FOR UPDATE)) #>> '{}' AS looked`)
  const [row] = rows
  if (!row) return
  await tx.execute(
    sql`INSERT INTO billing_schedule (looked_until) VALUES (now()) ON CONFLICT (only_one) DO UPDATE SET looked_until = excluded.looked_until`,
  )
  if (schedule === false || row.looked === null || !isDue(schedule, timeZone, new Date(row.looked), new Date(row.now))) return
  await startRun(tx, { date: row.today, issues: issue })
}
