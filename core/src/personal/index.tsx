import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { defineApp } from '../app/app.ts'
import { defineJob } from '../app/job.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { data } from './data-page.tsx'
import { decide } from './decide-page.tsx'
import { confirmEmailView, email } from './email-page.tsx'
import { erasure } from './erasure-page.tsx'
import { memberCopy, memberErasure, slots } from './member-data.tsx'
import { asked } from './personal.ts'
import { eraseWhatRanOut, most } from './run-out.ts'
import { erasureList, register } from './staff-list.tsx'

const views = {
  data,
  erasure,
  email,
  confirmEmail: confirmEmailView,
  erasures: erasureList,
  decide,
  register,
  memberCopy,
  memberErasure,
}

export default defineApp(
  { name: 'personal', verboseName: 'Personal data', root: import.meta.url },
  {
    views,
    exportedUrls: [['', views]],
    slots,
    personalData: [asked],
    menu: [
      { label: 'My data', view: 'data', icon: 'download', audience: 'member', order: 210 },
      {
        label: 'Requests for erasure',
        view: 'erasures',
        icon: 'user-off',
        audience: 'staff',
        section: 'people',
        order: 95,
        count: () => sql`SELECT count(*) FROM erasure_request WHERE state = 'asked'`,
      },
      { label: 'Register of personal data', view: 'register', icon: 'list-check', audience: 'staff', section: 'settings', order: 300 },
    ],
    permissions: {
      'personal.view': 'See what is held about members, why and for how long',
      'personal.export': 'Download everything that is held about a member',
      'personal.erase': 'Decide on requests for erasure',
    },
    jobs: {
      // what was kept for a term, when it has come
      run_out: defineJob({
        payload: z.object({}),
        schedule: '20 3 * * *',
        async run(_payload, { tx, log }) {
          const done = await eraseWhatRanOut(tx)
          for (const { name, members, erased } of done) log.info(`${name}: ${erased} rows of ${members} forgotten members erased`)
          if (done.some(({ members }) => members >= most)) await enqueue(tx, 'personal:run_out', {})
        },
      }),
    },
    constraints: {
      erasure_request_member: { message: 'This member does not exist.' },
      erasure_request_open: { message: 'This member has asked already.' },
      erasure_request_state: { message: 'A request is asked for, withdrawn, refused or done.' },
      erasure_request_decided: { message: 'A request that was decided says when.' },
      erasure_request_refused: { field: 'reason', message: 'Say why: the member is told.' },
      email_change_form: { field: 'email', message: 'Give an e-mail address such as name@example.org.' },
    },
  },
)
