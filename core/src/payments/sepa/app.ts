import { sql } from 'drizzle-orm'
import type { MenuItem } from '../../app/menu.ts'
import { currentScope, mayEverywhere } from '../../app/scope.ts'
import { payAllView, payView } from '../pay-page.tsx'
import { batchFileView, batchView, cancelView, executeView, sentView } from './batch-page.tsx'
import { debitsToLookAt } from './batch-queries.ts'
import { sepaCommands } from './commands.ts'
import { sepaConstraints } from './constraints.ts'
import { debitsView } from './debits-page.tsx'
import { sepaJobs } from './jobs.ts'
import { mandateResource } from './mandate-resource.tsx'
import { endMandateView, ownMandateView } from './mandate-views.tsx'
import { newBatchView } from './new-batch-page.tsx'
import { reportView } from './report-view.tsx'
import { doneView, returnView } from './return-page.tsx'

const views = {
  pay: payView,
  payAll: payAllView,
  ownMandate: ownMandateView,
  directDebits: debitsView,
  newBatch: newBatchView,
  debitReport: reportView,
  debitBatch: batchView,
  debitFile: batchFileView,
  debitSent: sentView,
  debitExecute: executeView,
  debitCancel: cancelView,
  debitReturn: returnView,
  debitDone: doneView,
  endMandate: endMandateView,
}

const menu: readonly MenuItem<keyof typeof views>[] = [
  {
    label: 'Direct debits',
    view: 'directDebits',
    icon: 'credit-card',
    audience: 'staff',
    section: 'money',
    order: 50,
    count: () =>
      mayEverywhere(currentScope().actor, 'direct_debit.manage')
        ? sql`SELECT e.returns + e.late FROM (${debitsToLookAt}) AS e`
        : sql`SELECT 0`,
  },
]

/** Direct debits and how members pay: what they contribute to the app of payments. */
export const sepaApp = {
  resources: [mandateResource],
  views,
  menu,
  jobs: sepaJobs,
  commands: sepaCommands,
  permissions: { 'direct_debit.manage': 'Collect by direct debit, see whole IBANs, and record returns' },
  constraints: sepaConstraints,
} as const
