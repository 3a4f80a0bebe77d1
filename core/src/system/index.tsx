import * as z from 'zod'
import { defineApp } from '../app/app.ts'
import { defineJob } from '../app/job.ts'
import { clockJobs } from './clock-jobs.ts'
import { deliverMails } from './deliver-mail.ts'
import { mailPage, retryMailsView } from './mail-page.tsx'
import { mailsPage } from './mails-page.tsx'
import { mails } from './personal.ts'

const views = { mails: mailsPage, mail: mailPage, retry_mails: retryMailsView }

export default defineApp(
  { name: 'system', verboseName: 'System', root: import.meta.url },
  {
    views,
    exportedUrls: [['', views]],
    menu: [{ label: 'Mails', view: 'mails', icon: 'mail', audience: 'staff', section: 'people', order: 90 }],
    personalData: [mails],
    permissions: { 'mail.view': 'See which mails were sent', 'mail.send': 'Have mails that failed tried again' },
    constraints: {
      file_hash: { message: 'The hash of a file is not that of its content.' },
      file_media_type: { message: 'The type of a file is like application/pdf.' },
      mail_about: { message: 'What a mail is about has a kind and an id.' },
      mail_attachment_file: { message: 'A file that is attached is not stored, or is still attached to a mail.' },
      mail_language_form: { message: 'Give a language code of two letters, such as fr.' },
      mail_openpgp_key_public: { message: 'A mail is encrypted to a public key, never to a private one.' },
    },
    jobs: {
      ...clockJobs,
      // asked for with each mail; each minute for those that failed
      deliver_mail: defineJob({
        payload: z.object({}),
        schedule: '* * * * *',
        run: async (_, { tx, log }) => {
          const { sent, failed } = await deliverMails(tx)
          if (failed > 0) log.warn(`${failed} mails could not be sent`)
          if (sent > 0) log.info(`${sent} mails sent`)
        },
      }),
    },
  },
)
