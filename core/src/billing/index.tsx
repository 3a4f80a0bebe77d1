import { defineApp } from '../app/app.ts'
import { invoiceApp } from './invoice-app.ts'
import { bills, workedOut } from './personal.ts'
import { runApp } from './run-app.ts'
import { strategies } from './strategies/index.ts'

const views = { ...invoiceApp.views, ...runApp.views }

export default defineApp(
  { name: 'billing', verboseName: 'Billing', root: import.meta.url },
  {
    ...invoiceApp,
    views,
    billingStrategies: strategies,
    exportedUrls: [['', views]],
    menu: runApp.menu,
    slots: runApp.slots,
    jobs: { ...runApp.jobs, ...invoiceApp.jobs },
    personalData: [bills, workedOut],
    permissions: { ...invoiceApp.permissions, ...runApp.permissions },
  },
)
