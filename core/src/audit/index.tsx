import { defineApp } from '../app/app.ts'
import { currentScope, mayEverywhere } from '../app/scope.ts'
import { auditJobs } from './jobs.ts'
import { entryPage, logPage } from './log-page.tsx'
import { BrokenChain } from './standing.tsx'
import { verifyView } from './verify-view.ts'

const views = { log: logPage, entry: entryPage, verify: verifyView }

export default defineApp(
  { name: 'audit', verboseName: 'Audit log', root: import.meta.url },
  {
    views,
    exportedUrls: [['', views]],
    menu: [{ label: 'Audit log', view: 'log', icon: 'history', audience: 'staff', section: 'settings', order: 800 }],
    permissions: { 'audit.view': 'See everything that was done, and by whom' },
    jobs: auditJobs,
    slots: { 'home.staff': async () => (mayEverywhere(currentScope().actor, 'audit.view') ? await BrokenChain() : undefined) },
    constraints: { audit_stays: { message: 'The history of changes cannot be changed or removed.' } },
  },
)
