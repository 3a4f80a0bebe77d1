import { defineApp } from '../app/app.ts'
import { bankApp } from './bank/app.ts'
import { constraints } from './constraints.ts'
import { paymentResource } from './payment-resource.tsx'
import { paymentViews } from './payment-views.ts'
import { mandates, paid, payerRules } from './personal.ts'
import { sepaApp } from './sepa/app.ts'
import { slots } from './slots.tsx'

const views = { ...paymentViews, ...bankApp.views, ...sepaApp.views }

export default defineApp(
  { name: 'payments', verboseName: 'Payments', root: import.meta.url },
  {
    resources: [paymentResource, ...bankApp.resources, ...sepaApp.resources],
    views,
    exportedUrls: [['', views]],
    menu: [...bankApp.menu, ...sepaApp.menu],
    slots,
    jobs: sepaApp.jobs,
    commands: { ...bankApp.commands, ...sepaApp.commands },
    personalData: [paid, payerRules, mandates],
    permissions: { ...bankApp.permissions, ...sepaApp.permissions },
    constraints: { ...constraints, ...bankApp.constraints, ...sepaApp.constraints },
  },
)
