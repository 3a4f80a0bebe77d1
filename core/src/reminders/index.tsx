import { sql } from 'drizzle-orm'
import { defineApp } from '../app/app.ts'
import { commands } from './commands.ts'
import { constraints } from './constraints.ts'
import { handPage } from './hand-page.tsx'
import { jobs } from './jobs.ts'
import { pauseView, resumeView } from './pause-card.tsx'
import { reminded } from './personal.ts'
import { previewPage } from './preview-page.tsx'
import { declineView, sendView, suspendView } from './send-views.ts'
import { slots } from './slots.tsx'

const views = {
  preview: previewPage,
  send: sendView,
  hand: handPage,
  pause: pauseView,
  resume: resumeView,
  suspend: suspendView,
  decline: declineView,
}

export default defineApp(
  { name: 'reminders', verboseName: 'Reminders', root: import.meta.url },
  {
    views,
    exportedUrls: [['', views]],
    menu: [
      {
        label: 'Reminders',
        view: 'preview',
        icon: 'bell',
        audience: 'staff',
        section: 'money',
        order: 60,
        count: () => sql`SELECT count(*) FROM reminder_suspension WHERE state = 'proposed'`,
      },
    ],
    permissions: { 'reminder.send': 'Send reminders, pause them, and suspend for what is not paid' },
    personalData: [reminded],
    slots,
    jobs,
    commands,
    constraints,
  },
)
