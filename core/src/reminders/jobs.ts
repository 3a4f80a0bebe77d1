import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { defineJob } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import type { Tx } from '../db/database.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { isDue } from '../jobs/schedule.ts'
import { debtors, everybody } from './due.ts'
import { sendDue } from './send.ts'
import { liftPaid } from './suspensions.ts'

/** So many in one transaction, which holds their members. */
const batch = 500

export const jobs = {
  look: defineJob({ payload: z.object({}), schedule: '* * * * *', run: (_, { tx }) => startDue(tx) }),
  lift_paid: defineJob({
    payload: z.object({}),
    schedule: '* * * * *',
    async run(_payload, { tx, log }) {
      const lifted = await liftPaid(tx)
      if (lifted > 0) log.info(`${lifted} suspensions end: what they were for is paid`)
    },
  }),
  send_due: defineJob({
    payload: z.object({}),
    async run(_payload, { tx, log }) {
      const due = (await debtors(tx, everybody)).filter(({ spared }) => spared === null).map(({ memberId }) => memberId)
      const sent = await sendDue(tx, due.slice(0, batch))
      if (sent.length > 0) log.info(`${sent.length} members are reminded`)
      if (due.length > batch) await enqueue(tx, 'reminders:send_due', {}, { key: 'send' })
    },
  }),
}

/** Has reminders sent when the time of the schedule has come since it was last looked at; however long that was, once. */
export async function startDue(tx: Tx): Promise<void> {
  const { config, timeZone } = currentScope().registry
  const { schedule } = config.reminders
  const { rows } = await tx.execute<{ now: string; looked: string | null }>(sql`
    SELECT to_json(now()) #>> '{}' AS now, to_json((SELECT looked_until FROM reminder_schedule FOR UPDATE)) #>> '{}' AS looked`)
  const [row] = rows
  if (!row) return
  await tx.execute(
    sql`INSERT INTO reminder_schedule (looked_until) VALUES (now()) ON CONFLICT (only_one) DO UPDATE SET looked_until = excluded.looked_until`,
  )
  if (schedule === false || row.looked === null || !isDue(schedule, timeZone, new Date(row.looked), new Date(row.now))) return
  await enqueue(tx, 'reminders:send_due', {}, { key: 'send' })
}
