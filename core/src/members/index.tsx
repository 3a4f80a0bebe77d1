import * as z from 'zod'
import { defineApp } from '../app/app.ts'
import { defineJob } from '../app/job.ts'
import { memberConstraints } from './constraints.ts'
import { identity } from './personal.ts'
import { memberResource } from './resource.tsx'
import { endMemberships } from './rules.ts'
import { memberViews } from './views.ts'

export default defineApp(
  { name: 'members', verboseName: 'Members', root: import.meta.url },
  {
    resources: [memberResource],
    personalData: [identity],
    views: memberViews,
    constraints: memberConstraints,
    jobs: {
      endMemberships: defineJob({
        payload: z.object({}),
        schedule: '*/10 * * * *',
        run: async (_, { tx, log }) => {
          const ended = await endMemberships(tx)
          if (ended > 0) log.info(`${ended} memberships ended`)
        },
      }),
    },
  },
)
