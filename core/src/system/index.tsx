import * as z from 'zod'
import { defineApp } from '../app/app.ts'
import { defineJob } from '../app/job.ts'
import { clockJobs } from './clock-jobs.ts'
import { deliverMails } from './deliver-mail.ts'

export default defineApp(
  { name: 'system', verboseName: 'System', root: import.meta.url },
  {
    jobs: {
      ...clockJobs,
      // asked for with each mail; each minute for those that failed
      deliver_mail: defineJob({
        payload: z.object({}),
        schedule: '* * * * *',
        run: async (_, { tx, log }) => {
          const { sent, failed } = await deliverMails(tx)
          if (failed > 0) log.warn(`${failed} mails could not be sent; they are tried again`)
          if (sent > 0) log.info(`${sent} mails sent`)
        },
      }),
    },
  },
)
