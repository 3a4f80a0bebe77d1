import * as z from 'zod'
import { defineApp } from '../app/app.ts'
import { defineJob } from '../app/job.ts'
import { currentScope } from '../app/scope.ts'
import { chosenView, retryView, sweepView } from './actions.ts'
import { tellTrouble } from './alert.ts'
import { backendPage } from './backend-page.tsx'
import { comparePage } from './compare-page.tsx'
import { metricsView } from './metrics-view.ts'
import { NetworkCard } from './network-card.tsx'
import { orphansPage, removeView } from './orphans-page.tsx'
import { overview } from './overview.tsx'
import { needAPerson } from './overview-queries.ts'
import { standing } from './personal.ts'
import { confirmPage, sweepsPage } from './sweep-page.tsx'
import { askDueSweeps, reviveSweeps } from './sweep-schedule.ts'

const views = {
  overview,
  backend: backendPage,
  orphans: orphansPage,
  sweeps: sweepsPage,
  compare: comparePage,
  confirm: confirmPage,
  retry: retryView,
  chosen: chosenView,
  sweep: sweepView,
  remove: removeView,
  metrics: metricsView,
}

export default defineApp(
  { name: 'provisioning', verboseName: 'Provisioning', root: import.meta.url },
  {
    slots: { 'subscription.side': NetworkCard },
    views,
    exportedUrls: [['', views]],
    menu: [
      {
        label: 'On the network',
        view: 'overview',
        icon: 'server',
        audience: 'staff',
        section: 'network',
        order: 10,
        count: () => needAPerson(currentScope().registry),
      },
    ],
    personalData: [standing],
    permissions: {
      'provisioning.view': 'See the state of the network',
      'provisioning.retry': 'Try what failed again, and put right what differs',
      'provisioning.sweep': 'Compare a whole target with what should be there',
      'provisioning.remove': 'Remove from a target what nothing explains',
    },
    jobs: {
      alert: defineJob({ payload: z.object({}), schedule: '* * * * *', run: (_, { tx }) => tellTrouble(tx, currentScope().registry) }),
      sweep_due: defineJob({
        payload: z.object({}),
        schedule: '* * * * *',
        run: async (_, { tx }) => {
          await reviveSweeps(tx)
          await askDueSweeps(tx, currentScope().registry)
        },
      }),
    },
  },
)
