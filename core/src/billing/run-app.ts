import type { Views } from '../app/view.ts'
import { applyView, dropView, issueRunPage, resumeView, retryView, stopView } from './run-actions.tsx'
import { runFileView } from './run-file-view.ts'
import { runJobs } from './run-jobs.ts'
import { runListPage } from './run-list-page.tsx'
import { newRunPage } from './run-new-page.tsx'
import { runPage } from './run-page.tsx'
import { RunTodayCard, runsWaiting } from './run-today-card.tsx'
import { SubscriptionBillingCard } from './subscription-card.tsx'

const views = {
  runs: runListPage,
  new_run: newRunPage,
  run: runPage,
  run_lines: runFileView,
  apply_run: applyView,
  drop_run: dropView,
  stop_run: stopView,
  resume_run: resumeView,
  retry_run: retryView,
  issue_run: issueRunPage,
} satisfies Views

/** What the billing app does with runs. */
export const runApp = {
  views,
  jobs: runJobs,
  menu: [
    {
      label: 'Billing runs',
      view: 'runs',
      icon: 'player-play',
      audience: 'staff',
      section: 'money',
      order: 30,
      count: () => runsWaiting,
    },
  ],
  slots: { 'home.staff': RunTodayCard, 'subscription.money': SubscriptionBillingCard },
  permissions: { 'billing.run': 'Bill everybody: look at a run, apply and stop it' },
} as const
